// The face engine against dlib as the service that Caravel replaces had it: the same steps on the same pixels and the
// same OpenBLAS, compiled with that service's flags (-O2 -mavx), in turns.
//   faces turns LIBRARY MODELS ROUNDS PPM ...      each picture by both; medians and ratios, boxes compared
//   faces cores LIBRARY MODELS ROUNDS PPM ...      the engine on one core, then on two
//   faces service MODELS                           that service alone: of each JPEG that standard input names, its
//                                                  processor time from the file to the encodings, and how many
#include <dlib/dnn.h>
#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>

#include <jpeglib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "caravel_dlib.h"
#include "lanczos.h"

namespace {

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
    128, dlib::avg_pool_everything<level0<level1<level2<level3<level4<dlib::max_pool<
             3, 3, 2, 2, dlib::relu<dlib::affine<dlib::con<32, 7, 7, 2, 2, dlib::input_rgb_image_sized<150>>>>>>>>>>>>>;

struct Picture {
  std::string name;
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgb;

  explicit Picture(const std::string& file) : name(file.substr(file.rfind('/') + 1)) {
    std::ifstream in(file, std::ios::binary);
    std::string magic;
    int most;
    in >> magic >> width >> height >> most;
    in.get();
    rgb.resize(static_cast<size_t>(width) * height * 3);
    in.read(reinterpret_cast<char*>(rgb.data()), rgb.size());
    if (magic != "P6" || most != 255 || !in) throw std::runtime_error(file + " is no PPM of 8 bits");
  }

  // As Pillow decodes a JPEG: by libjpeg, whole, to RGB.
  static Picture jpeg(const std::string& file) {
    FILE* in = fopen(file.c_str(), "rb");
    if (in == nullptr) throw std::runtime_error(file + " cannot be read");
    jpeg_decompress_struct decoder;
    jpeg_error_mgr errors;
    decoder.err = jpeg_std_error(&errors);  // ends the program
    jpeg_create_decompress(&decoder);
    jpeg_stdio_src(&decoder, in);
    jpeg_read_header(&decoder, TRUE);
    decoder.out_color_space = JCS_RGB;
    jpeg_start_decompress(&decoder);
    Picture picture;
    picture.width = decoder.output_width;
    picture.height = decoder.output_height;
    picture.rgb.resize(static_cast<size_t>(picture.width) * picture.height * 3);
    while (decoder.output_scanline < decoder.output_height) {
      JSAMPROW row = &picture.rgb[static_cast<size_t>(decoder.output_scanline) * picture.width * 3];
      jpeg_read_scanlines(&decoder, &row, 1);
    }
    jpeg_finish_decompress(&decoder);
    jpeg_destroy_decompress(&decoder);
    fclose(in);
    return picture;
  }

 private:
  Picture() = default;
};

// Processor time of this thread, so that what else the machine does counts less.
double now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

double clock_now() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

struct Spent {
  double scale = 0, enlarge = 0, detect = 0, encode = 0;
  double all() const { return scale + enlarge + detect + encode; }
};

struct Answer {
  Spent spent;
  std::vector<dlib::rectangle> boxes;
};

class Stock {
 public:
  explicit Stock(const std::string& models) : detector(dlib::get_frontal_face_detector()) {
    dlib::deserialize(models + "/shape_predictor_5_face_landmarks.dat") >> landmarks;
    dlib::deserialize(models + "/dlib_face_recognition_resnet_model_v1.dat") >> resnet;
  }

  Answer find(const Picture& picture) {
    Answer answer;
    int longer = std::max(picture.width, picture.height);
    for (int side : {1200, 1600, 2000}) {
      double start = now();
      dlib::array2d<dlib::rgb_pixel> image, larger;
      double scale = std::min(1.0, static_cast<double>(side) / longer);
      int across = static_cast<int>(picture.width * scale), down = static_cast<int>(picture.height * scale);
      std::vector<uint8_t> pixels = picture.rgb;
      if (scale < 1) {
        std::vector<uint8_t> narrow(static_cast<size_t>(across) * picture.height * 3);
        caravel::Lanczos(picture.width, across)
            .across(picture.rgb.data(), picture.width, picture.height, narrow.data());
        pixels.resize(static_cast<size_t>(across) * down * 3);
        caravel::Lanczos(picture.height, down).down(narrow.data(), across * 3, pixels.data());
      }
      image.set_size(down, across);
      const uint8_t* next = pixels.data();
      for (dlib::rgb_pixel& pixel : image) {
        pixel = dlib::rgb_pixel(next[0], next[1], next[2]);
        next += 3;
      }
      double scaled = now();
      dlib::pyramid_down<2> pyramid;
      dlib::pyramid_up(image, larger, pyramid);
      double enlarged = now();
      std::vector<dlib::rect_detection> found;
      detector(larger, found, 0.0);
      double detected = now();
      for (const dlib::rect_detection& each : found) {
        dlib::rectangle box = pyramid.rect_down(each.rect, 1);
        box = dlib::rectangle(std::max(box.left(), 0L), std::max(box.top(), 0L), std::min(box.right(), image.nc()),
                              std::min(box.bottom(), image.nr()));
        dlib::matrix<dlib::rgb_pixel> chip;
        dlib::extract_image_chip(image, dlib::get_face_chip_details(landmarks(image, box), 150, 0.25), chip);
        resnet(chip);
        answer.boxes.push_back(box);
      }
      answer.spent.scale += scaled - start;
      answer.spent.enlarge += enlarged - scaled;
      answer.spent.detect += detected - enlarged;
      answer.spent.encode += now() - detected;
      if (!answer.boxes.empty()) break;
    }
    return answer;
  }

