// A disk that can lose its power. Loaded into a program by LD_PRELOAD, it lets every change below CUT_ROOT go through to the
// file system and notes in CUT_JOURNAL what takes it back, until a sync makes it durable. The notes are plain writes, which the
// kernel keeps over kill -9; io.caravel.crash.PowerCut reads them and leaves what a disk would have held.
//
// The model is no kinder than POSIX: a file's bytes and size are durable when an fsync or fdatasync of it, begun after the
// write, has returned; a name is durable when the directory was synced, also that of a new file; a rename is done as a whole or
// not at all, and durable with either of its directories. Writes that race with a sync are not covered by it.
// Not followed, but noted so that a test fails on it: shared writable mappings, symbolic links, renames across CUT_ROOT's border,
// O_SYNC. Only the program whose name is CUT_PROGRAM is watched: its children are not.
//
// Environment: CUT_ROOT, CUT_JOURNAL, CUT_GRAVES (a directory of the same file system, where replaced and removed files wait).
// Notes, little endian: type (1), length of the rest (4), the rest. I identity, inode, fresh (1) | O sequence, count (1), of each
// change: directory, identity before, identity after, length (2), name | C sequence: did not happen | S identity, epoch, size |
// P identity, epoch, page, its bytes | F identity, epoch: durable up to it | D directory, sequence: durable up to it | G directory: it is gone
// | X text.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace {
constexpr uint64_t PAGE = 4096;

struct Inode {
  uint64_t id;
  uint64_t epoch;     // of the changes since the last sync began
  bool sized = false; // whether this epoch's first size is noted
  uint64_t size = 0;  // that size
  std::unordered_set<uint64_t> saved;
  bool removed = false;
};

struct Place {
  uint64_t directory;
  std::string path, name;
};

// Never destroyed: other threads may still write while the program ends.
std::mutex &lock = *new std::mutex;
std::unordered_map<ino_t, Inode> &known = *new std::unordered_map<ino_t, Inode>;
std::string &root = *new std::string, &graves = *new std::string;
uint64_t sequence;
dev_t device;
int journal = -1;

class Note {
 public:
  explicit Note(char type) : text(1, type) { text.append(4, '\0'); }
  Note &number(uint64_t value) { return bytes(&value, 8); }
  Note &byte(uint8_t value) { return bytes(&value, 1); }
  Note &bytes(const void *start, size_t length) {
    text.append(static_cast<const char *>(start), length);
    return *this;
  }
  void write() {
    uint32_t length = text.size() - 5;
    memcpy(&text[1], &length, 4);
    int before = errno;
    if (syscall(SYS_write, journal, text.data(), text.size()) != (ssize_t)text.size()) abort();
    errno = before;
  }

 private:
  std::string text;
};

void open_journal() {
  const char *name = getenv("CUT_JOURNAL"), *watched = getenv("CUT_ROOT"), *kept = getenv("CUT_GRAVES");
  const char *program = getenv("CUT_PROGRAM");
  if (!name || !watched || !kept || !program || strcmp(program_invocation_short_name, program)) return;
  unsetenv("LD_PRELOAD");  // not the children
  struct stat status;
  if (stat(watched, &status)) abort();
  device = status.st_dev;
  root = watched;
  graves = kept;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  sequence = now.tv_sec * 1000000000ull + now.tv_nsec;  // goes on after a restart
  journal = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (journal < 0) abort();
}

struct Start {
  Start() { open_journal(); }
} start;  // after all that it uses

void beyond(const std::string &text) { Note('X').bytes(text.data(), text.size()).write(); }

// The rest of this part wants the lock.

Inode &meet(ino_t number, bool fresh) {
  auto it = known.find(number);
  if (it != known.end() && !fresh) return it->second;
  uint64_t id = ++sequence;
  Note('I').number(id).number(number).byte(fresh).write();
  return known[number] = Inode{id, ++sequence};
}

// Whether a path names something below the root, and what.
bool place(int at, const char *path, Place *found) {
  if (journal < 0 || !path || !*path) return false;
  std::string whole = path;
  char buffer[PATH_MAX];
  if (whole[0] != '/') {
    if (at == AT_FDCWD) {
      if (!getcwd(buffer, sizeof buffer)) return false;
    } else {
      ssize_t length = readlink(("/proc/self/fd/" + std::to_string(at)).c_str(), buffer, sizeof buffer - 1);
      if (length < 0) return false;
      buffer[length] = 0;
    }
    whole = std::string(buffer) + "/" + whole;
  }
  while (whole.size() > 1 && whole.back() == '/') whole.pop_back();
  size_t slash = whole.rfind('/');
  std::string parent = slash == 0 ? "/" : whole.substr(0, slash);
  if (!realpath(parent.c_str(), buffer)) return false;
  parent = buffer;
  if (parent != root && parent.compare(0, root.size() + 1, root + "/")) return false;
  struct stat status;
  if (stat(buffer, &status)) return false;
  found->directory = meet(status.st_ino, false).id;
  found->name = whole.substr(slash + 1);
  found->path = parent + "/" + found->name;
  return true;
}

