// Layers that are one function for autograd where libtorch has several: fewer passes over memory, the same mathematics.
// A backward pass that is itself differentiated is made of functions whose gradients are such functions again, or of
// libtorch's own operators, and so is right to any order.
#include "products.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

#define GAN_LINEAR(T)                                                                                                  \
  /* The sign of an output of y = x or slope x is that of its input, for slope > 0; for slope 0 it is positive or 0. */ \
  GAN_WIDE void add_bias_and_activate(T* y, const T* bias, int64_t rows, int64_t columns, T slope) {                   \
    for (int64_t i = 0; i < rows; i++) {                                                                               \
      T* row = y + i * columns;                                                                                        \
      GAN_ELEMENTWISE                                                                                                  \
      for (int64_t j = 0; j < columns; j++) {                                                                          \
        const T value = row[j] + bias[j];                                                                              \
        const T rectified = value <= 0 ? T(0) : value;                                                                 \
        row[j] = value > 0 ? value : slope == 0 ? rectified : value * slope;                                           \
      }                                                                                                                \
    }                                                                                                                  \
  }                                                                                                                    \
  GAN_WIDE void activation_backward(                                                                                   \
      const T* grad, const T* y, T* out, T* bias_grad, int64_t rows, int64_t columns, int64_t from, int64_t width,     \
      T slope) {                                                                                                       \
    T sums[column_block] = {};                                                                                         \
    for (int64_t i = 0; i < rows; i++) {                                                                               \
      const T *g = grad + i * columns + from, *value = y + i * columns + from;                                         \
      T* into = out + i * columns + from;                                                                              \
      GAN_ELEMENTWISE                                                                                                  \
      for (int64_t j = 0; j < width; j++) {                                                                            \
        const T inner = value[j] > 0 ? g[j] : slope == 0 ? T(0) : g[j] * slope;                                        \
        into[j] = inner;                                                                                               \
        sums[j] += inner;                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    for (int64_t j = 0; j < width; j++) bias_grad[from + j] = sums[j];                                                 \
  }

// Columns are dealt to threads in whole blocks, and each is added up in the order of the rows: the bits do not depend on
// the thread count.
constexpr int64_t column_block = 128;

GAN_LINEAR(float)
GAN_LINEAR(double)

template <typename T>
void backward_pass(const at::Tensor& grad, const at::Tensor& y, const at::Tensor& out, const at::Tensor& bias_grad, T slope) {
  const int64_t rows = y.size(0), columns = y.size(1), blocks = (columns + column_block - 1) / column_block;
  const T *g = grad.data_ptr<T>(), *values = y.data_ptr<T>();
  T *into = out.data_ptr<T>(), *sums = bias_grad.data_ptr<T>();
  at::parallel_for(0, blocks, std::max<int64_t>(1, 32768 / (rows * column_block + 1)), [&](int64_t from, int64_t end) {
    for (int64_t block = from; block < end; block++)
      activation_backward(
          g, values, into, sums, rows, columns, block * column_block,
          std::min(column_block, columns - block * column_block), slope);
  });
}

// The gradient before an activation, and its sum over the rows.
std::pair<at::Tensor, at::Tensor> through_activation(const at::Tensor& gradient, const at::Tensor& y, double slope) {
  const auto grad = gradient.contiguous();
  const auto inner = at::empty_like(y), bias_grad = at::empty({y.size(1)}, y.options());
  if (y.scalar_type() == at::kFloat)
    backward_pass<float>(grad, y, inner, bias_grad, float(slope));
  else
    backward_pass<double>(grad, y, inner, bias_grad, slope);
  return {inner, bias_grad};
}

// op(a) op(b); its gradients are such products again, so it is right to any order.
struct Product : torch::autograd::Function<Product> {
  static Variable forward(AutogradContext* context, const Variable& a, bool transpose_a, const Variable& b, bool transpose_b) {
    context->save_for_backward({a, b});
    context->saved_data["a"] = transpose_a;
    context->saved_data["b"] = transpose_b;
    return gan::product(a, transpose_a, b, transpose_b);
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const auto saved = context->get_saved_variables();
    const auto &a = saved[0], &b = saved[1], &g = grads[0];
    const bool ta = context->saved_data["a"].toBool(), tb = context->saved_data["b"].toBool();
    Variable of_a, of_b;
    if (context->needs_input_grad(0)) of_a = ta ? Product::apply(b, tb, g, true) : Product::apply(g, false, b, !tb);
    if (context->needs_input_grad(1)) of_b = tb ? Product::apply(g, true, a, ta) : Product::apply(a, !ta, g, false);
    return {of_a, Variable(), of_b, Variable()};
  }
};

// The gradient before an activation from the one after it; linear in that gradient, so its own gradient is itself.
struct ActivationGradient : torch::autograd::Function<ActivationGradient> {
  static Variable forward(AutogradContext* context, const Variable& grad, const Variable& y, double slope) {
    context->save_for_backward({y});
    context->saved_data["slope"] = slope;
    return through_activation(grad, y, slope).first;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const auto y = context->get_saved_variables()[0];
    return {ActivationGradient::apply(grads[0], y, context->saved_data["slope"].toDouble()), Variable(), Variable()};
  }
};

// act(x W^T + b) with act(v) = v where v > 0 and slope v elsewhere; slope 1 leaves v as it is.
struct Linear : torch::autograd::Function<Linear> {
  static Variable forward(AutogradContext* context, const Variable& x, const Variable& weight, const Variable& bias, double slope) {
    auto y = gan::product(x, false, weight, true);
    const auto b = bias.contiguous();
    const int64_t columns = y.size(1);
    at::parallel_for(0, y.size(0), std::max<int64_t>(1, 32768 / std::max<int64_t>(1, columns)), [&](int64_t from, int64_t end) {
      if (y.scalar_type() == at::kFloat)
        add_bias_and_activate(y.data_ptr<float>() + from * columns, b.data_ptr<float>(), end - from, columns, float(slope));
      else
        add_bias_and_activate(y.data_ptr<double>() + from * columns, b.data_ptr<double>(), end - from, columns, slope);
    });
    context->save_for_backward({x, weight, y});
    context->saved_data["slope"] = slope;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1], &y = saved[2];
    const double slope = context->saved_data["slope"].toDouble();
    const bool of_x = context->needs_input_grad(0), of_weight = context->needs_input_grad(1), of_bias = context->needs_input_grad(2);
    if (at::GradMode::is_enabled()) {
      const auto inner = slope == 1 ? grads[0] : ActivationGradient::apply(grads[0], y.detach(), slope);
      return {
          of_x ? Product::apply(inner, false, weight, false) : Variable(),
          of_weight ? Product::apply(inner, true, x, false) : Variable(), of_bias ? inner.sum(0) : Variable(), Variable()};
    }
    const auto [inner, bias_grad] = through_activation(grads[0], y, slope);
    return {
        of_x ? gan::product(inner, false, weight, false) : Variable(),
        of_weight ? gan::product(inner, true, x, false) : Variable(), of_bias ? bias_grad : Variable(), Variable()};
  }
};

// A transposed convolution as what it is, the gradient of a convolution with respect to its input; its own gradients are
// that convolution and its weight gradient.
struct TransposedConvolution : torch::autograd::Function<TransposedConvolution> {
  static Variable forward(
      AutogradContext* context, const Variable& x, const Variable& weight, const Variable& bias, std::vector<int64_t> stride,
      std::vector<int64_t> padding) {
    std::vector<int64_t> shape{x.size(0), weight.size(1)};
    for (size_t i = 0; i < stride.size(); i++)
      shape.push_back((x.size(i + 2) - 1) * stride[i] - 2 * padding[i] + weight.size(i + 2));
    // Only the shape of this one is read.
    const auto like = at::empty({1}, x.options()).expand(shape);
    auto y = std::get<0>(backward_of(x, like, weight, stride, padding, {true, false, false}));
    std::vector<int64_t> broadcast(y.dim(), 1);
    broadcast[1] = -1;
    y.add_(bias.view(broadcast));
    context->save_for_backward({x, weight});
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const auto saved = context->get_saved_variables();
    const auto stride = context->saved_data["stride"].toIntVector(), padding = context->saved_data["padding"].toIntVector();
    const std::vector<int64_t> ones(stride.size(), 1), zeros(stride.size(), 0);
    const auto& grad = grads[0];
    std::vector<int64_t> over{0};
    for (int64_t i = 2; i < grad.dim(); i++) over.push_back(i);
    return {
        context->needs_input_grad(0) ? at::convolution(grad, saved[1], {}, stride, padding, ones, false, zeros, 1) : Variable(),
        context->needs_input_grad(1)
            ? std::get<1>(backward_of(saved[0], grad, saved[1], stride, padding, {false, true, false}))
            : Variable(),
        context->needs_input_grad(2) ? grad.sum(over) : Variable(), Variable(), Variable()};
  }

  static std::tuple<at::Tensor, at::Tensor, at::Tensor> backward_of(
      const at::Tensor& grad_output, const at::Tensor& input, const at::Tensor& weight, at::IntArrayRef stride,
      at::IntArrayRef padding, std::array<bool, 3> mask) {
    const std::vector<int64_t> ones(stride.size(), 1), zeros(stride.size(), 0);
    return at::convolution_backward(
        grad_output, input, weight, c10::nullopt, stride, padding, ones, false, zeros, 1, mask);
  }
};

}  // namespace

