// Matrix products, by the fastest kernel there is for their type and shape: loops of ours where a side is thin, oneDNN
// for other float32 matrices, libtorch's BLAS for the rest. The choice depends on type and shape alone.
#include "products.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <type_traits>

namespace {

// Sides of at most so many rows or columns are thin: a general product is slow at them.
constexpr int64_t thin = 4;

#define GAN_THIN(T)                                                                                 \
  /* out[i, :] = sum over k of s[i, k] t[k, :] */                                                   \
  GAN_WIDE void combine_rows(const T* s, const T* t, T* out, int64_t n, int64_t few, int64_t m) {   \
    for (int64_t i = 0; i < n; i++) {                                                               \
      T* row = out + i * m;                                                                         \
      const T first = s[i * few];                                                                   \
      GAN_ELEMENTWISE                                                                               \
      for (int64_t j = 0; j < m; j++) row[j] = first * t[j];                                        \
      for (int64_t k = 1; k < few; k++) {                                                           \
        const T factor = s[i * few + k];                                                            \
        const T* from = t + k * m;                                                                  \
        GAN_ELEMENTWISE                                                                             \
        for (int64_t j = 0; j < m; j++) row[j] += factor * from[j];                                 \
      }                                                                                             \
    }                                                                                               \
  }                                                                                                 \
  /* out[i, k] = v[i, :] . t[k, :], in sixteen sums that are added in a fixed order */              \
  GAN_WIDE void row_products(const T* v, const T* t, T* out, int64_t n, int64_t few, int64_t m) {   \
    for (int64_t i = 0; i < n; i++)                                                                 \
      for (int64_t k = 0; k < few; k++) {                                                           \
        const T *row = v + i * m, *other = t + k * m;                                               \
        T lanes[16] = {};                                                                           \
        int64_t j = 0;                                                                              \
        for (; j + 16 <= m; j += 16)                                                                \
          for (int lane = 0; lane < 16; lane++) lanes[lane] += row[j + lane] * other[j + lane];     \
        T total = 0;                                                                                \
        for (; j < m; j++) total += row[j] * other[j];                                              \
        for (T lane : lanes) total += lane;                                                         \
        out[i * few + k] = total;                                                                   \
      }                                                                                             \
  }                                                                                                 \
  /* out[k, :] = sum over i of s[i, k] v[i, :] */                                                   \
  GAN_WIDE void gather_rows(const T* s, const T* v, T* out, int64_t n, int64_t few, int64_t m) {    \
    std::fill(out, out + few * m, T(0));                                                            \
    for (int64_t i = 0; i < n; i++)                                                                 \
      for (int64_t k = 0; k < few; k++) {                                                           \
        const T factor = s[i * few + k];                                                            \
        const T* from = v + i * m;                                                                  \
        T* into = out + k * m;                                                                      \
        GAN_ELEMENTWISE                                                                             \
        for (int64_t j = 0; j < m; j++) into[j] += factor * from[j];                                \
      }                                                                                             \
  }

GAN_THIN(float)
GAN_THIN(double)

// Calls `run` with a null pointer of the tensor's element type.
template <typename Run>
void by_type(const at::Tensor& tensor, Run run) {
  if (tensor.scalar_type() == at::kFloat) run(static_cast<float*>(nullptr));
  else run(static_cast<double*>(nullptr));
}

// [n, few] by [few, m].
at::Tensor combine(const at::Tensor& left, const at::Tensor& right) {
  const auto s = left.contiguous(), t = right.contiguous();
  auto out = at::empty({s.size(0), t.size(1)}, s.options());
  by_type(s, [&](auto* null) {
    using T = std::remove_pointer_t<decltype(null)>;
    combine_rows(s.data_ptr<T>(), t.data_ptr<T>(), out.data_ptr<T>(), s.size(0), s.size(1), t.size(1));
  });
  return out;
}

// [n, m] by the transpose of [few, m].
at::Tensor products_of_rows(const at::Tensor& left, const at::Tensor& right) {
  const auto v = left.contiguous(), t = right.contiguous();
  auto out = at::empty({v.size(0), t.size(0)}, v.options());
  by_type(v, [&](auto* null) {
    using T = std::remove_pointer_t<decltype(null)>;
    row_products(v.data_ptr<T>(), t.data_ptr<T>(), out.data_ptr<T>(), v.size(0), t.size(0), v.size(1));
  });
  return out;
}

// The transpose of [n, few] by [n, m].
at::Tensor gather(const at::Tensor& left, const at::Tensor& right) {
  const auto s = left.contiguous(), v = right.contiguous();
  auto out = at::empty({s.size(1), v.size(1)}, s.options());
  by_type(s, [&](auto* null) {
    using T = std::remove_pointer_t<decltype(null)>;
    gather_rows(s.data_ptr<T>(), v.data_ptr<T>(), out.data_ptr<T>(), s.size(0), s.size(1), v.size(1));
  });
  return out;
}

// Row-major C = op(A) op(B), exported by the oneDNN that Debian's libtorch links; a wheel hides its own, and brings MKL.
using sgemm = int (*)(
    char transpose_a, char transpose_b, int64_t n, int64_t m, int64_t k, float alpha, const float* a, int64_t lda,
    const float* b, int64_t ldb, float beta, float* c, int64_t ldc);

sgemm onednn() {
  static const auto found = reinterpret_cast<sgemm>(dlsym(RTLD_DEFAULT, "dnnl_sgemm"));
  return found;
}

struct Matrix {
  const float* data;
  int64_t stride;
  bool transposed;
  const float* row(int64_t i) const { return data + (transposed ? i : i * stride); }
  const float* column(int64_t j) const { return data + (transposed ? j * stride : j); }
};

// out = a b for a of [n, k] and b of [k, m]. The longer side of the result is dealt to the threads in equal parts, each
// large enough to be worth waking one: oneDNN's own division is slower than one thread at a GAN's sizes. A product of one
// part is left to oneDNN.
void multiply(const Matrix& a, const Matrix& b, int64_t n, int64_t k, int64_t m, float* out) {
  constexpr int64_t smallest_part = 1 << 21, granule = 16;
  const int64_t side = std::max(n, m);
  const int64_t wanted = std::min<int64_t>(at::get_num_threads(), std::max<int64_t>(1, n * k * m / smallest_part));
  const int64_t width = (side + wanted * granule - 1) / (wanted * granule) * granule;
  std::atomic<int> status{0};
  at::parallel_for(0, (side + width - 1) / width, 1, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; part++) {
      const int64_t from = part * width, size = std::min(width, side - from);
      const bool rows = n >= m;
      const int failed = onednn()(
          a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', rows ? size : n, rows ? m : size, k, 1,
          rows ? a.row(from) : a.data, a.stride, rows ? b.data : b.column(from), b.stride, 0,
          rows ? out + from * m : out + from, m);
      if (failed != 0) status = failed;
    }
  });
  if (status != 0) throw std::runtime_error("oneDNN refused a matrix product with status " + std::to_string(status));
}

}  // namespace