struct Change {
  const Place &where;
  uint64_t before, after;
};

uint64_t intend(std::initializer_list<Change> changes) {
  uint64_t number = ++sequence;
  Note note('O');
  note.number(number).byte(changes.size());
  for (const Change &each : changes) {
    uint16_t length = each.where.name.size();
    note.number(each.where.directory).number(each.before).number(each.after).bytes(&length, 2);
    note.bytes(each.where.name.data(), length);
  }
  note.write();
  return number;
}

long settle(uint64_t number, long result) {
  if (result < 0) Note('C').number(number).write();
  return result;
}

void bury(const Place &where, const struct stat &status) {
  syscall(SYS_linkat, AT_FDCWD, where.path.c_str(), AT_FDCWD, (graves + "/" + std::to_string(status.st_ino)).c_str(), 0);
}

void save(int fd, Inode &file, uint64_t size, uint64_t from, uint64_t to) {
  if (!file.sized) {
    file.sized = true;
    file.size = size;
    Note('S').number(file.id).number(file.epoch).number(size).write();
  }
  int reader = -1;
  for (uint64_t page = from / PAGE; page * PAGE < std::min(to, file.size); page++) {
    if (!file.saved.insert(page).second) continue;
    if (reader < 0) {
      reader = syscall(SYS_openat, AT_FDCWD, ("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC);
      if (reader < 0) abort();
    }
    char bytes[PAGE];
    ssize_t length = syscall(SYS_pread64, reader, bytes, PAGE, page * PAGE);
    if (length < 0) abort();
    Note('P').number(file.id).number(file.epoch).number(page).bytes(bytes, length).write();
  }
  if (reader >= 0) syscall(SYS_close, reader);
}

Inode *watched(int fd, struct stat *status) {
  if (journal < 0 || fstat(fd, status) || !S_ISREG(status->st_mode) || status->st_dev != device) return nullptr;
  auto it = known.find(status->st_ino);
  return it == known.end() ? nullptr : &it->second;
}

// From here on without the lock.

template <class Call>
long writing(int fd, off_t at, size_t length, Call call) {
  struct stat status;
  if (journal < 0 || fstat(fd, &status) || !S_ISREG(status.st_mode) || status.st_dev != device) return call();
  std::lock_guard<std::mutex> held(lock);
  Inode *file = watched(fd, &status);
  if (!file) return call();
  int flags = fcntl(fd, F_GETFL);
  if (flags & O_DSYNC) beyond("O_SYNC");
  uint64_t from = flags & O_APPEND ? status.st_size : at >= 0 ? at : lseek(fd, 0, SEEK_CUR);
  save(fd, *file, status.st_size, from, from + length);
  return call();
}

template <class Call>
int cutting(int fd, off_t size, Call call) {
  struct stat status;
  std::lock_guard<std::mutex> held(lock);
  Inode *file = watched(fd, &status);
  if (file) save(fd, *file, status.st_size, std::min<uint64_t>(size, status.st_size), status.st_size);
  return call();
}

template <class Call>
int syncing(int fd, Call call) {
  struct stat status;
  if (journal < 0 || fstat(fd, &status) || status.st_dev != device) return call();
  uint64_t id, until;
  bool directory = S_ISDIR(status.st_mode);
  {
    std::lock_guard<std::mutex> held(lock);
    auto it = known.find(status.st_ino);
    if (it == known.end()) return call();
    id = it->second.id;
    until = directory ? sequence : it->second.epoch;
    if (!directory) {
      it->second.epoch = ++sequence;
      it->second.sized = false;
      it->second.saved.clear();
    }
  }
  int result = call();
  if (result == 0) Note(directory ? 'D' : 'F').number(id).number(until).write();
  return result;
}

long raw_open(int at, const char *path, int flags, mode_t mode) { return syscall(SYS_openat, at, path, flags, mode); }

int opening(int at, const char *path, int flags, mode_t mode) {
  if (journal < 0 || !(flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC))) return raw_open(at, path, flags, mode);
  std::lock_guard<std::mutex> held(lock);
  Place where;
  if (!place(at, path, &where)) return raw_open(at, path, flags, mode);
  struct stat status;
  if (lstat(where.path.c_str(), &status)) {
    if (!(flags & O_CREAT)) return raw_open(at, path, flags, mode);
    uint64_t id = ++sequence;
    uint64_t number = intend({{where, 0, id}});
    int fd = settle(number, raw_open(at, path, flags, mode));
    if (fd >= 0 && !fstat(fd, &status)) {
      Note('I').number(id).number(status.st_ino).byte(1).write();
      known[status.st_ino] = Inode{id, ++sequence};
    }
    return fd;
  }
  if (S_ISLNK(status.st_mode)) beyond("symbolic link " + where.path);
  if (S_ISREG(status.st_mode)) {
    Inode &file = meet(status.st_ino, false);
    if (flags & O_TRUNC) {
      int reader = raw_open(AT_FDCWD, where.path.c_str(), O_RDONLY | O_CLOEXEC, 0);
      if (reader >= 0) {
        save(reader, file, status.st_size, 0, status.st_size);
        syscall(SYS_close, reader);
      }
    }
  }
  return raw_open(at, path, flags, mode);
}

int renaming(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
  auto call = [=] { return syscall(SYS_renameat2, from_at, from, to_at, to, flags); };
  if (journal < 0) return call();
  std::lock_guard<std::mutex> held(lock);
  Place old, wanted;
  bool inside = place(from_at, from, &old), into = place(to_at, to, &wanted);
  if (inside != into) beyond(std::string("rename over the border: ") + from + " to " + to);
  struct stat status, replaced;
  if (!inside || !into || lstat(old.path.c_str(), &status)) return call();
  uint64_t before = 0;
  if (!lstat(wanted.path.c_str(), &replaced)) {
    if (replaced.st_ino == status.st_ino) return call();
    before = meet(replaced.st_ino, false).id;
    bury(wanted, replaced);
  }
  uint64_t id = meet(status.st_ino, false).id;
  return settle(intend({{old, id, 0}, {wanted, before, id}}), call());
}

int linking(int from_at, const char *from, int to_at, const char *to, int flags) {
  auto call = [=] { return syscall(SYS_linkat, from_at, from, to_at, to, flags); };
  if (journal < 0) return call();
  std::lock_guard<std::mutex> held(lock);
  Place old, wanted;
  bool inside = place(from_at, from, &old), into = place(to_at, to, &wanted);
  if (inside != into) beyond(std::string("link over the border: ") + from + " to " + to);
  struct stat status;
  if (!inside || !into || lstat(old.path.c_str(), &status)) return call();
  return settle(intend({{wanted, 0, meet(status.st_ino, false).id}}), call());
}

int removing(int at, const char *path, int flags) {
  auto call = [=] { return syscall(SYS_unlinkat, at, path, flags); };
  if (journal < 0) return call();
  std::lock_guard<std::mutex> held(lock);
  Place where;
  struct stat status;
  if (!place(at, path, &where) || lstat(where.path.c_str(), &status)) return call();
  Inode &gone = meet(status.st_ino, false);
  if (!S_ISDIR(status.st_mode)) bury(where, status);
  uint64_t number = intend({{where, gone.id, 0}});
  int result = settle(number, call());
  if (result == 0 && !S_ISDIR(status.st_mode)) gone.removed = true;
  if (result == 0 && S_ISDIR(status.st_mode)) {
    Note('G').number(gone.id).write();
    known.erase(status.st_ino);
  }
  return result;
}

int making(int at, const char *path, mode_t mode) {
  if (journal < 0) return syscall(SYS_mkdirat, at, path, mode);
  std::lock_guard<std::mutex> held(lock);
  Place where;
  if (!place(at, path, &where)) return syscall(SYS_mkdirat, at, path, mode);
  uint64_t id = ++sequence;
  uint64_t number = intend({{where, 0, id}});
  int result = settle(number, syscall(SYS_mkdirat, at, path, mode));
  struct stat status;
  if (result == 0 && !lstat(where.path.c_str(), &status)) {
    Note('I').number(id).number(status.st_ino).byte(1).write();
    known[status.st_ino] = Inode{id, ++sequence};
  }
  return result;
}

void *mapping(void *wanted, size_t length, int prot, int flags, int fd, off_t at) {
  if (journal >= 0 && fd >= 0 && (prot & PROT_WRITE) && (flags & MAP_SHARED)) {
    std::lock_guard<std::mutex> held(lock);
    struct stat status;
    Inode *file = watched(fd, &status);
    if (file && !file->removed) beyond("shared mapping");  // one without a name is gone anyway
  }
  return (void *)syscall(SYS_mmap, wanted, length, prot, flags, fd, at);
}

size_t total(const struct iovec *parts, int count) {
  size_t sum = 0;
  for (int i = 0; i < count; i++) sum += parts[i].iov_len;
  return sum;
}

mode_t mode_of(int flags, va_list more) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; }
}  // namespace