 private:
  dlib::frontal_face_detector detector;
  dlib::shape_predictor landmarks;
  ResNet resnet;
};

// As DlibFaces does it. What is spent before the encodings counts as detection.
Answer find(caravel::FaceEngine& engine, const Picture& picture) {
  Answer answer;
  double start = now();
  int faces = 0;
  for (int side : {1200, 1600, 2000}) {
    faces = engine.search(picture.rgb.data(), picture.width, picture.height, side);
    if (faces > 0 || side >= std::max(picture.width, picture.height)) break;
  }
  double detected = now();
  for (int i = 0; i < faces; i++) {
    float encoding[caravel::ENCODING];
    engine.encode(i, encoding);
    answer.boxes.emplace_back(engine.left(i), engine.top(i), engine.right(i), engine.bottom(i));
  }
  answer.spent.detect = detected - start;
  answer.spent.encode = now() - detected;
  return answer;
}

void turns(const caravel::FaceLibrary& library, const std::string& models, int rounds,
           const std::vector<Picture>& pictures) {
  Stock stock(models);
  std::unique_ptr<caravel::FaceEngine> engine(library.engine());
  std::vector<double> with, without;
  for (const Picture& picture : pictures) {
    std::vector<double> theirs, ours, scale, enlarge, detect, encode, our_encode;
    size_t faces = 0;
    for (int round = -1; round < rounds; round++) {
      Answer one = stock.find(picture);
      Answer other = find(*engine, picture);
      if (one.boxes != other.boxes) throw std::runtime_error(picture.name + ": other boxes");
      faces = one.boxes.size();
      if (round < 0) continue;
      theirs.push_back(one.spent.all());
      ours.push_back(other.spent.all());
      scale.push_back(one.spent.scale);
      enlarge.push_back(one.spent.enlarge);
      detect.push_back(one.spent.detect);
      encode.push_back(one.spent.encode);
      our_encode.push_back(other.spent.encode);
    }
    double ratio = median(theirs) / median(ours);
    (faces > 0 ? with : without).push_back(ratio);
    printf("%s %dx%d, %zu faces: stock %.0f ms (scaling %.0f, upsampling %.0f, detector %.0f, encoding %.0f), engine %.0f "
           "(encoding %.0f): %.2f times\n",
           picture.name.c_str(), picture.width, picture.height, faces, median(theirs), median(scale), median(enlarge),
           median(detect), median(encode), median(ours), median(our_encode), ratio);
    fflush(stdout);
  }
  for (auto* ratios : {&with, &without})
    if (!ratios->empty())
      printf("%s a face: median %.2f times, least %.2f (%zu pictures)\n", ratios == &with ? "with" : "without",
             median(*ratios), *std::min_element(ratios->begin(), ratios->end()), ratios->size());
}

// Milliseconds for the pictures, `rounds` times, on as many cores as threads.
double run(const caravel::FaceLibrary& library, int rounds, const std::vector<Picture>& pictures, int threads) {
  std::vector<std::unique_ptr<caravel::FaceEngine>> engines;
  for (int i = 0; i < threads; i++) {
    engines.emplace_back(library.engine());
    find(*engines.back(), pictures.front());
  }
  double start = clock_now();
  std::vector<std::thread> all;
  for (int i = 0; i < threads; i++)
    all.emplace_back([&, i] {
      cpu_set_t core;
      CPU_ZERO(&core);
      CPU_SET(i, &core);
      sched_setaffinity(0, sizeof core, &core);
      for (int round = 0; round < rounds; round++)
        for (const Picture& picture : pictures) find(*engines[i], picture);
    });
  for (std::thread& each : all) each.join();
  return (clock_now() - start) / threads;
}

void service(const std::string& models) {
  Stock stock(models);
  for (std::string file; std::getline(std::cin, file);) {
    double start = now();
    size_t faces = stock.find(Picture::jpeg(file)).boxes.size();
    std::cout << now() - start << ' ' << faces << std::endl;
  }
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count == 3 && std::string(arguments[1]) == "service") {
      service(arguments[2]);
      return 0;
    }
    if (count < 6) throw std::runtime_error("usage: faces turns|cores LIBRARY MODELS ROUNDS PPM ... | service MODELS");
    std::string models = arguments[3];
    int rounds = atoi(arguments[4]);
    std::vector<Picture> pictures;
    for (int i = 5; i < count; i++) pictures.emplace_back(arguments[i]);
    caravel::FaceLibrary library(arguments[2]);
    library.load((models + "/shape_predictor_5_face_landmarks.dat").c_str(),
                 (models + "/dlib_face_recognition_resnet_model_v1.dat").c_str());
    if (std::string(arguments[1]) == "turns") {
      turns(library, models, rounds, pictures);
    } else {
      std::vector<double> ratios;
      for (int round = 0; round < rounds; round++)
        ratios.push_back(run(library, 1, pictures, 1) / run(library, 1, pictures, 2));
      printf("two cores against one: %.2f times\n", median(ratios));
    }
  } catch (const std::exception& e) {
    fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
