#include "caravel_vips.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "lanczos.h"
#include "picture_source.h"
#include "vips_abi.h"

namespace caravel {

namespace {

// Holds one reference to an image and gives it back.
class Ref {
 public:
  Ref() = default;
  explicit Ref(VipsImage* image) : held(image) {}
  ~Ref() {
    if (held != nullptr) g_object_unref(held);
  }
  Ref(const Ref&) = delete;
  Ref& operator=(const Ref&) = delete;
  // For a libvips call that writes a new image here.
  VipsImage** out() { return &fresh; }
  // Takes over what such a call has written; throws when it failed.
  void take(int failed);
  operator VipsImage*() const { return held; }
  VipsImage* release() {
    VipsImage* image = held;
    held = nullptr;
    return image;
  }

 private:
  VipsImage* held = nullptr;
  VipsImage* fresh = nullptr;
};

[[noreturn]] void fail() {
  std::string text = std::string("vips: ") + vips_error_buffer();
  vips_error_clear();
  throw std::runtime_error(text);
}

void check(int failed) {
  if (failed != 0) fail();
}

void Ref::take(int failed) {
  if (failed != 0) {
    if (fresh != nullptr) g_object_unref(fresh);
    fresh = nullptr;
    fail();
  }
  if (held != nullptr) g_object_unref(held);
  held = fresh;
  fresh = nullptr;
}

class Source {
 public:
  explicit Source(const char* path) : held(picture_source(path)) {
    if (held == nullptr) fail();
  }
  ~Source() { g_object_unref(held); }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  operator VipsSource*() const { return held; }

 private:
  VipsSource* held;
};

// Opaque white.
class White {
 public:
  White() : held(vips_array_double_newv(1, 255.0)) {}
  ~White() { vips_area_unref(held); }
  White(const White&) = delete;
  White& operator=(const White&) = delete;
  operator VipsArrayDouble*() const { return held; }

 private:
  VipsArrayDouble* held;
};

// By the loader: only that of JPEG has the option "unlimited" in all versions, and gives up at 100 warnings without it.
bool is_jpeg(VipsImage* image) {
  const char* loader = nullptr;
  return vips_image_get_typeof(image, "vips-loader") != 0 && vips_image_get_string(image, "vips-loader", &loader) == 0 &&
         strncmp(loader, "jpeg", 4) == 0;
}

// An ICC profile of a display, read as ICC.1:2022, 7.2, 7.3, 10.6, 10.18 and 10.31 say.
class Profile {
 public:
  Profile(const void* blob, size_t length) : data(static_cast<const uint8_t*>(blob)), size(length) {}

  // Whether it is sRGB within what 8 bits can show; nothing has to be converted then.
  bool is_srgb() const {
    static const double COLORANTS[3][3] = {
        {0.43607, 0.22249, 0.01392}, {0.38515, 0.71687, 0.09708}, {0.14307, 0.06061, 0.71410}};
    if (!is(16, "RGB ") || !is(20, "XYZ ") || tag("A2B0") != 0 || tag("A2B1") != 0 || tag("A2B2") != 0) return false;
    for (int band = 0; band < 3; band++) {
      const char* names[3][2] = {{"rXYZ", "rTRC"}, {"gXYZ", "gTRC"}, {"bXYZ", "bTRC"}};
      size_t colorant = tag(names[band][0]), curve = tag(names[band][1]);
      if (colorant == 0 || curve == 0 || !is(colorant, "XYZ ")) return false;
      for (int i = 0; i < 3; i++)
        if (std::abs(fixed(colorant + 8 + 4 * i) - COLORANTS[band][i]) > 0.001) return false;
      for (int step = 0; step <= 64; step++)
        if (!(std::abs(encoded(linear(curve, step / 64.0)) - step / 64.0) <= 0.5 / 255)) return false;
    }
    return true;
  }

 private:
  uint32_t number(size_t at, int bytes) const {  // beyond the end: 0
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++) value = value << 8 | (at + i < size ? data[at + i] : 0);
    return value;
  }
  double fixed(size_t at) const { return static_cast<int32_t>(number(at, 4)) / 65536.0; }
  bool is(size_t at, const char* name) const { return at + 4 <= size && memcmp(data + at, name, 4) == 0; }

  // Where a tag's data begin; 0 where there is none.
  size_t tag(const char* name) const {
    uint32_t count = number(128, 4);
    for (size_t i = 0; i < count && 132 + 12 * i + 12 <= size; i++)
      if (is(132 + 12 * i, name)) return number(132 + 12 * i + 4, 4);
    return 0;
  }