// act(x W^T + b) for CPU matrices of float32 or float64 and a slope of at least 0.
GAN_API int gan_linear(gan_tensor x, gan_tensor weight, gan_tensor bias, double slope, gan_tensor* result) {
  GAN_GUARD({
    const auto input = gan::borrow(x).contiguous(), w = gan::borrow(weight), b = gan::borrow(bias);
    if (input.dim() != 2 || w.dim() != 2 || b.dim() != 1 || input.size(1) != w.size(1) || b.size(0) != w.size(0))
      throw std::runtime_error("the shapes are not [n, k], [m, k] and [m]");
    if (input.scalar_type() != w.scalar_type() || b.scalar_type() != w.scalar_type() ||
        (w.scalar_type() != at::kFloat && w.scalar_type() != at::kDouble))
      throw std::runtime_error("the dtypes are not all float32 or all float64");
    *result = gan::hand_over(Linear::apply(input, w, b, slope));
  })
}

// The transposed convolution of x, [batch, inputs, …], by a weight of [inputs, outputs, …].
GAN_API int gan_transposed_convolution(
    gan_tensor x, gan_tensor weight, gan_tensor bias, const int64_t* stride, const int64_t* padding, int dimensions,
    gan_tensor* result) {
  GAN_GUARD({
    *result = gan::hand_over(TransposedConvolution::apply(
        gan::borrow(x), gan::borrow(weight), gan::borrow(bias), std::vector<int64_t>(stride, stride + dimensions),
        std::vector<int64_t>(padding, padding + dimensions)));
  })
}
