// One-pass kernels over all tensors of a player: Adam, exponential averages, the global norm.
// Each reads and writes every value once. Elements do not meet, so the bits do not depend on the thread count;
// the norm adds fixed blocks in a fixed order for the same reason.
#include "gan.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <vector>

namespace {

constexpr int64_t block = 16384;

template <typename T>
struct AdamNumbers {
  T keep1, add1, keep2, add2, step, root_bias2, epsilon, shrink;
};

// m' = b1 m + (1 - b1) g;  v' = b2 v + (1 - b2) g^2;  p' = (1 - decay) p - step m' / (sqrt(v') / root_bias2 + eps).
#define GAN_ADAM(T, root)                                                                                            \
  GAN_WIDE void adam_block(                                                                                          \
      const T* p, const T* g, const T* m, const T* v, T* p_out, T* m_out, T* v_out, int64_t n, AdamNumbers<T> a) {   \
    GAN_ELEMENTWISE                                                                                                  \
    for (int64_t i = 0; i < n; i++) {                                                                                \
      const T gradient = g[i];                                                                                       \
      const T first = a.keep1 * m[i] + a.add1 * gradient;                                                            \
      const T second = a.keep2 * v[i] + a.add2 * gradient * gradient;                                                \
      m_out[i] = first;                                                                                              \
      v_out[i] = second;                                                                                             \
      p_out[i] = a.shrink * p[i] - a.step * first / (root(second) / a.root_bias2 + a.epsilon);                       \
    }                                                                                                                \
  }

#define GAN_AVERAGE(T)                                                                              \
  GAN_WIDE void average_block(const T* average, const T* value, T* out, int64_t n, T add) {         \
    GAN_ELEMENTWISE                                                                                 \
    for (int64_t i = 0; i < n; i++) out[i] = average[i] + add * (value[i] - average[i]);            \
  }

#define GAN_SQUARES(T)                                                          \
  GAN_WIDE double squares_block(const T* x, int64_t n) {                        \
    double lanes[16] = {};                                                      \
    int64_t i = 0;                                                              \
    for (; i + 16 <= n; i += 16)                                                \
      for (int lane = 0; lane < 16; lane++) {                                   \
        const double value = x[i + lane];                                       \
        lanes[lane] += value * value;                                           \
      }                                                                         \
    for (; i < n; i++) lanes[0] += static_cast<double>(x[i]) * x[i];            \
    double total = 0;                                                           \
    for (double lane : lanes) total += lane;                                    \
    return total;                                                               \
  }

GAN_ADAM(float, __builtin_sqrtf)
GAN_ADAM(double, __builtin_sqrt)
GAN_AVERAGE(float)
GAN_AVERAGE(double)
GAN_SQUARES(float)
GAN_SQUARES(double)

void check(const at::Tensor& tensor, const at::Tensor& like, const char* what) {
  if (!tensor.device().is_cpu() || tensor.scalar_type() != like.scalar_type() || tensor.sizes() != like.sizes())
    throw std::runtime_error(std::string(what) + " is not on the CPU, or not of its parameter's dtype and shape");
  if (tensor.scalar_type() != at::kFloat && tensor.scalar_type() != at::kDouble)
    throw std::runtime_error(std::string(what) + " is neither float32 nor float64");
}

// The tensor itself where the caller gives it up and nothing else can see its memory; otherwise a new one.
at::Tensor target(gan_tensor handle, bool give_up) {
  const bool alone = give_up && c10::raw::intrusive_ptr::use_count(handle) == 1 && handle->storage().use_count() == 1 &&
      handle->is_contiguous();
  auto tensor = gan::borrow(handle);
  if (!alone) return at::empty(tensor.sizes(), tensor.options().requires_grad(false));
  tensor.unsafeGetTensorImpl()->bump_version();
  return tensor;
}

template <typename T>
void adam(
    const at::Tensor& p, const at::Tensor& g, const at::Tensor& m, const at::Tensor& v, const at::Tensor& p_out,
    const at::Tensor& m_out, const at::Tensor& v_out, const AdamNumbers<T>& numbers) {
  const T *pp = p.data_ptr<T>(), *gp = g.data_ptr<T>(), *mp = m.data_ptr<T>(), *vp = v.data_ptr<T>();
  T *po = p_out.data_ptr<T>(), *mo = m_out.data_ptr<T>(), *vo = v_out.data_ptr<T>();
  at::parallel_for(0, p.numel(), block, [&](int64_t from, int64_t end) {
    adam_block(pp + from, gp + from, mp + from, vp + from, po + from, mo + from, vo + from, end - from, numbers);
  });
}

}  // namespace

