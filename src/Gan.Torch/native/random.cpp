// Numbers from the counter-based generator Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers:
// as easy as 1, 2, 3", SC 2011). Element i is a function of (key, i) alone: of no order, shape, width, thread or device.
#include "gan.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <cstring>
#include <numeric>

namespace {

struct Block {
  uint32_t word[4];
};

// The 128-bit key: the low half is Philox's key, the high half the upper half of its counter.
Block philox(uint64_t key_high, uint64_t key_low, uint64_t index) {
  uint32_t c0 = static_cast<uint32_t>(index), c1 = static_cast<uint32_t>(index >> 32);
  uint32_t c2 = static_cast<uint32_t>(key_high), c3 = static_cast<uint32_t>(key_high >> 32);
  uint32_t k0 = static_cast<uint32_t>(key_low), k1 = static_cast<uint32_t>(key_low >> 32);
  for (int round = 0; round < 10; round++) {
    const uint64_t first = 0xD2511F53ull * c0, second = 0xCD9E8D57ull * c2;
    const uint32_t n0 = static_cast<uint32_t>(second >> 32) ^ c1 ^ k0, n2 = static_cast<uint32_t>(first >> 32) ^ c3 ^ k1;
    c1 = static_cast<uint32_t>(second);
    c3 = static_cast<uint32_t>(first);
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

// The 64-bit word of element `index`: two to a block.
uint64_t word(uint64_t key_high, uint64_t key_low, uint64_t index) {
  const Block block = philox(key_high, key_low, index >> 1);
  const int half = static_cast<int>(index & 1) * 2;
  return static_cast<uint64_t>(block.word[half + 1]) << 32 | block.word[half];
}

// Uniform on [0, 1): the leading 24 bits in float32 and 53 in float64, so that the two agree to 2^-24.
void put_uniform(uint64_t bits, float* at) { *at = static_cast<float>(bits >> 40) * 0x1p-24f; }
void put_uniform(uint64_t bits, double* at) { *at = static_cast<double>(bits >> 11) * 0x1p-53; }

// The natural logarithm on (0, 1] from basic operations alone, so that every device gives the same bits.
double portable_log(double x) {
  int64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  int64_t exponent = ((bits >> 52) & 0x7ff) - 1022;
  bits = (bits & 0x000fffffffffffffll) | 0x3fe0000000000000ll;  // [1/2, 1)
  double mantissa;
  std::memcpy(&mantissa, &bits, sizeof mantissa);
  if (mantissa < 0.70710678118654752440) {
    mantissa *= 2;
    exponent -= 1;
  }
  const double s = (mantissa - 1) / (mantissa + 1), z = s * s;
  double series = 1.0 / 23;
  for (int k = 21; k >= 1; k -= 2) series = series * z + 1.0 / k;
  return 2 * s * series + static_cast<double>(exponent) * 0.69314718055994530942;
}

// Cosine and sine of 2 pi turn, turn in [0, 1), likewise.
void portable_sincos(double turn, double* sine, double* cosine) {
  const double quarters = turn * 4;
  const int quadrant = static_cast<int>(quarters + 0.5);
  const double r = (quarters - quadrant) * 1.57079632679489661923, z = r * r;
  double s = 0, c = 0;
  for (int k = 17; k >= 3; k -= 2) s = (s + 1) * (-z / (k * (k - 1)));
  for (int k = 18; k >= 2; k -= 2) c = (c + 1) * (-z / (k * (k - 1)));
  s = (s + 1) * r;
  c = c + 1;
  switch (quadrant & 3) {
    case 0: *sine = s, *cosine = c; break;
    case 1: *sine = c, *cosine = -s; break;
    case 2: *sine = -s, *cosine = -c; break;
    default: *sine = -c, *cosine = s; break;
  }
}

// Box-Muller on the two words of a block.
void normal_pair(uint64_t key_high, uint64_t key_low, uint64_t pair, double* first, double* second) {
  const Block block = philox(key_high, key_low, pair);
  const uint64_t a = static_cast<uint64_t>(block.word[1]) << 32 | block.word[0];
  const uint64_t b = static_cast<uint64_t>(block.word[3]) << 32 | block.word[2];
  const double radius = std::sqrt(-2 * portable_log(static_cast<double>((a >> 11) + 1) * 0x1p-53));
  double sine, cosine;
  portable_sincos(static_cast<double>(b >> 11) * 0x1p-53, &sine, &cosine);
  *first = radius * cosine;
  *second = radius * sine;
}

template <typename T>
void fill(T* data, int64_t count, int normal, uint64_t key_high, uint64_t key_low) {
  at::parallel_for(0, (count + 1) / 2, 8192, [&](int64_t begin, int64_t end) {
    for (int64_t pair = begin; pair < end; pair++) {
      const int64_t i = 2 * pair;
      if (normal) {
        double first, second;
        normal_pair(key_high, key_low, pair, &first, &second);
        data[i] = static_cast<T>(first);
        if (i + 1 < count) data[i + 1] = static_cast<T>(second);
      } else {
        put_uniform(word(key_high, key_low, i), data + i);
        if (i + 1 < count) put_uniform(word(key_high, key_low, i + 1), data + i + 1);
      }
    }
  });
}

}  // namespace

// A new CPU tensor of float32 or float64, uniform on [0, 1) or standard normal.
GAN_API int gan_random(
    uint64_t key_high, uint64_t key_low, int normal, const int64_t* sizes, int dimensions, int dtype, gan_tensor* result) {
  GAN_GUARD({
    const auto type = static_cast<at::ScalarType>(dtype);
    auto tensor = at::empty(at::IntArrayRef(sizes, dimensions), at::TensorOptions().dtype(type));
    if (type == at::kFloat)
      fill(tensor.data_ptr<float>(), tensor.numel(), normal, key_high, key_low);
    else if (type == at::kDouble)
      fill(tensor.data_ptr<double>(), tensor.numel(), normal, key_high, key_low);
    else
      throw std::runtime_error(std::string("random numbers are float32 or float64, not ") + c10::toString(type));
    *result = gan::hand_over(std::move(tensor));
  })
}

// The four output words of one block, for the published test vectors.
GAN_API void gan_philox_block(uint64_t key_high, uint64_t key_low, uint64_t index, uint32_t* words) {
  const Block block = philox(key_high, key_low, index);
  std::memcpy(words, block.word, sizeof block.word);
}

// A permutation of 0 .. count - 1 by Fisher and Yates, into `order`.
GAN_API int gan_permutation(uint64_t key_high, uint64_t key_low, int64_t* order, int64_t count) {
  GAN_GUARD({
    std::iota(order, order + count, 0);
    for (int64_t i = count - 1; i > 0; i--) {
      const auto bits = static_cast<unsigned __int128>(word(key_high, key_low, static_cast<uint64_t>(i)));
      std::swap(order[i], order[static_cast<int64_t>((bits * static_cast<uint64_t>(i + 1)) >> 64)]);
    }
  })
}
