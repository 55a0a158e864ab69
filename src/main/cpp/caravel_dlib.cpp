// The face engine on dlib. Compiled once for each variant; nothing but caravel_face_models is seen from outside, so
// that the inline code of one variant never takes the place of another's.
#include "caravel_dlib.h"

#include <dlib/dnn.h>
#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/revision.h>

#include <memory>
#include <stdexcept>
#include <vector>

#include "lanczos.h"

namespace caravel {

namespace {

using Image = dlib::array2d<dlib::rgb_pixel>;

struct Detection {
  dlib::rectangle box;
  double score;
};

// Where the faces of a picture are: the seam for a faster kernel.
class Detector {
 public:
  virtual ~Detector() = default;
  // In the pixels of the picture, the surest first; a box may reach beyond the picture.
  virtual std::vector<Detection> detect(const Image& image) = 0;
};

// dlib's, on the picture at twice its size: faces from 40 pixels on.
class HogDetector : public Detector {
 public:
  HogDetector() : detector(built()) {}

  std::vector<Detection> detect(const Image& image) override {
    dlib::pyramid_down<2> pyramid;
    Image larger;
    dlib::pyramid_up(image, larger, pyramid);
    std::vector<dlib::rect_detection> found;
    detector(larger, found, 0.0);
    std::vector<Detection> detections;
    for (const dlib::rect_detection& each : found)
      detections.push_back({pyramid.rect_down(each.rect, 1), each.detection_confidence});
    return detections;
  }

 private:
  static const dlib::frontal_face_detector& built() {
    static const dlib::frontal_face_detector once = dlib::get_frontal_face_detector();
    return once;
  }

  dlib::frontal_face_detector detector;
};

// The network as examples/dnn_face_recognition_ex.cpp of dlib defines it; the names of its types say no more.
template <template <int, template <typename> class, int, typename> class block, int N, template <typename> class BN,
          typename SUBNET>
using residual = dlib::add_prev1<block<N, BN, 1, dlib::tag1<SUBNET>>>;
template <template <int, template <typename> class, int, typename> class block, int N, template <typename> class BN,
          typename SUBNET>
using residual_down =
    dlib::add_prev2<dlib::avg_pool<2, 2, 2, 2, dlib::skip1<dlib::tag2<block<N, BN, 2, dlib::tag1<SUBNET>>>>>>;
template <int N, template <typename> class BN, int stride, typename SUBNET>
using block = BN<dlib::con<N, 3, 3, 1, 1, dlib::relu<BN<dlib::con<N, 3, 3, stride, stride, SUBNET>>>>>;
template <int N, typename SUBNET>
using ares = dlib::relu<residual<block, N, dlib::affine, SUBNET>>;
template <int N, typename SUBNET>
using ares_down = dlib::relu<residual_down<block, N, dlib::affine, SUBNET>>;
template <typename SUBNET>
using level0 = ares_down<256, SUBNET>;
template <typename SUBNET>
using level1 = ares<256, ares<256, ares_down<256, SUBNET>>>;
template <typename SUBNET>
using level2 = ares<128, ares<128, ares_down<128, SUBNET>>>;
template <typename SUBNET>
using level3 = ares<64, ares<64, ares<64, ares_down<64, SUBNET>>>>;
template <typename SUBNET>
using level4 = ares<32, ares<32, ares<32, SUBNET>>>;
using ResNet = dlib::loss_metric<dlib::fc_no_bias<
    ENCODING,
    dlib::avg_pool_everything<level0<level1<level2<level3<level4<dlib::max_pool<
        3, 3, 2, 2, dlib::relu<dlib::affine<dlib::con<32, 7, 7, 2, 2, dlib::input_rgb_image_sized<150>>>>>>>>>>>>>;

constexpr double PADDING = 0.25;

// Collects the numbers of a network from its picture on, as FaceModels::weights tells.
class Weights {
 public:
  explicit Weights(std::vector<float>& out) : out(out) {}

  template <typename LAYER>
  void operator()(size_t, LAYER&) {}

