#include "picture_source.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "vips_abi.h"

namespace caravel {

namespace {

const int64_t PROFILE_AT_MOST = 4 << 20;
const int64_t APPLICATION_DATA = 1 << 20;
const size_t PARTS_AT_MOST = 100000;

// A part of the file, and where it lies in what is shown.
struct Part {
  int64_t from, to, at;
};

// Some parts of a file, one behind the other.
class Parts {
 public:
  explicit Parts(const char* path) : file(open(path, O_RDONLY | O_CLOEXEC)) {
    struct stat what{};
    if (file >= 0 && fstat(file, &what) == 0 && S_ISREG(what.st_mode)) length = what.st_size;
  }
  ~Parts() {
    if (file >= 0) close(file);
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  int64_t end() const { return length; }

  // The byte here; -1 beyond the end.
  int byte(int64_t at) {
    if (at < begin || at >= begin + count) {
      if (at < 0 || at >= length) return -1;
      begin = at;
      count = std::max<ssize_t>(0, pread(file, buffer, sizeof buffer, at));
      if (count == 0) return -1;
    }
    return buffer[at - begin];
  }

  int64_t number(int64_t at, int bytes) {
    int64_t value = 0;
    for (int i = 0; i < bytes; i++) {
      int next = byte(at + i);
      if (next < 0) return -1;
      value = value << 8 | next;
    }
    return value;
  }

  bool has(int64_t at, const char* text, int bytes) {
    for (int i = 0; i < bytes; i++)
      if (byte(at + i) != static_cast<unsigned char>(text[i])) return false;
    return true;
  }

  void show(int64_t from, int64_t to) {
    if (from >= to) return;
    if (!parts.empty() && parts.back().to == from)
      parts.back().to = to;
    else
      parts.push_back({from, to, size});
    size += to - from;
  }

  // In place of the four bytes that are shown at 4: how many follow them.
  void show_length() {
    for (int i = 0; i < 4; i++) told[i] = static_cast<unsigned char>((size - 8) >> 8 * i);
    told_from = 4;
    told_to = 8;
  }

  // In place of some bytes zeros, at most eight.
  void show_zeros(int64_t at, int bytes) {
    told_from = at;
    told_to = at + bytes;
  }

  bool all() const { return parts.size() == 1 && size == length && told_to == 0; }
  bool too_many() const { return parts.size() > PARTS_AT_MOST; }

  int64_t read(void* into, int64_t wanted) {
    if (position >= size || wanted <= 0) return 0;
    auto next = std::upper_bound(parts.begin(), parts.end(), position, [](int64_t at, const Part& part) { return at < part.at; });
    const Part& part = *(next - 1);
    int64_t from = part.from + position - part.at;
    ssize_t got = pread(file, into, std::min(wanted, part.to - from), from);
    for (int64_t i = std::max<int64_t>(0, told_from - position); i < got && position + i < told_to; i++)
      static_cast<unsigned char*>(into)[i] = told[position + i - told_from];
    if (got > 0) position += got;
    return got;
  }

  int64_t seek(int64_t offset, int whence) {
    int64_t to = offset + (whence == SEEK_CUR ? position : whence == SEEK_END ? size : 0);
    if (to < 0) return -1;
    position = to;
    return to;
  }

 private:
  int file;
  int64_t length = 0;
  unsigned char buffer[1 << 16];
  int64_t begin = 0;
  int64_t count = 0;
  std::vector<Part> parts;
  int64_t size = 0;
  int64_t position = 0;
  int64_t told_from = 0;
  int64_t told_to = 0;
  unsigned char told[8] = {};
};

// PNG, third edition, 5.3 and 5.6. What is cut off or makes no sense is shown: the decoder says so.
void png(Parts& file) {
  const std::set<std::string> once = {"IHDR", "PLTE", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "iCCP", "cICP", "pHYs"};
  std::set<std::string> seen;
  int64_t at = 8;
  file.show(0, at);
  while (at < file.end() && !file.too_many()) {
    int64_t length = file.number(at, 4);
    if (length < 0 || file.number(at + 4, 4) < 0) break;
    std::string type;
    for (int i = 0; i < 4; i++) type += static_cast<char>(file.byte(at + 4 + i));
    int64_t next = at + 12 + length;
    bool wanted = type == "IDAT" || type == "IEND" ||
                  (once.count(type) != 0 && length <= PROFILE_AT_MOST && seen.insert(type).second);
    if (wanted) file.show(at, std::min(next, file.end()));
    at = next;
    if (type == "IEND") return;
  }
  file.show(at, file.end());
}

// ITU-T T.81, B.1 and B.2.4.
void jpeg(Parts& file) {
  struct Segment {
    int64_t from, to;
    bool application;
  };
  std::vector<Segment> segments;
  int64_t at = 2, data = 0, profile = 0;
  while (file.byte(at) == 0xff && segments.size() < PARTS_AT_MOST) {
    int marker = file.byte(at + 1);
    if (marker == 0xff) {
      segments.push_back({at, at + 1, false});
      at++;
      continue;
    }
    int64_t length = file.number(at + 2, 2);
    if (marker < 0xc0 || marker == 0xd9 || marker == 0xda || length < 2) break;
    bool application = (marker >= 0xe1 && marker <= 0xef && marker != 0xee) || marker == 0xfe;
    if (application) data += length;
    if (marker == 0xe2 && file.has(at + 4, "ICC_PROFILE", 12) && (profile += length) <= PROFILE_AT_MOST)
      application = false;
    segments.push_back({at, at + 2 + length, application});
    at += 2 + length;
  }
  if (data <= APPLICATION_DATA) {
    file.show(0, file.end());
    return;
  }
  file.show(0, 2);
  for (const Segment& segment : segments)
    if (!segment.application) file.show(segment.from, std::min(segment.to, file.end()));
  file.show(at, file.end());
}

// RFC 9649, 2.7.
void webp(Parts& file) {
  const int ANIMATION = 2;
  auto little = [&](int64_t at) {
    int64_t value = 0;
    for (int i = 3; i >= 0; i--) value = value << 8 | std::max(0, file.byte(at + i));
    return value;
  };
  std::vector<std::pair<int64_t, int64_t>> wanted;
  bool frame = false;
  int64_t at = 12;
  if (file.has(at, "VP8X", 4) && (file.byte(at + 8) & ANIMATION) != 0) {
    for (int chunks = 0; chunks < 10000 && at + 8 <= file.end(); chunks++) {
      int64_t length = little(at + 4), next = at + 8 + length + (length & 1);
      bool first = !frame && file.has(at, "ANMF", 4);
      bool other = file.has(at, "VP8X", 4) || file.has(at, "ANIM", 4) ||
                   ((file.has(at, "ICCP", 4) || file.has(at, "EXIF", 4)) && length <= PROFILE_AT_MOST);
      if ((first || other) && next <= file.end()) wanted.push_back({at, next});
      if (first && next > file.end()) break;
      frame |= first;
      at = next;
    }
  }
  if (!frame) {
    file.show(0, file.end());
    return;
  }
  file.show(0, 12);
  for (auto& each : wanted) file.show(each.first, each.second);
  file.show_length();
}

// TIFF 6.0, section 2; BigTIFF.
void tiff(Parts& file) {
  file.show(0, file.end());
  bool little = file.byte(0) == 'I', big = file.byte(little ? 2 : 3) == 43;
  auto number = [&](int64_t at, int bytes) {
    int64_t value = 0;
    for (int i = 0; i < bytes; i++) value = value << 8 | std::max(0, file.byte(at + (little ? bytes - 1 - i : i)));
    return value;
  };
  int64_t directory = number(big ? 8 : 4, big ? 8 : 4);
  for (int pages = 0; pages < 4096 && directory > 0 && directory < file.end(); pages++) {
    int64_t entries = number(directory, big ? 8 : 2);
    if (entries < 0 || entries > 1024) return;
    int64_t at = directory + (big ? 8 + 20 * entries : 2 + 12 * entries);
    directory = number(at, big ? 8 : 4);
    if (directory >= file.end()) file.show_zeros(at, big ? 8 : 4);
  }
}

int64_t read(VipsSource*, void* into, int64_t wanted, void* parts) {
  return static_cast<Parts*>(parts)->read(into, wanted);
}

int64_t seek(VipsSource*, int64_t offset, int whence, void* parts) {
  return static_cast<Parts*>(parts)->seek(offset, whence);
}

void forget(void* parts, void*) { delete static_cast<Parts*>(parts); }

}  // namespace

_VipsSource* picture_source(const char* path) {
  Parts* parts = new Parts(path);
  if (parts->has(0, "\x89PNG\r\n\x1a\n", 8))
    png(*parts);
  else if (parts->has(0, "\xff\xd8\xff", 3))
    jpeg(*parts);
  else if (parts->has(0, "RIFF", 4) && parts->has(8, "WEBP", 4))
    webp(*parts);
  else if (parts->has(0, "II*\0", 4) || parts->has(0, "MM\0*", 4) || parts->has(0, "II+\0", 4) || parts->has(0, "MM\0+", 4))
    tiff(*parts);
  else
    parts->show(0, parts->end());
  if (parts->all() || parts->end() == 0) {
    delete parts;
    return vips_source_new_from_file(path);
  }
  VipsSource* source = vips_source_custom_new();
  g_signal_connect_data(source, "seek", reinterpret_cast<void (*)()>(seek), parts, nullptr, 0);
  g_signal_connect_data(source, "read", reinterpret_cast<void (*)()>(read), parts, forget, 0);  // the last to go
  return source;
}

}  // namespace caravel
