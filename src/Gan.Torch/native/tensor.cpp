// Tensor handles: making them from memory, reading them, and giving them back.
#include "gan.h"

#include <atomic>
#include <cstring>

namespace {
thread_local std::string last_error;
std::atomic<int64_t> live_handles{0};
}  // namespace

void gan::set_error(const std::string& message) { last_error = message; }
void gan::count_handle(int change) { live_handles.fetch_add(change, std::memory_order_relaxed); }

GAN_API const char* gan_last_error() { return last_error.c_str(); }
GAN_API int64_t gan_live_handles() { return live_handles.load(); }

GAN_API void gan_release(gan_tensor handle) {
  gan::count_handle(-1);
  // The reference that the handle owned ends with this temporary.
  c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(handle);
}

// A second handle to the same tensor.
GAN_API int gan_share(gan_tensor handle, gan_tensor* result) { GAN_GUARD(*result = gan::hand_over(gan::borrow(handle))) }

// Copies `bytes` bytes of row-major data into a new CPU tensor.
GAN_API int gan_from_data(const void* data, int64_t bytes, const int64_t* sizes, int dimensions, int dtype, gan_tensor* result) {
  GAN_GUARD({
    auto tensor = at::empty(at::IntArrayRef(sizes, dimensions), at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)));
    if (static_cast<int64_t>(tensor.nbytes()) != bytes)
      throw std::runtime_error("the data has " + std::to_string(bytes) + " bytes, the shape needs " + std::to_string(tensor.nbytes()));
    if (bytes > 0) std::memcpy(tensor.data_ptr(), data, bytes);
    *result = gan::hand_over(std::move(tensor));
  })
}

// Copies a tensor's elements in row-major order into `data`, from any device and any strides.
GAN_API int gan_to_data(gan_tensor handle, void* data, int64_t bytes) {
  GAN_GUARD({
    at::NoGradGuard no_grad;
    auto tensor = gan::borrow(handle).detach().to(at::kCPU).contiguous();
    if (static_cast<int64_t>(tensor.nbytes()) != bytes)
      throw std::runtime_error("the buffer has " + std::to_string(bytes) + " bytes, the tensor has " + std::to_string(tensor.nbytes()));
    if (bytes > 0) std::memcpy(data, tensor.data_ptr(), bytes);
  })
}

// dtype, device type, device index, dimensions, elements, requires_grad, is_leaf, then the sizes.
GAN_API int gan_describe(gan_tensor handle, int64_t* facts, int capacity) {
  GAN_GUARD({
    auto tensor = gan::borrow(handle);
    auto sizes = tensor.sizes();
    facts[0] = static_cast<int64_t>(tensor.scalar_type());
    facts[1] = static_cast<int64_t>(tensor.device().type());
    facts[2] = tensor.device().index();
    facts[3] = static_cast<int64_t>(sizes.size());
    facts[4] = tensor.numel();
    facts[5] = tensor.requires_grad();
    facts[6] = tensor.is_leaf();
    if (7 + static_cast<int>(sizes.size()) > capacity) throw std::runtime_error("the tensor has too many dimensions to describe");
    for (size_t i = 0; i < sizes.size(); i++) facts[7 + i] = sizes[i];
  })
}

// The one element of a tensor, as a double or an int64 by `dtype` class; a device is read synchronously.
GAN_API int gan_item(gan_tensor handle, double* real, int64_t* whole) {
  GAN_GUARD({
    auto scalar = gan::borrow(handle).item();
    *real = scalar.isFloatingPoint() ? scalar.toDouble() : static_cast<double>(scalar.to<int64_t>());
    *whole = scalar.isFloatingPoint() ? static_cast<int64_t>(scalar.toDouble()) : scalar.to<int64_t>();
  })
}

// For each tensor a new leaf of the same memory that gradients are wanted of.
GAN_API int gan_leaves(const gan_tensor* tensors, int count, gan_tensor* results) {
  GAN_GUARD({
    for (int i = 0; i < count; i++) results[i] = gan::hand_over(gan::borrow(tensors[i]).detach().set_requires_grad(true));
  })
}

GAN_API int gan_set_requires_grad(gan_tensor handle, int required) {
  GAN_GUARD({ gan::borrow(handle).set_requires_grad(required != 0); })
}
