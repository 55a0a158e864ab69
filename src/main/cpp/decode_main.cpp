// caravel-decode: decodes one picture in a process of its own, which can be killed and has little to break.
//
//   caravel-decode LOADERS MEMORY_MB CPU_SECONDS FILE PAGE
//
// Written to standard output: "WIDTH HEIGHT ORIENTATION EXIF_ORIENTATION\n" of the stored picture, and after the answer
// "WIDTH HEIGHT ORIENTATION TOLERANT\n" on standard input (upright size, 0 or 1 for tolerant):
// "WIDTH HEIGHT BANDS BLANK\n" and the pixels. Exit status 0; 2: the picture cannot be decoded, the reason on
// standard error; 3: wrong arguments or no cage; 4: not enough memory.
//
// The cage: no more memory or CPU time than given, no new process, no program, no socket, no signal to others, no
// change to any file, no new privilege; it can read the picture and the system's libraries (where the kernel has no
// Landlock: what its user can), and has no way to tell anybody but by the pixels.
// Ends with the thread that started it.
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <new>
#include <stdexcept>

#include "cage.h"
#include "caravel_vips.h"

namespace {

const int NO_MEMORY = 4;
const long LIBRARIES_MB = 512;
const size_t STACK = 2 << 20;

// `beyond`: how much more the hard limit is. At the soft one a process hears why it ends.
void limit(int what, rlim_t most, rlim_t beyond = 0) {
  rlimit both{most, most + beyond};
  if (setrlimit(what, &both) != 0) throw std::runtime_error("no limit");
}

void cage(long memory_mb, long cpu_seconds, const char* picture) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK);  // nobody reads along: words beyond a pipe's length are dropped
  limit(RLIMIT_DATA, static_cast<rlim_t>(memory_mb) << 20);
  limit(RLIMIT_AS, static_cast<rlim_t>(memory_mb + LIBRARIES_MB) << 20);  // of what is shared, too
  // Some decoders wait for a thread of their own for ever when it gets no memory.
  std::set_new_handler([] { _exit(NO_MEMORY); });
  limit(RLIMIT_CPU, cpu_seconds, 5);
  limit(RLIMIT_FSIZE, 0);
  signal(SIGXFSZ, SIG_IGN);  // a write that is refused is an error to whoever tries, not the end
  limit(RLIMIT_CORE, 0);
  // Memory of each thread, which is counted though it is hardly used: without these a decoder now and then gets no
  // thread of its own in a small cage, and waits for it for ever (libde265).
  limit(RLIMIT_STACK, STACK);
  mallopt(M_ARENA_MAX, 1);
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, STACK);
  pthread_setattr_default_np(&small);
  pthread_attr_destroy(&small);
  caravel::only_read(picture);
  caravel::no_way_out();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) {
    fprintf(stderr, "usage: caravel-decode LOADERS MEMORY_MB CPU_SECONDS FILE PAGE\n");
    return 3;
  }
  try {
    cage(atol(arguments[2]), atol(arguments[3]), arguments[4]);
  } catch (const std::exception& e) {
    fprintf(stderr, "%s\n", e.what());
    return 3;
  }
  try {
    caravel::start(arguments[1]);
    caravel::Picture picture(arguments[4], atoi(arguments[5]));
    printf("%d %d %d %d\n", picture.width(), picture.height(), picture.orientation(), picture.exif_orientation());
    fflush(stdout);
    int width, height, orientation, tolerant;
    if (scanf("%d %d %d %d", &width, &height, &orientation, &tolerant) != 4) return 3;
    picture.decode(width, height, orientation, tolerant != 0, false, true);
    size_t size = static_cast<size_t>(picture.width()) * picture.height() * picture.bands();
    printf("%d %d %d %d\n", picture.width(), picture.height(), picture.bands(), picture.blank() ? 1 : 0);
    if (fwrite(picture.pixels(), 1, size, stdout) != size || fflush(stdout) != 0) return 3;
    _exit(0);  // nothing is worth tidying up
  } catch (const std::exception& e) {
    fprintf(stderr, "%s\n", e.what());
    fflush(stderr);
    _exit(2);
  }
}
