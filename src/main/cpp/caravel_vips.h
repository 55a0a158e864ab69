// The native contract of the picture engine: pictures in, upright 8-bit sRGB pixels and thumbnails out.
//
// Thread safety: a Picture belongs to one thread; stop() alone may be called from any other. Different
// Pictures are independent. Errors: std::runtime_error, which the glue hands to Java as RuntimeException; its
// text starts with "stopped: " after a stop(), else with "vips: " and says what libvips said (for the log:
// libvips keeps one text for all threads). Memory: all is freed with the Picture.
#pragma once
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

struct _VipsImage;

namespace caravel {

// Once, before all else. `loaders`: comma-separated names of the libvips loaders that may read, such as
// "VipsForeignLoadJpeg"; all others are blocked, whatever a file looks like.
void start(const char* loaders);

// Bytes that libvips holds for pixels at this moment, over all threads.
size_t memory();

class Picture {
 public:
  // Reads the header of a file. The path is taken as it is. `page`: of a TIFF, from 0.
  explicit Picture(const char* path, int page);

  // Takes upright 8-bit sRGB pixels: `bands` (3, or 4 with alpha) bytes a pixel, row by row. They are not
  // copied and must stay as long as the Picture.
  Picture(const uint8_t* pixels, int width, int height, int bands);

  ~Picture();
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;

  // As stored until decode(), of the decoded pixels after.
  int width() const;
  int height() const;
  // 3, or 4 with alpha; after decode().
  int bands() const;
  // EXIF orientation 1 to 8 as libvips reads it: 1 where the loader turns the picture itself (HEIF).
  int orientation() const;
  // What the EXIF data say, 1 to 8, though the loader may have turned the picture; 1 where they say nothing valid.
  int exif_orientation() const;

  // Decodes to exactly width x height upright pixels (neither larger than the upright picture), sRGB, 8 bit,
  // by shrink-on-load where the format can. `tolerant`: what is cut off or damaged is filled in instead of
  // being an error; `unlimited`: of a JPEG, however much it is, and however long that takes. `quick`: a JPEG of sRGB in
  // half the time and a little sharper, for what only looks into it.
  void decode(int width, int height, int orientation, bool tolerant, bool quick, bool unlimited = false);

  // Whether the decoded pixels are, but for less than a line of them, of the one colour (to 2 of 255) with which
  // a tolerant decode fills in: nothing was read then.
  bool blank();

  // Lays transparent pixels on white: 3 bands from then on.
  void flatten();

  // The decoded pixels, width * height * bands bytes; there until the picture is turned, flattened or gone.
  const uint8_t* pixels();

  // Draws a thumbnail from the decoded pixels: the area (pixels) scaled to width x height, in the middle of a
  // canvas, white around it. `format`: "jpg" (progressive, 4:2:0, alpha on white) or "webp" (alpha kept). None
  // of the photo's metadata is in it. Returns its size in bytes; encoded() holds them until the next call.
  size_t encode(int left, int top, int areaWidth, int areaHeight, int width, int height, int canvasWidth,
                int canvasHeight, const char* format, int quality);
  const uint8_t* encoded() const;

  // Ends a decode() that is under way, soon, with an error; and all later ones.
  void stop();

 private:
  void load(int shrink, const std::string& options, int across, int down);
  void thumbnail(std::string options, const char* profile, int across, int down);
  void finish(_VipsImage* lazy);
  std::mutex guard;
  const char* file = nullptr;
  int page = 0;
  _VipsImage* image = nullptr;
  _VipsImage* running = nullptr;
  void* buffer = nullptr;
  bool stopped = false;
};

}  // namespace caravel
