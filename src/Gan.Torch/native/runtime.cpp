// Threads, determinism, and what this build of libtorch can do.
#include "products.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <torch/version.h>

#include <cstring>
#include <sstream>

namespace {

// OpenBLAS keeps its own pool, which at::set_num_threads does not bound.
void set_blas_threads(int threads) {
  using setter = void (*)(int);
  for (const char* name : {"openblas_set_num_threads", "goto_set_num_threads"}) {
    if (auto function = reinterpret_cast<setter>(dlsym(RTLD_DEFAULT, name))) {
      function(threads);
      return;
    }
  }
}

}  // namespace

// Turns on deterministic algorithms; called once, before any tensor exists.
GAN_API int gan_initialise() {
  GAN_GUARD({ at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/false); })
}

GAN_API int gan_set_threads(int threads) {
  GAN_GUARD({
    at::set_num_threads(threads);
    set_blas_threads(threads);
  })
}

GAN_API int gan_threads() { return at::get_num_threads(); }

// Lines of "key: value": libtorch's version, the BLAS in use, the widest vector set, whether CUDA was compiled in.
GAN_API int gan_capabilities(char* text, int capacity) {
  GAN_GUARD({
    std::ostringstream out;
    out << "libtorch: " << TORCH_VERSION << "\n";
    using describer = char* (*)();
    auto openblas = reinterpret_cast<describer>(dlsym(RTLD_DEFAULT, "openblas_get_config"));
    out << "blas: " << (openblas ? openblas() : (at::hasMKL() ? "MKL" : "not OpenBLAS; expect slow matrix products")) << "\n";
    const auto config = at::show_config();
    const std::string label = "CPU capability usage: ";
    const auto at_label = config.find(label);
    out << "vectors: "
        << (at_label == std::string::npos ? "unknown" : config.substr(at_label + label.size(), config.find('\n', at_label) - at_label - label.size()))
        << "\n";
    out << "onednn: " << (at::hasMKLDNN() ? "yes" : "no") << "\n";
    out << "float32 products: " << gan::product_kernel() << "\n";
#ifdef GAN_CUDA
    out << "cuda: compiled in, devices " << (at::hasCUDA() ? at::getNumGPUs() : 0) << "\n";
#else
    out << "cuda: not in this libtorch\n";
#endif
    if (static_cast<int>(out.str().size()) >= capacity) throw std::runtime_error("the report is longer than its buffer");
    std::strcpy(text, out.str().c_str());
  })
}
