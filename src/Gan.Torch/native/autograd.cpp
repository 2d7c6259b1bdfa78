// Reverse-mode differentiation.
#include "gan.h"

#include <torch/csrc/autograd/autograd.h>

// d outputs / d inputs, weighted by `weights` (null: ones). An input that no output depends on gives a null handle
// when `allow_unused`, and is an error otherwise.
GAN_API int gan_grad(
    const gan_tensor* outputs, int output_count, const gan_tensor* inputs, int input_count, const gan_tensor* weights,
    int retain_graph, int create_graph, int allow_unused, gan_tensor* results) {
  GAN_GUARD({
    torch::autograd::variable_list roots;
    torch::autograd::variable_list leaves;
    torch::autograd::variable_list seeds;
    for (int i = 0; i < output_count; i++) roots.push_back(gan::borrow(outputs[i]));
    for (int i = 0; i < input_count; i++) leaves.push_back(gan::borrow(inputs[i]));
    if (weights != nullptr)
      for (int i = 0; i < output_count; i++) seeds.push_back(gan::borrow(weights[i]));
    auto gradients = torch::autograd::grad(
        roots, leaves, seeds, retain_graph != 0, create_graph != 0, allow_unused != 0);
    for (int i = 0; i < input_count; i++) results[i] = gan::hand_over(std::move(gradients[i]));
  })
}

GAN_API int gan_grad_enabled() { return at::GradMode::is_enabled() ? 1 : 0; }
GAN_API void gan_set_grad_enabled(int enabled) { at::GradMode::set_enabled(enabled != 0); }
