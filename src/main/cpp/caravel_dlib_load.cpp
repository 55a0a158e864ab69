// Loads a variant of the face engine. Compiled for any processor.
#include <dlfcn.h>

#include <stdexcept>
#include <string>

#include "caravel_dlib.h"

namespace caravel {

namespace {

template <typename Function>
Function* symbol(void* library, const char* name) {
  void* found = dlsym(library, name);
  if (found == nullptr) throw std::runtime_error(std::string("there is no ") + name);
  return reinterpret_cast<Function*>(found);
}

}  // namespace

bool avx2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2");
#else
  return false;
#endif
}

void discard(FaceEngine* engine) { delete engine; }

FaceLibrary::FaceLibrary(const char* path) : library(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
  if (library == nullptr) throw std::runtime_error(dlerror());
  config = symbol<char*()>(library, "openblas_get_config")();
  version = symbol<const char*()>(library, "caravel_face_dlib")();
  symbol<void(int)>(library, "openblas_set_num_threads")(1);
}

FaceLibrary::~FaceLibrary() { delete models; }

const char* FaceLibrary::blas() const { return config; }

const char* FaceLibrary::dlib() const { return version; }

void FaceLibrary::load(const char* landmarks, const char* resnet) {
  if (models != nullptr) throw std::logic_error("the models are loaded");
  models = symbol<FaceModels*(const char*, const char*)>(library, "caravel_face_models")(landmarks, resnet);
}

int FaceLibrary::weights(float* out) const {
  if (models == nullptr) throw std::logic_error("no models are loaded");
  return models->weights(out);
}

FaceEngine* FaceLibrary::engine() const {
  if (models == nullptr) throw std::logic_error("no models are loaded");
  return models->engine();
}

}  // namespace caravel