const char* gan::product_kernel() { return onednn() ? "oneDNN" : "libtorch's BLAS"; }

at::Tensor gan::product(const at::Tensor& first, bool transpose_a, const at::Tensor& second, bool transpose_b) {
  const auto a = first.contiguous(), b = second.contiguous();
  const int64_t n = a.size(transpose_a ? 1 : 0), k = a.size(transpose_a ? 0 : 1), m = b.size(transpose_b ? 0 : 1);
  const auto left = [&] { return transpose_a ? a.t() : a; };
  const auto right = [&] { return transpose_b ? b.t() : b; };
  if (n > 0 && k > 0 && m > 0) {
    if (k <= thin) return combine(left(), right());
    if (m <= thin) return transpose_a ? gather(right(), a).t().contiguous() : products_of_rows(a, right().t());
    if (n <= thin) return transpose_b ? products_of_rows(b, left()).t().contiguous() : gather(left().t(), b);
    if (onednn() && a.scalar_type() == at::kFloat) {
      auto out = at::empty({n, m}, a.options());
      multiply({a.data_ptr<float>(), a.size(1), transpose_a}, {b.data_ptr<float>(), b.size(1), transpose_b}, n, k, m, out.data_ptr<float>());
      return out;
    }
  }
  return at::mm(left(), right());
}