  // NaN for what is no curve.
  double linear(size_t at, double x) const {
    if (is(at, "curv")) {
      uint32_t count = number(at + 8, 4);
      if (count == 0) return x;
      if (count == 1) return std::pow(x, number(at + 12, 2) / 256.0);
      double place = x * (count - 1);
      size_t below = std::min<size_t>(static_cast<size_t>(place), count - 2);
      double low = number(at + 12 + 2 * below, 2), high = number(at + 14 + 2 * below, 2);
      return (low + (high - low) * (place - below)) / 65535;
    }
    if (!is(at, "para")) return NAN;
    double p[7];
    for (int i = 0; i < 7; i++) p[i] = fixed(at + 12 + 4 * i);
    switch (number(at + 8, 2)) {
      case 3: return x >= p[4] ? std::pow(p[1] * x + p[2], p[0]) : p[3] * x;
      case 4: return x >= p[4] ? std::pow(p[1] * x + p[2], p[0]) + p[5] : p[3] * x + p[6];
      default: return NAN;  // of the others none is sRGB
    }
  }

  // IEC 61966-2-1.
  static double encoded(double x) { return x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055; }

  const uint8_t* data;
  size_t size;
};

// Whether the colours of a picture must be converted to be sRGB.
bool has_other_profile(VipsImage* image) {
  const void* blob = nullptr;
  size_t size = 0;
  return vips_image_get_typeof(image, "icc-profile-data") != 0 &&
         vips_image_get_blob(image, "icc-profile-data", &blob, &size) == 0 &&
         !(vips_image_get_interpretation(image) == VIPS_INTERPRETATION_sRGB && Profile(blob, size).is_srgb());
}

constexpr long SCALED_AT_MOST = 12000000;  // pixels that are held while they are scaled

// By how much libjpeg makes a picture smaller while it decodes it, so that less than half of each side is left to be
// taken away; 0 where that does not suffice, or the rest is large.
int shrink_on_load(int width, int height, int across, int down) {
  for (int shrink : {8, 4, 2, 1}) {
    int columns = width / shrink, rows = height / shrink;
    if (columns >= across && rows >= down)
      return columns < 2 * across && rows < 2 * down && static_cast<long>(columns) * rows <= SCALED_AT_MOST ? shrink : 0;
  }
  return 0;
}

// A view of 8-bit pixels, which must stay.
VipsImage* srgb(const uint8_t* pixels, int width, int height, int bands) {
  Ref bare(vips_image_new_from_memory(pixels, static_cast<size_t>(width) * height * bands, width, height, bands,
                                      VIPS_FORMAT_UCHAR));
  if (bare == nullptr) fail();
  Ref view;
  view.take(vips_copy(bare, view.out(), "interpretation", VIPS_INTERPRETATION_sRGB, nullptr));
  return view.release();
}

void silent(const char*, int, const char*, void*) {}

}  // namespace

void start(const char* loaders) {
  check(vips_init("caravel"));
  g_log_set_default_handler(silent, nullptr);
  vips_concurrency_set(1);  // a photo a thread is faster than threads a photo
  vips_cache_set_max(0);
  vips_operation_block_set("VipsForeignLoad", 1);
  std::stringstream names(loaders);
  for (std::string name; std::getline(names, name, ',');) vips_operation_block_set(name.c_str(), 0);
}

size_t memory() { return vips_tracked_get_mem(); }

Picture::Picture(const char* path, int page) : file(strdup(path)), page(page) {
  try {
    Source source(path);
    // Of other kinds the first is the one that is shown, and not all their loaders know pages.
    std::string first = page > 0 ? "[page=" + std::to_string(page) + "]" : "";
    image = vips_image_new_from_source(source, first.c_str(), nullptr);
    if (image == nullptr) fail();
  } catch (...) {
    free(const_cast<char*>(file));
    throw;
  }
}

Picture::Picture(const uint8_t* pixels, int width, int height, int bands)
    : image(srgb(pixels, width, height, bands)) {}

Picture::~Picture() {
  if (image != nullptr) g_object_unref(image);
  if (buffer != nullptr) g_free(buffer);
  free(const_cast<char*>(file));
  vips_thread_shutdown();  // else what libvips keeps for a thread outlives the thread
}

int Picture::width() const { return vips_image_get_width(image); }

int Picture::height() const { return vips_image_get_height(image); }