// One Adam step over `count` tensors; `results` takes the new parameters, first and second moments, in that order.
// `decay` is decoupled weight decay times the learning rate; `bias1` and `bias2` are 1 - beta^t.
GAN_API int gan_adam(
    const gan_tensor* parameters, const gan_tensor* gradients, const gan_tensor* first, const gan_tensor* second, int count,
    double rate, double beta1, double beta2, double epsilon, double decay, double bias1, double bias2, int give_up,
    gan_tensor* results) {
  GAN_GUARD({
    at::NoGradGuard no_grad;
    for (int i = 0; i < count; i++) {
      auto p_out = target(parameters[i], give_up);
      auto m_out = target(first[i], give_up);
      auto v_out = target(second[i], give_up);
      const auto p = gan::borrow(parameters[i]).contiguous(), g = gan::borrow(gradients[i]).contiguous();
      const auto m = gan::borrow(first[i]).contiguous(), v = gan::borrow(second[i]).contiguous();
      check(p, p, "a parameter");
      check(g, p, "a gradient");
      check(m, p, "a first moment");
      check(v, p, "a second moment");
      if (p.scalar_type() == at::kFloat)
        adam<float>(p, g, m, v, p_out, m_out, v_out,
                    {float(beta1), float(1 - beta1), float(beta2), float(1 - beta2), float(rate / bias1),
                     float(std::sqrt(bias2)), float(epsilon), float(1 - decay)});
      else
        adam<double>(p, g, m, v, p_out, m_out, v_out,
                     {beta1, 1 - beta1, beta2, 1 - beta2, rate / bias1, std::sqrt(bias2), epsilon, 1 - decay});
      results[i] = gan::hand_over(std::move(p_out));
      results[count + i] = gan::hand_over(std::move(m_out));
      results[2 * count + i] = gan::hand_over(std::move(v_out));
    }
  })
}

// average' = average + (1 - decay) (value - average), over `count` tensors.
GAN_API int gan_average(
    const gan_tensor* averages, const gan_tensor* values, int count, double decay, int give_up, gan_tensor* results) {
  GAN_GUARD({
    at::NoGradGuard no_grad;
    for (int i = 0; i < count; i++) {
      auto out = target(averages[i], give_up);
      const auto average = gan::borrow(averages[i]).contiguous(), value = gan::borrow(values[i]).contiguous();
      check(average, average, "an average");
      check(value, average, "a value");
      at::parallel_for(0, average.numel(), block, [&](int64_t from, int64_t end) {
        if (average.scalar_type() == at::kFloat)
          average_block(average.data_ptr<float>() + from, value.data_ptr<float>() + from, out.data_ptr<float>() + from,
                        end - from, static_cast<float>(1 - decay));
        else
          average_block(average.data_ptr<double>() + from, value.data_ptr<double>() + from,
                        out.data_ptr<double>() + from, end - from, 1 - decay);
      });
      results[i] = gan::hand_over(std::move(out));
    }
  })
}

// The Euclidean norm of all tensors taken as one vector: a float64 tensor without dimensions.
GAN_API int gan_global_norm(const gan_tensor* tensors, int count, gan_tensor* result) {
  GAN_GUARD({
    at::NoGradGuard no_grad;
    double total = 0;
    for (int i = 0; i < count; i++) {
      const auto x = gan::borrow(tensors[i]).contiguous();
      check(x, x, "a tensor");
      const int64_t blocks = (x.numel() + block - 1) / block;
      std::vector<double> sums(blocks);
      at::parallel_for(0, blocks, 1, [&](int64_t from, int64_t end) {
        for (int64_t b = from; b < end; b++) {
          const int64_t start = b * block;
          const int64_t n = std::min(block, x.numel() - start);
          sums[b] = x.scalar_type() == at::kFloat ? squares_block(x.data_ptr<float>() + start, n)
                                                  : squares_block(x.data_ptr<double>() + start, n);
        }
      });
      for (double sum : sums) total += sum;
    }
    *result = gan::hand_over(at::scalar_tensor(std::sqrt(total), at::kDouble));
  })
}
