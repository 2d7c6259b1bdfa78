// The C face of the library: what every source file here shares.
// Rules: every exported function returns 0 or fails with 1 and a message from gan_last_error(); none lets an exception out.
// A tensor handle is a TensorImpl with one reference that belongs to the caller; gan_release gives it back.
#pragma once

#include <ATen/ATen.h>
#include <cstdint>
#include <string>

#define GAN_API extern "C" __attribute__((visibility("default")))

using gan_tensor = c10::TensorImpl*;

namespace gan {

// Keeps the message of this thread's last failure.
void set_error(const std::string& message);

// The number of handles given out and not released, for leak tests.
void count_handle(int change);

// A tensor that borrows the caller's reference for the time of a call.
inline at::Tensor borrow(gan_tensor handle) {
  return handle == nullptr
      ? at::Tensor()
      : at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(handle));
}

// Hands a tensor's reference to the caller.
inline gan_tensor hand_over(at::Tensor tensor) {
  if (!tensor.defined()) return nullptr;
  count_handle(1);
  return tensor.unsafeReleaseTensorImpl();
}

}  // namespace gan

// A function compiled for several vector widths, the widest that the processor has being called. Without contraction
// all of them give the same bits.
#define GAN_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))

// An output may be an input's own memory, element for element, and never a shifted part of it: vectors are safe.
#define GAN_ELEMENTWISE _Pragma("GCC ivdep")

// Runs the statement; a C++ exception becomes a failure with libtorch's message, without its C++ stack.
#define GAN_GUARD(...)                                            \
  try {                                                           \
    __VA_ARGS__;                                                  \
    return 0;                                                     \
  } catch (const c10::Error& error) {                             \
    gan::set_error(error.what_without_backtrace());               \
  } catch (const std::exception& error) {                         \
    gan::set_error(error.what());                                 \
  } catch (...) {                                                 \
    gan::set_error("an exception of an unknown type");            \
  }                                                               \
  return 1;