int Picture::bands() const { return vips_image_get_bands(image); }

int Picture::orientation() const { return vips_image_get_orientation(image); }

int Picture::exif_orientation() const {
  const void* blob = nullptr;
  size_t size = 0;
  if (vips_image_get_typeof(image, "exif-data") == 0 || vips_image_get_blob(image, "exif-data", &blob, &size) != 0)
    return 1;
  const uint8_t* data = static_cast<const uint8_t*>(blob);
  if (size >= 6 && memcmp(data, "Exif\0\0", 6) == 0) {
    data += 6;
    size -= 6;
  }
  if (size < 8) return 1;
  bool little = data[0] == 'I';
  auto number = [&](size_t at, int bytes) -> size_t {  // beyond the end: 0
    size_t value = 0;
    for (int i = 0; i < bytes && at + bytes <= size; i++)
      value |= static_cast<size_t>(data[at + i]) << 8 * (little ? i : bytes - 1 - i);
    return value;
  };
  size_t directory = number(4, 4);
  size_t entries = number(directory, 2);
  for (size_t i = 0; i < entries; i++) {
    size_t entry = directory + 2 + 12 * i;
    if (number(entry, 2) == 0x0112) {  // Exif 2.32, 4.6.4.A
      size_t orientation = number(entry + 8, 2);
      return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
    }
  }
  return 1;
}

void Picture::decode(int width, int height, int orientation, bool tolerant, bool quick, bool unlimited) {
  bool sideways = orientation >= 5;
  int across = sideways ? height : width;
  int down = sideways ? width : height;
  // The option "fail_on" of vips_thumbnail_source() itself does not reach the loader (8.14).
  std::string options = !tolerant ? "fail_on=truncated" : unlimited && is_jpeg(image) ? "unlimited" : "";
  // With export_profile libvips 8.14 converts pictures without a profile, too, and wrongly.
  const char* profile = has_other_profile(image) ? "export_profile" : nullptr;
  bool plain = quick && is_jpeg(image) && profile == nullptr && bands() == 3 &&
               vips_image_get_interpretation(image) == VIPS_INTERPRETATION_sRGB;
  int shrink = plain ? shrink_on_load(this->width(), this->height(), across, down) : 0;
  if (shrink > 0)
    load(shrink, options, across, down);
  else
    thumbnail(options, profile, across, down);
  if (orientation != 1) {
    Ref turned;
    turned.take(vips_copy(image, turned.out(), nullptr));
    vips_image_set_int(turned, "orientation", orientation);
    turned.take(vips_autorot(turned, turned.out(), nullptr));
    finish(turned);
  }
}

// Half the time of thumbnail(), which decodes twice as much and more, and scales each pixel by itself.
void Picture::load(int shrink, const std::string& options, int across, int down) {
  std::string named = "[access=sequential,shrink=" + std::to_string(shrink) + (options.empty() ? "" : "," + options) + "]";
  {
    Source source(file);
    Ref lazy(vips_image_new_from_source(source, named.c_str(), nullptr));
    if (lazy == nullptr) fail();
    finish(lazy);
  }
  if (width() == across && height() == down) return;
  std::vector<uint8_t> narrow(static_cast<size_t>(across) * height() * 3);
  Lanczos(width(), across).across(pixels(), width(), height(), narrow.data());
  std::vector<uint8_t> small(static_cast<size_t>(across) * down * 3);
  Lanczos(height(), down).down(narrow.data(), across * 3, small.data());
  Ref scaled(srgb(small.data(), across, down, 3));
  finish(scaled);
}

void Picture::thumbnail(std::string options, const char* profile, int across, int down) {
  if (page > 0) options += (options.empty() ? "page=" : ",page=") + std::to_string(page);
  if (!options.empty()) options = "[" + options + "]";
  const char* named = options.c_str();
  Ref lazy;
  {
    Source source(file);
    int failed = vips_thumbnail_source(source, lazy.out(), across, "height", down, "size", VIPS_SIZE_FORCE, "no_rotate",
                                       1, "option_string", named, profile, "srgb", nullptr);
    if (failed != 0 && profile != nullptr) {  // a profile that cannot be used counts as none
      vips_error_clear();
      Source again(file);
      failed = vips_thumbnail_source(again, lazy.out(), across, "height", down, "size", VIPS_SIZE_FORCE, "no_rotate", 1,
                                     "option_string", named, nullptr);
    }
    lazy.take(failed);
  }
  if (vips_image_get_interpretation(lazy) != VIPS_INTERPRETATION_sRGB)
    lazy.take(vips_colourspace(lazy, lazy.out(), VIPS_INTERPRETATION_sRGB, nullptr));
  int wanted = vips_image_hasalpha(lazy) ? 4 : 3;
  if (vips_image_get_bands(lazy) > wanted)
    lazy.take(vips_extract_band(lazy, lazy.out(), 0, "n", wanted, nullptr));
  if (vips_image_get_format(lazy) != VIPS_FORMAT_UCHAR)
    lazy.take(vips_cast(lazy, lazy.out(), VIPS_FORMAT_UCHAR, nullptr));
  finish(lazy);
}

