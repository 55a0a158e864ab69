// Scaling by the windowed sinc (a = 3) with the integers of Pillow's Image.resize(…, LANCZOS), so that its pixels are
// the same. Source: src/libImaging/Resample.c of Pillow.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

// Each processor runs the code that suits it, with the same result.
#if defined(__x86_64__) && !defined(__AVX__)
#define CARAVEL_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CARAVEL_CLONES
#endif

namespace caravel {

// One direction: each output pixel is the weighted sum of `taps` input pixels from `first` on.
class Lanczos {
 public:
  Lanczos(int from, int to) {
    double scale = static_cast<double>(from) / to;
    double stretch = std::max(scale, 1.0);
    double support = 3 * stretch;
    for (int i = 0; i < to; i++) {
      double center = (i + 0.5) * scale;
      int begin = std::max(0, static_cast<int>(center - support + 0.5));
      int end = std::min(from, static_cast<int>(center + support + 0.5));
      std::vector<double> weights;
      double sum = 0;
      for (int x = begin; x < end; x++) {
        weights.push_back(kernel((x - center + 0.5) * (1 / stretch)));
        sum += weights.back();
      }
      outputs.push_back({begin, end - begin, static_cast<int>(fixed.size())});
      for (double weight : weights) fixed.push_back(std::lround(weight * (1 / sum) * (1 << BITS)));
    }
  }

  // Rows of `width` RGB pixels to rows of as many as there are outputs.
  CARAVEL_CLONES void across(const uint8_t* in, int width, int height, uint8_t* out) const {
    typedef int32_t Pixel __attribute__((vector_size(16)));
    std::vector<Pixel> row(width);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++, in += 3) row[x] = Pixel{in[0], in[1], in[2], 0};
      for (const Output& output : outputs) {
        Pixel sum = {HALF, HALF, HALF, 0};
        for (int i = 0; i < output.taps; i++) sum += row[output.first + i] * fixed[output.weights + i];
        for (int band = 0; band < 3; band++) *out++ = clip(sum[band]);
      }
    }
  }

  // Rows of `bytes` bytes to as many rows as there are outputs.
  CARAVEL_CLONES void down(const uint8_t* in, int bytes, uint8_t* out) const {
    std::vector<int32_t> sums(bytes);
    for (const Output& output : outputs) {
      std::fill(sums.begin(), sums.end(), HALF);
      for (int i = 0; i < output.taps; i++) {
        const uint8_t* row = in + static_cast<size_t>(output.first + i) * bytes;
        int32_t weight = fixed[output.weights + i];
        for (int x = 0; x < bytes; x++) sums[x] += row[x] * weight;
      }
      for (int x = 0; x < bytes; x++) *out++ = clip(sums[x]);
    }
  }

 private:
  static constexpr int BITS = 32 - 8 - 2;
  static constexpr int32_t HALF = 1 << (BITS - 1);
  struct Output {
    int first;
    int taps;
    int weights;
  };

  static uint8_t clip(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> BITS, 0, 255)); }

  static double sinc(double x) { return x == 0 ? 1 : std::sin(x * M_PI) / (x * M_PI); }

  static double kernel(double x) { return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0; }

  std::vector<Output> outputs;
  std::vector<int32_t> fixed;
};

}  // namespace caravel