  template <typename DETAILS, typename SUBNET, typename E>
  void operator()(size_t, dlib::add_layer<DETAILS, SUBNET, E>& layer) {
    take(layer.layer_details());
  }

 private:
  template <typename DETAILS>
  void take(const DETAILS&) {}

  template <long N, long NR, long NC, int SY, int SX, int PY, int PX>
  void take(const dlib::con_<N, NR, NC, SY, SX, PY, PX>& layer) {
    const dlib::tensor& numbers = layer.get_layer_params();
    filters = numbers.size() - (layer.bias_is_disabled() ? 0 : layer.num_filters());
    first = out.size();
    out.insert(out.end(), numbers.begin(), numbers.end());
    out.resize(first + filters + layer.num_filters());
  }

  // dlib computes gamma * filtered + beta.
  void take(const dlib::affine_& layer) {
    auto scales = layer.get_gamma(), shifts = layer.get_beta();
    const dlib::tensor &gamma = scales, &beta = shifts;
    size_t count = gamma.size(), each = filters / count;
    for (size_t i = 0; i < count; i++) {
      float scale = gamma.host()[i];
      float* bias = &out[first + filters + i];
      *bias = *bias * scale + beta.host()[i];
      for (size_t weight = 0; weight < each; weight++) out[first + i * each + weight] *= scale;
    }
  }

  template <unsigned long N, dlib::fc_bias_mode BIAS>
  void take(const dlib::fc_<N, BIAS>& layer) {
    const dlib::tensor& numbers = layer.get_layer_params();
    out.insert(out.end(), numbers.begin(), numbers.end());
  }

  std::vector<float>& out;
  size_t first = 0;    // of the last convolution
  size_t filters = 0;  // of the last convolution
};

void put(Image& image, const uint8_t* rgb, int width, int height) {
  image.set_size(height, width);
  for (dlib::rgb_pixel& pixel : image) {
    pixel = dlib::rgb_pixel(rgb[0], rgb[1], rgb[2]);
    rgb += 3;
  }
}

class DlibEngine : public FaceEngine {
 public:
  DlibEngine(const dlib::shape_predictor& landmarks, const ResNet& resnet)
      : landmarks(landmarks), resnet(resnet) {}

  int search(const uint8_t* rgb, int width, int height, int side) override {
    int longer = std::max(width, height);
    double scale = longer <= side ? 1 : static_cast<double>(side) / longer;
    take(rgb, width, height, std::max(1, static_cast<int>(width * scale)),
         std::max(1, static_cast<int>(height * scale)));
    if (detector == nullptr) detector = std::make_unique<HogDetector>();
    faces = detector->detect(image);
    for (Detection& face : faces) {
      face.box.left() = std::max(face.box.left(), 0L);
      face.box.top() = std::max(face.box.top(), 0L);
      face.box.right() = std::min(face.box.right(), image.nc());
      face.box.bottom() = std::min(face.box.bottom(), image.nr());
    }
    return static_cast<int>(faces.size());
  }

  void take(const uint8_t* rgb, int width, int height, int across, int down) override {
    faces.clear();
    if (across == width && down == height) {
      put(image, rgb, width, height);
      return;
    }
    std::vector<uint8_t> narrow(static_cast<size_t>(across) * height * 3);
    Lanczos(width, across).across(rgb, width, height, narrow.data());
    std::vector<uint8_t> small(static_cast<size_t>(across) * down * 3);
    Lanczos(height, down).down(narrow.data(), across * 3, small.data());
    put(image, small.data(), across, down);
  }