// Computes the pixels, so that stop() can end it; the result takes the place of the image.
void Picture::finish(_VipsImage* lazy) {
  {
    std::lock_guard<std::mutex> hold(guard);
    if (stopped) throw std::runtime_error("stopped: before it began");
    running = lazy;
  }
  VipsImage* pixels = vips_image_copy_memory(lazy);
  std::lock_guard<std::mutex> hold(guard);
  running = nullptr;
  if (stopped) {
    if (pixels != nullptr) g_object_unref(pixels);
    vips_error_clear();
    throw std::runtime_error("stopped: in its midst");
  }
  if (pixels == nullptr) fail();
  g_object_unref(image);
  image = pixels;
}

bool Picture::blank() {
  const uint8_t* pixels = this->pixels();
  size_t step = bands();
  size_t count = static_cast<size_t>(width()) * height();
  const uint8_t* fill = pixels + (static_cast<size_t>(height() / 2) * width() + width() / 2) * step;
  size_t line = width() > height() ? width() : height();
  if (line > count / 2) line = count > 1 ? count / 2 : 1;  // a picture of one line
  size_t other = 0;
  for (size_t i = 0; i < count && other < line; i++)
    for (size_t band = 0; band < step; band++)
      if (abs(pixels[i * step + band] - fill[band]) > 2) {
        other++;
        break;
      }
  return other < line;
}

void Picture::flatten() {
  if (!vips_image_hasalpha(image)) return;
  White white;
  Ref flat;
  flat.take(vips_flatten(image, flat.out(), "background", static_cast<VipsArrayDouble*>(white), nullptr));
  finish(flat);
}

const uint8_t* Picture::pixels() {
  const void* pixels = vips_image_get_data(image);
  if (pixels == nullptr) fail();
  return static_cast<const uint8_t*>(pixels);
}

size_t Picture::encode(int left, int top, int areaWidth, int areaHeight, int width, int height, int canvasWidth,
                       int canvasHeight, const char* format, int quality) {
  bool webp = strcmp(format, "webp") == 0;
  Ref drawn;
  drawn.take(vips_extract_area(image, drawn.out(), left, top, areaWidth, areaHeight, nullptr));
  if (areaWidth != width || areaHeight != height)
    drawn.take(vips_thumbnail_image(drawn, drawn.out(), width, "height", height, "size", VIPS_SIZE_FORCE, "no_rotate", 1,
                                    nullptr));
  White white;
  if (vips_image_hasalpha(drawn) && !webp)
    drawn.take(vips_flatten(drawn, drawn.out(), "background", static_cast<VipsArrayDouble*>(white), nullptr));
  if (canvasWidth != width || canvasHeight != height)
    drawn.take(vips_embed(drawn, drawn.out(), (canvasWidth - width) / 2, (canvasHeight - height) / 2, canvasWidth,
                          canvasHeight, "extend", VIPS_EXTEND_BACKGROUND, "background",
                          static_cast<VipsArrayDouble*>(white), nullptr));
  if (buffer != nullptr) g_free(buffer);
  buffer = nullptr;
  size_t size = 0;
  if (webp)
    check(vips_webpsave_buffer(drawn, &buffer, &size, "Q", quality, "strip", 1, nullptr));
  else
    check(vips_jpegsave_buffer(drawn, &buffer, &size, "Q", quality, "interlace", 1, "optimize_coding", 1, "strip", 1,
                               "subsample_mode", VIPS_FOREIGN_SUBSAMPLE_ON,
                               nullptr));
  return size;
}

const uint8_t* Picture::encoded() const { return static_cast<const uint8_t*>(buffer); }

void Picture::stop() {
  std::lock_guard<std::mutex> hold(guard);
  stopped = true;
  if (running != nullptr) vips_image_set_kill(running, 1);
}

}  // namespace caravel
