// Layers that are one function for autograd where libtorch has several: fewer passes over memory, the same mathematics.
// A backward pass that is itself differentiated is made of libtorch's own operators, and so is right to any order.
#include "gan.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <vector>

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// The sign of an output of y = x or slope x is that of its input, for slope >= 0.
#define GAN_ACTIVATION(T)                                                                                          \
  GAN_WIDE void add_bias_and_activate(T* y, const T* bias, int64_t rows, int64_t columns, T slope) {               \
    for (int64_t i = 0; i < rows; i++) {                                                                           \
      T* row = y + i * columns;                                                                                    \
      GAN_ELEMENTWISE                                                                                              \
      for (int64_t j = 0; j < columns; j++) {                                                                      \
        const T value = row[j] + bias[j];                                                                          \
        row[j] = value > 0 ? value : value * slope;                                                                \
      }                                                                                                            \
    }                                                                                                              \
  }                                                                                                                \
  GAN_WIDE void activation_backward(                                                                               \
      const T* grad, const T* y, T* out, T* bias_grad, int64_t rows, int64_t columns, int64_t from, int64_t end,   \
      T slope) {                                                                                                   \
    for (int64_t j = from; j < end; j++) bias_grad[j] = 0;                                                         \
    for (int64_t i = 0; i < rows; i++) {                                                                           \
      const int64_t start = i * columns;                                                                           \
      GAN_ELEMENTWISE                                                                                              \
      for (int64_t j = from; j < end; j++) {                                                                       \
        const T value = y[start + j] > 0 ? grad[start + j] : grad[start + j] * slope;                              \
        out[start + j] = value;                                                                                    \
        bias_grad[j] += value;                                                                                     \
      }                                                                                                            \
    }                                                                                                              \
  }

GAN_ACTIVATION(float)
GAN_ACTIVATION(double)

// Columns are dealt to threads in whole blocks, and each is added up in the order of the rows: the bits do not depend on
// the thread count.
constexpr int64_t column_block = 64;

template <typename T>
void backward_pass(const at::Tensor& grad, const at::Tensor& y, const at::Tensor& out, const at::Tensor& bias_grad, T slope) {
  const int64_t rows = y.size(0), columns = y.size(1), blocks = (columns + column_block - 1) / column_block;
  const T *g = grad.data_ptr<T>(), *values = y.data_ptr<T>();
  T *into = out.data_ptr<T>(), *sums = bias_grad.data_ptr<T>();
  at::parallel_for(0, blocks, std::max<int64_t>(1, 32768 / (rows * column_block)), [&](int64_t from, int64_t end) {
    activation_backward(
        g, values, into, sums, rows, columns, from * column_block, std::min(end * column_block, columns), slope);
  });
}

// act(x W^T + b) with act(v) = v where v > 0 and slope v elsewhere.
struct LinearActivation : torch::autograd::Function<LinearActivation> {
  static Variable forward(AutogradContext* context, const Variable& x, const Variable& weight, const Variable& bias, double slope) {
    auto y = at::mm(x, weight.t());
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
    at::Tensor inner, bias_grad;
    if (at::GradMode::is_enabled()) {
      const auto kept = y.detach();
      inner = grads[0] * at::where(kept > 0, at::ones_like(kept), at::full_like(kept, slope));
      if (context->needs_input_grad(2)) bias_grad = inner.sum(0);
    } else {
      const auto grad = grads[0].contiguous();
      inner = at::empty_like(y);
      bias_grad = at::empty({y.size(1)}, y.options());
      if (y.scalar_type() == at::kFloat)
        backward_pass<float>(grad, y, inner, bias_grad, float(slope));
      else
        backward_pass<double>(grad, y, inner, bias_grad, slope);
    }
    return {
        context->needs_input_grad(0) ? inner.mm(weight) : Variable(),
        context->needs_input_grad(1) ? inner.t().mm(x) : Variable(),
        context->needs_input_grad(2) ? bias_grad : Variable(),
        Variable()};
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

// act(x W^T + b) for a CPU matrix x of float32 or float64 and a slope of at least 0.
GAN_API int gan_linear_activation(gan_tensor x, gan_tensor weight, gan_tensor bias, double slope, gan_tensor* result) {
  GAN_GUARD({
    *result = gan::hand_over(LinearActivation::apply(gan::borrow(x).contiguous(), gan::borrow(weight), gan::borrow(bias), slope));
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
