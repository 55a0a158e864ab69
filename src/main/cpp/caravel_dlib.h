// The native contract of the face engine: upright 8-bit sRGB pixels in; boxes, scores and encodings out, as the Python
// package face_recognition 1.3.0 gives them with model="small" (HOG detector, upsample 1; num_jitters 1).
//
// Thread safety: a FaceEngine belongs to one thread at a time, a FaceLibrary to all. Errors: std::exception, which the
// glue hands to Java as RuntimeException with its text; "std::bad_alloc" when there is no memory. Memory: whoever calls
// FaceLibrary::engine() discards the engine, and all of them before the library.
#pragma once
#include <cstdint>

namespace caravel {

// Floats of an encoding.
constexpr int ENCODING = 128;

// Pixels of each side of what the network is shown of a face.
constexpr int CHIP = 150;

class FaceEngine {
 public:
  virtual ~FaceEngine() = default;

  // Searches a picture, scaled down (Lanczos, sizes truncated, as Pillow does) so that its longer side is at most
  // `side` pixels; never enlarged. `rgb`: width * height * 3 bytes, row by row; not kept. Returns how many faces were
  // found. They, and the scaled picture, are kept until the next call.
  virtual int search(const uint8_t* rgb, int width, int height, int side) = 0;

  // Takes a picture in which another detector seeks faces, scaled (Lanczos) to across * down pixels, at most its own. It is
  // kept until the next call, without a face.
  virtual void take(const uint8_t* rgb, int width, int height, int across, int down) = 0;

  // Writes the kept picture, its sides divided by `step` (means of step * step pixels; what is left over is cut off), as
  // floats of 0 to 255: all of blue, then of green, then of red, `rows` * `columns` each, row by row; 0 right of the
  // picture and below it.
  virtual void planes(float* out, int columns, int rows, int step) const = 0;

  // Adds a face of the kept picture by a box as search() would draw it; it may reach beyond the picture.
  virtual void add(int left, int top, int right, int bottom) = 0;

  // Of the picture as it was searched, in pixels.
  virtual int width() const = 0;
  virtual int height() const = 0;

  // Of face 0 … in the detector's order, trimmed to the picture: left, top, right and bottom in its pixels.
  virtual int left(int face) const = 0;
  virtual int top(int face) const = 0;
  virtual int right(int face) const = 0;
  virtual int bottom(int face) const = 0;

  // The detector's confidence.
  virtual double score(int face) const = 0;

  // Writes the ENCODING floats of a face to `out`.
  virtual void encode(int face, float* out) = 0;

  // Writes what the network is shown of a face, for another that runs it: 3 * CHIP * CHIP floats, red, green and blue, row
  // by row, each less its mean, in parts of 256.
  virtual void chip(int face, float* out) = 0;
};

// The models, in the code of one variant of the shared library. A variant gives this by
//   extern "C" caravel::FaceModels* caravel_face_models(const char* landmarks, const char* resnet)
// and the version of dlib by
//   extern "C" const char* caravel_face_dlib()
class FaceModels {
 public:
  virtual ~FaceModels() = default;
  virtual FaceEngine* engine() const = 0;
  virtual int weights(float* out) = 0;
};

void discard(FaceEngine* engine);

// Whether this processor can run the AVX2 variant.
bool avx2();

// A variant of the shared library, which stays loaded as long as the process lives.
class FaceLibrary {
 public:
  // Throws where the file cannot be loaded, or its BLAS is not OpenBLAS, with which an encoding takes 15 ms and not 200.
  // OpenBLAS is told to use one thread a call: a photo a thread is faster than threads a photo.
  explicit FaceLibrary(const char* path);
  ~FaceLibrary();
  FaceLibrary(const FaceLibrary&) = delete;
  FaceLibrary& operator=(const FaceLibrary&) = delete;

  // What OpenBLAS says of itself, such as "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Zen MAX_THREADS=64".
  const char* blas() const;

  // The version of dlib, such as "19.24".
  const char* dlib() const;

  // Reads the models, once, from dlib's files of the 5-point landmarks and of the face recognition ResNet.
  void load(const char* landmarks, const char* resnet);

  // A new engine on the loaded models; of some 25 MB from its first encode() on.
  FaceEngine* engine() const;

  // Writes the numbers of the loaded network, for another that runs it, unless `out` is null; returns how many there are.
  // From the picture on: of each convolution its filters (output, input, row, column), then its biases, as they are with
  // the affine layer behind it; then the last matrix, 256 rows of ENCODING.
  int weights(float* out) const;

 private:
  void* library;
  const char* config;
  const char* version;
  FaceModels* models = nullptr;
};

}  // namespace caravel
