#include "cage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <stdexcept>

namespace caravel {

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, field))
#define DENY BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define REFUSE(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), DENY
// Refuses the call where this argument holds any of these bits.
#define REFUSE_BITS(call, argument, bits) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 4), LOAD(args[argument]), \
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1), DENY, ALLOW
// Refuses the call but where this argument is this number.
#define ONLY(call, argument, number) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 4), LOAD(args[argument]), \
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 1, 0), DENY, ALLOW

void no_way_out() {
#if defined(__x86_64__)
  const unsigned machine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
  const unsigned machine = AUDIT_ARCH_AARCH64;
#else
#error "name this machine's AUDIT_ARCH here"
#endif
  const unsigned writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
  const unsigned self = getpid();
  sock_filter rules[] = {
      LOAD(arch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, machine, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      LOAD(nr),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),  // x32
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      // What kernels after 6.1 have beyond this is not known here.
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 450, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
#if defined(__x86_64__)
      REFUSE(fork), REFUSE(vfork), REFUSE(unlink), REFUSE(rename), REFUSE(link), REFUSE(symlink), REFUSE(mkdir),
      REFUSE(rmdir), REFUSE(mknod), REFUSE(chmod), REFUSE(chown), REFUSE(lchown), REFUSE(utime), REFUSE(utimes),
      REFUSE(futimesat), REFUSE(creat), REFUSE_BITS(open, 1, writing),
#endif
      // no program, no network, no other process
      REFUSE(execve), REFUSE(execveat), REFUSE(socket), REFUSE(socketpair), REFUSE(connect), REFUSE(ptrace),
      REFUSE(process_vm_readv), REFUSE(process_vm_writev), REFUSE(kill), REFUSE(tkill), REFUSE(rt_sigqueueinfo),
      REFUSE(rt_tgsigqueueinfo), REFUSE(pidfd_open), REFUSE(pidfd_send_signal), REFUSE(pidfd_getfd), REFUSE(unshare),
      REFUSE(setns), REFUSE(mount), REFUSE(bpf), REFUSE(keyctl), REFUSE(add_key), REFUSE(io_uring_setup),
      REFUSE(memfd_create), REFUSE(shmget), REFUSE(semget), REFUSE(msgget), REFUSE(userfaultfd),
      REFUSE(process_madvise), ONLY(setpriority, 1, 0), ONLY(sched_setaffinity, 0, 0), ONLY(sched_setscheduler, 0, 0),
      ONLY(sched_setparam, 0, 0), ONLY(sched_setattr, 0, 0), ONLY(ioprio_set, 1, 0),
      // no signal to others by way of a file: F_SETOWN, F_SETSIG, F_SETOWN_EX
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 0, 6), LOAD(args[1]),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETOWN, 2, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETSIG, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETOWN_EX, 0, 1), DENY, ALLOW,
      // no change to any file
      REFUSE(unlinkat), REFUSE(renameat), REFUSE(renameat2), REFUSE(linkat), REFUSE(symlinkat), REFUSE(mkdirat),
      REFUSE(mknodat), REFUSE(fchmod), REFUSE(fchmodat), REFUSE(fchown), REFUSE(fchownat), REFUSE(utimensat),
      REFUSE(truncate), REFUSE(ftruncate), REFUSE(fallocate), REFUSE(setxattr), REFUSE(lsetxattr), REFUSE(fsetxattr),
      REFUSE(removexattr), REFUSE(lremovexattr), REFUSE(fremovexattr), REFUSE(open_by_handle_at), REFUSE(openat2), REFUSE_BITS(openat, 2, writing),
      // abort() signals its own thread, glibc asks for its own limits
      ONLY(tgkill, 0, self), ONLY(prlimit64, 0, 0),
      // glibc falls back to clone, whose flags can be looked at: threads alone are let through.
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
      LOAD(args[0]),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
      DENY,
      ALLOW,
  };
  sock_fprog program{static_cast<unsigned short>(sizeof rules / sizeof *rules), rules};
  // For the threads that there are already, too.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0)
    throw std::runtime_error("no seccomp");
}

// Nothing of the file system but the libraries, their settings and the picture can be opened from now on.
void only_read(const char* picture) {
  landlock_ruleset_attr all{};
  all.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE;
  int rules = syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
  if (rules < 0) return;  // a kernel before 5.13, or without it
  for (const char* path : {"/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/proc/self", "/sys/devices/system/cpu", picture}) {
    landlock_path_beneath_attr may{};
    may.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (may.parent_fd < 0) continue;
    struct stat what{};
    bool directory = fstat(may.parent_fd, &what) == 0 && S_ISDIR(what.st_mode);
    may.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
    if (directory) may.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE;
    int failed = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &may, 0);
    close(may.parent_fd);
    if (failed != 0) throw std::runtime_error("no rule for what may be read");
  }
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (syscall(SYS_landlock_restrict_self, rules, 0) != 0) throw std::runtime_error("no rules for what may be read");
  close(rules);
}

}  // namespace caravel
