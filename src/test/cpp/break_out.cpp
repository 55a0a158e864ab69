// Tries what the cage of decode_main.cpp is to refuse, and says of each try whether it went through.
//
//   break_out 0|1 DIRECTORY PID        0: without the cage, so that it is seen what else would go through
//
// Written: "landlock done|refused\n", whether this kernel has it, then "NAME done|refused\n" for each try. DIRECTORY holds the files picture and other; PID is a process of the user.
#define main decode
#include "../../main/cpp/decode_main.cpp"
#undef main

#include <linux/landlock.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <string>
#include <thread>

namespace {

void tell(const char* name, bool done) {
  std::string line = std::string(name) + (done ? " done\n" : " refused\n");
  if (write(1, line.data(), line.size()) < 0) _exit(1);
}

bool child(pid_t pid) {
  if (pid == 0) _exit(0);
  return pid > 0 && waitpid(pid, nullptr, 0) == pid;
}

}  // namespace

int main(int, char** arguments) {
  std::string directory = arguments[2];
  std::string picture = directory + "/picture", other = directory + "/other", fresh = directory + "/fresh";
  const char *it = other.c_str(), *its = fresh.c_str();
  pid_t pid = atoi(arguments[3]);
  tell("landlock", syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 0);
  bool chmods = syscall(452, AT_FDCWD, it, 0600, 0) == 0;  // fchmodat2, since kernel 6.6
  if (arguments[1][0] == '1') cage(256, 60, picture.c_str());

  tell("read-picture", open(picture.c_str(), O_RDONLY) >= 0);
  bool thread = false;
  std::thread([&] { thread = true; }).join();
  tell("start-thread", thread);

  tell("read-other", open(it, O_RDONLY) >= 0);
  tell("read-settings", open("/etc/passwd", O_RDONLY) >= 0);
  tell("list", open(directory.c_str(), O_RDONLY | O_DIRECTORY) >= 0);
  tell("write-picture", open(picture.c_str(), O_RDWR) >= 0);
  tell("create", open(its, O_CREAT | O_WRONLY, 0600) >= 0);
  tell("open-old-call", syscall(SYS_openat, AT_FDCWD, it, O_RDWR) >= 0);
  tell("truncate", truncate(it, 0) == 0);
  tell("chmod", chmod(it, 0600) == 0);
  if (chmods) tell("chmod-new-call", syscall(452, AT_FDCWD, it, 0600, 0) == 0);
  tell("link", link(it, (fresh + "2").c_str()) == 0);
  tell("mkdir", mkdir((fresh + "3").c_str(), 0700) == 0);
  tell("rename", rename(it, (fresh + "4").c_str()) == 0);
  tell("unlink", unlink(picture.c_str()) == 0);
  tell("signal", kill(pid, 0) == 0);
  tell("signal-thread", syscall(SYS_tgkill, pid, pid, 0) == 0);
  tell("signal-by-file", fcntl(0, F_SETOWN, pid) == 0);
  tell("priority", setpriority(PRIO_PROCESS, pid, 19) == 0);
  tell("pidfd", syscall(SYS_pidfd_open, pid, 0) >= 0);
  rlimit files{99, 99};
  tell("limit-another", prlimit(pid, RLIMIT_NOFILE, &files, nullptr) == 0);
  tell("shared-memory", shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600) >= 0);
  tell("socket", socket(AF_INET, SOCK_STREAM, 0) >= 0);
  tell("unix-socket", socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
  tell("memory", mmap(nullptr, 300 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
  tell("shared-map", mmap(nullptr, 900 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
  tell("fork", child(fork()));
  execl("/bin/echo", "echo", "exec", "done", nullptr);
  tell("exec", false);
}
