// caravel-decode: decodes one picture in a process of its own, which can be killed and has little to break.
//
//   caravel-decode LOADERS MEMORY_MB CPU_SECONDS FILE
//
// Written to standard output: "WIDTH HEIGHT ORIENTATION EXIF_ORIENTATION\n" of the stored picture, and after the answer
// "WIDTH HEIGHT ORIENTATION TOLERANT\n" on standard input (upright size, 0 or 1 for tolerant):
// "WIDTH HEIGHT BANDS BLANK\n" and the pixels. Exit status 0; 2: the picture cannot be decoded, the reason on
// standard error; 3: wrong arguments or no cage.
//
// The cage: no more memory, CPU time or written bytes than given, no new process, no program, no socket, no signal
// to others, no new privilege; ends with the thread that started it.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <stdexcept>
#include <vector>

#include "caravel_vips.h"

namespace {

// `beyond`: how much more the hard limit is. At the soft one a process hears why it ends.
void limit(int what, rlim_t most, rlim_t beyond = 0) {
  rlimit both{most, most + beyond};
  if (setrlimit(what, &both) != 0) throw std::runtime_error("no limit");
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, field))
#define REFUSE(call) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

void no_way_out() {
#if defined(__x86_64__)
  const unsigned machine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
  const unsigned machine = AUDIT_ARCH_AARCH64;
#else
#error "name this machine's AUDIT_ARCH here"
#endif
  sock_filter rules[] = {
      LOAD(arch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, machine, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      LOAD(nr),
#if defined(__x86_64__)
      REFUSE(fork),
      REFUSE(vfork),
#endif
      REFUSE(execve), REFUSE(execveat), REFUSE(socket), REFUSE(socketpair), REFUSE(connect), REFUSE(ptrace),
      REFUSE(process_vm_readv), REFUSE(process_vm_writev), REFUSE(kill), REFUSE(tkill), REFUSE(unshare), REFUSE(setns),
      REFUSE(mount), REFUSE(bpf), REFUSE(keyctl), REFUSE(io_uring_setup), REFUSE(memfd_create),
      // glibc falls back to clone, whose flags can be looked at: threads alone are let through.
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
      LOAD(args[0]),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program{static_cast<unsigned short>(sizeof rules / sizeof *rules), rules};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    throw std::runtime_error("no seccomp");
}

void cage(long memory_mb, long cpu_seconds) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  limit(RLIMIT_AS, static_cast<rlim_t>(memory_mb) << 20);
  limit(RLIMIT_CPU, cpu_seconds, 5);
  limit(RLIMIT_FSIZE, 0);
  signal(SIGXFSZ, SIG_IGN);  // a write that is refused is an error to whoever tries, not the end
  limit(RLIMIT_CORE, 0);
  no_way_out();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    fprintf(stderr, "usage: caravel-decode LOADERS MEMORY_MB CPU_SECONDS FILE\n");
    return 3;
  }
  try {
    cage(atol(arguments[2]), atol(arguments[3]));
  } catch (const std::exception& e) {
    fprintf(stderr, "%s\n", e.what());
    return 3;
  }
  try {
    caravel::start(arguments[1]);
    caravel::Picture picture(arguments[4]);
    printf("%d %d %d %d\n", picture.width(), picture.height(), picture.orientation(), picture.exif_orientation());
    fflush(stdout);
    int width, height, orientation, tolerant;
    if (scanf("%d %d %d %d", &width, &height, &orientation, &tolerant) != 4) return 3;
    picture.decode(width, height, orientation, tolerant != 0);
    std::vector<uint8_t> pixels(static_cast<size_t>(picture.width()) * picture.height() * picture.bands());
    picture.read(pixels.data());
    printf("%d %d %d %d\n", picture.width(), picture.height(), picture.bands(), picture.blank() ? 1 : 0);
    if (fwrite(pixels.data(), 1, pixels.size(), stdout) != pixels.size() || fflush(stdout) != 0) return 3;
    _exit(0);  // nothing is worth tidying up
  } catch (const std::exception& e) {
    fprintf(stderr, "%s\n", e.what());
    fflush(stderr);
    _exit(2);
  }
}