  void planes(float* out, int columns, int rows, int step) const override {
    size_t plane = static_cast<size_t>(columns) * rows;
    long across = std::min<long>(columns, image.nc() / step);
    long down = std::min<long>(rows, image.nr() / step);
    float part = 1.0f / (step * step);
    std::vector<int> sums(static_cast<size_t>(across) * 3);
    for (long row = 0; row < down; row++) {
      float* blue = out + row * columns;
      float* green = blue + plane;
      float* red = green + plane;
      if (step == 1) {
        const dlib::rgb_pixel* pixel = &image[row][0];
        for (long column = 0; column < across; column++) {
          blue[column] = pixel[column].blue;
          green[column] = pixel[column].green;
          red[column] = pixel[column].red;
        }
      } else {
        std::fill(sums.begin(), sums.end(), 0);
        for (int line = 0; line < step; line++) {
          const dlib::rgb_pixel* pixel = &image[row * step + line][0];
          for (long column = 0; column < across; column++) {
            int* sum = &sums[3 * column];
            for (int i = 0; i < step; i++, pixel++) {
              sum[0] += pixel->blue;
              sum[1] += pixel->green;
              sum[2] += pixel->red;
            }
          }
        }
        for (long column = 0; column < across; column++) {
          blue[column] = sums[3 * column] * part;
          green[column] = sums[3 * column + 1] * part;
          red[column] = sums[3 * column + 2] * part;
        }
      }
      for (float* line : {blue, green, red}) std::fill(line + across, line + columns, 0.0f);
    }
    for (int band = 0; band < 3; band++) std::fill(out + band * plane + down * columns, out + (band + 1) * plane, 0.0f);
  }

  void add(int left, int top, int right, int bottom) override {
    faces.push_back({dlib::rectangle(left, top, right, bottom), 0});
  }

  int width() const override { return static_cast<int>(image.nc()); }
  int height() const override { return static_cast<int>(image.nr()); }
  int left(int face) const override { return static_cast<int>(faces.at(face).box.left()); }
  int top(int face) const override { return static_cast<int>(faces.at(face).box.top()); }
  int right(int face) const override { return static_cast<int>(faces.at(face).box.right()); }
  int bottom(int face) const override { return static_cast<int>(faces.at(face).box.bottom()); }
  double score(int face) const override { return faces.at(face).score; }

  void encode(int face, float* out) override {
    if (own == nullptr) own = std::make_unique<ResNet>(resnet);
    const dlib::matrix<float, 0, 1>& encoding = (*own)(cut(face));
    std::copy(encoding.begin(), encoding.end(), out);
  }

  void chip(int face, float* out) override {
    dlib::matrix<dlib::rgb_pixel> pixels = cut(face);
    dlib::resizable_tensor planes;
    resnet.subnet().input_layer().to_tensor(&pixels, &pixels + 1, planes);
    std::copy(planes.begin(), planes.end(), out);
  }

 private:
  dlib::matrix<dlib::rgb_pixel> cut(int face) const {
    dlib::full_object_detection shape = landmarks(image, faces.at(face).box);
    dlib::matrix<dlib::rgb_pixel> chip;
    dlib::extract_image_chip(image, dlib::get_face_chip_details(shape, CHIP, PADDING), chip);
    return chip;
  }

  std::unique_ptr<Detector> detector;  // made when it is needed
  const dlib::shape_predictor& landmarks;
  const ResNet& resnet;
  std::unique_ptr<ResNet> own;  // a copy, made when it is needed
  Image image;
  std::vector<Detection> faces;
};

class DlibModels : public FaceModels {
 public:
  DlibModels(const char* landmarksFile, const char* resnetFile) {
    dlib::deserialize(landmarksFile) >> landmarks;
    dlib::deserialize(resnetFile) >> resnet;
    if (landmarks.num_parts() != 5) throw std::runtime_error("these are not the 5-point landmarks");
  }

  FaceEngine* engine() const override { return new DlibEngine(landmarks, resnet); }

  int weights(float* out) override {
    std::vector<float> all;
    dlib::visit_layers_backwards(resnet, Weights(all));
    if (out != nullptr) std::copy(all.begin(), all.end(), out);
    return static_cast<int>(all.size());
  }

 private:
  dlib::shape_predictor landmarks;
  ResNet resnet;
};

}  // namespace

}  // namespace caravel

#define TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number

extern "C" {

__attribute__((visibility("default"))) const char* caravel_face_dlib() {
  return TEXT(DLIB_MAJOR_VERSION) "." TEXT(DLIB_MINOR_VERSION);
}

__attribute__((visibility("default"))) caravel::FaceModels* caravel_face_models(const char* landmarks,
                                                                               const char* resnet) {
  return new caravel::DlibModels(landmarks, resnet);
}
}
