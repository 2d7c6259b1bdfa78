// Matrix products, by the fastest kernel there is for their type and shape.
#pragma once

#include "gan.h"

namespace gan {

// op(a) op(b), where op transposes when asked: matrices of float32 or float64 on the CPU. Autograd does not see it.
at::Tensor product(const at::Tensor& a, bool transpose_a, const at::Tensor& b, bool transpose_b);

// What multiplies float32 matrices: "oneDNN", or libtorch's own BLAS.
const char* product_kernel();

}  // namespace gan