#pragma GCC visibility push(default)
extern "C" {
#define OPEN(name)                                   \
  int name(const char *path, int flags, ...) {       \
    va_list more;                                    \
    va_start(more, flags);                           \
    mode_t mode = mode_of(flags, more);              \
    va_end(more);                                    \
    return opening(AT_FDCWD, path, flags, mode);     \
  }
#define OPENAT(name)                                 \
  int name(int at, const char *path, int flags, ...) { \
    va_list more;                                    \
    va_start(more, flags);                           \
    mode_t mode = mode_of(flags, more);              \
    va_end(more);                                    \
    return opening(at, path, flags, mode);           \
  }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
int creat(const char *path, mode_t mode) { return opening(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

ssize_t write(int fd, const void *bytes, size_t length) {
  return writing(fd, -1, length, [=] { return syscall(SYS_write, fd, bytes, length); });
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  return writing(fd, at, length, [=] { return syscall(SYS_pwrite64, fd, bytes, length, at); });
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return pwrite64(fd, bytes, length, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) {
  return writing(fd, -1, total(parts, count), [=] { return syscall(SYS_writev, fd, parts, count); });
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
  return writing(fd, at, total(parts, count), [=] { return syscall(SYS_pwritev, fd, parts, count, at, 0); });
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return pwritev64(fd, parts, count, at); }
ssize_t sendfile64(int out, int in, off64_t *at, size_t length) {
  return writing(out, -1, length, [=] { return syscall(SYS_sendfile, out, in, at, length); });
}
ssize_t sendfile(int out, int in, off_t *at, size_t length) { return sendfile64(out, in, at, length); }
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *at, size_t length, unsigned flags) {
  return writing(out, at ? *at : -1, length,
                 [=] { return syscall(SYS_copy_file_range, in, from, out, at, length, flags); });
}
int ftruncate64(int fd, off64_t size) {
  return cutting(fd, size, [=] { return syscall(SYS_ftruncate, fd, size); });
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }
int truncate64(const char *path, off64_t size) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  int result = ftruncate64(fd, size);
  close(fd);
  return result;
}
int truncate(const char *path, off_t size) { return truncate64(path, size); }
int fallocate64(int fd, int mode, off64_t at, off64_t length) {
  return writing(fd, at, length, [=] { return syscall(SYS_fallocate, fd, mode, at, length); });
}
int fallocate(int fd, int mode, off_t at, off_t length) { return fallocate64(fd, mode, at, length); }
int posix_fallocate64(int fd, off64_t at, off64_t length) { return fallocate64(fd, 0, at, length) ? errno : 0; }
int posix_fallocate(int fd, off_t at, off_t length) { return posix_fallocate64(fd, at, length); }

int fsync(int fd) {
  return syncing(fd, [=] { return syscall(SYS_fsync, fd); });
}
int fdatasync(int fd) {
  return syncing(fd, [=] { return syscall(SYS_fdatasync, fd); });
}

int rename(const char *from, const char *to) { return renaming(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_at, const char *from, int to_at, const char *to) { return renaming(from_at, from, to_at, to, 0); }
int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
  return renaming(from_at, from, to_at, to, flags);
}
int link(const char *from, const char *to) { return linking(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
  return linking(from_at, from, to_at, to, flags);
}
int symlink(const char *target, const char *path) {
  Place where;
  if (journal >= 0) {
    std::lock_guard<std::mutex> held(lock);
    if (place(AT_FDCWD, path, &where)) beyond("symbolic link " + where.path);
  }
  return syscall(SYS_symlinkat, target, AT_FDCWD, path);
}
int unlink(const char *path) { return removing(AT_FDCWD, path, 0); }
int unlinkat(int at, const char *path, int flags) { return removing(at, path, flags); }
int rmdir(const char *path) { return removing(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
  struct stat status;
  return removing(AT_FDCWD, path, !lstat(path, &status) && S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0);
}
int mkdir(const char *path, mode_t mode) { return making(AT_FDCWD, path, mode); }
int mkdirat(int at, const char *path, mode_t mode) { return making(at, path, mode); }

void *mmap(void *wanted, size_t length, int prot, int flags, int fd, off_t at) {
  return mapping(wanted, length, prot, flags, fd, at);
}
void *mmap64(void *wanted, size_t length, int prot, int flags, int fd, off64_t at) {
  return mapping(wanted, length, prot, flags, fd, at);
}
}
#pragma GCC visibility pop
