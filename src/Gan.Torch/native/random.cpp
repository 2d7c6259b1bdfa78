// Numbers from the counter-based generator Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers:
// as easy as 1, 2, 3", SC 2011). Element i is a function of (key, i) alone: of no order, shape, width, thread or device.
#include "gan.h"

#include <ATen/Parallel.h>

#include <algorithm>
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

// Box and Muller's pairs, a block at a time, in loops that vectors can run. Logarithm, sine and cosine are made of basic
// operations alone, so that every processor and device gives the same bits.
constexpr int pairs_at_once = 256;

GAN_WIDE void normal_pairs(const uint64_t* first_words, const uint64_t* second_words, int count, double* first, double* second) {
  double radius[pairs_at_once];
  GAN_ELEMENTWISE
  for (int i = 0; i < count; i++) {
    // ln u for u in (0, 1]: u = 2^e m with m in [sqrt 1/2, sqrt 2), and ln m = 2 artanh((m - 1) / (m + 1)).
    const double u = static_cast<double>(static_cast<int64_t>(first_words[i] >> 11) + 1) * 0x1p-53;
    int64_t bits;
    std::memcpy(&bits, &u, sizeof bits);
    const int64_t half_bits = (bits & 0x000fffffffffffffll) | 0x3fe0000000000000ll;
    double half;
    std::memcpy(&half, &half_bits, sizeof half);
    const bool low = half < 0.70710678118654752440;
    const double m = low ? half * 2 : half;
    const double exponent = static_cast<double>(static_cast<int32_t>(bits >> 52) - (low ? 1023 : 1022));
    const double s = (m - 1) / (m + 1), z = s * s;
    double series = 1.0 / 23;
    series = series * z + 1.0 / 21;
    series = series * z + 1.0 / 19;
    series = series * z + 1.0 / 17;
    series = series * z + 1.0 / 15;
    series = series * z + 1.0 / 13;
    series = series * z + 1.0 / 11;
    series = series * z + 1.0 / 9;
    series = series * z + 1.0 / 7;
    series = series * z + 1.0 / 5;
    series = series * z + 1.0 / 3;
    series = series * z + 1.0;
    radius[i] = __builtin_sqrt(-2 * (2 * s * series + exponent * 0.69314718055994530942));
  }
  GAN_ELEMENTWISE
  for (int i = 0; i < count; i++) {
    // Cosine and sine of 2 pi t: Taylor's series within an eighth of a turn, then the quadrant's signs.
    const double quarters = static_cast<double>(static_cast<int64_t>(second_words[i] >> 11)) * 0x1p-51;
    const int32_t quadrant = static_cast<int32_t>(quarters + 0.5);
    const double r = (quarters - quadrant) * 1.57079632679489661923, z = r * r;
    double s = 1.0 / 355687428096000;
    s = s * z - 1.0 / 1307674368000;
    s = s * z + 1.0 / 6227020800;
    s = s * z - 1.0 / 39916800;
    s = s * z + 1.0 / 362880;
    s = s * z - 1.0 / 5040;
    s = s * z + 1.0 / 120;
    s = s * z - 1.0 / 6;
    s = (s * z + 1) * r;
    double c = -1.0 / 6402373705728000;
    c = c * z + 1.0 / 20922789888000;
    c = c * z - 1.0 / 87178291200;
    c = c * z + 1.0 / 479001600;
    c = c * z - 1.0 / 3628800;
    c = c * z + 1.0 / 40320;
    c = c * z - 1.0 / 720;
    c = c * z + 1.0 / 24;
    c = c * z - 1.0 / 2;
    c = c * z + 1;
    const double sine = (quadrant & 1) ? c : s, cosine = (quadrant & 1) ? s : c;
    first[i] = radius[i] * (((quadrant + 1) & 2) ? -cosine : cosine);
    second[i] = radius[i] * ((quadrant & 2) ? -sine : sine);
  }
}

template <typename T>
void fill_normal(T* data, int64_t count, uint64_t key_high, uint64_t key_low, int64_t begin, int64_t end) {
  uint64_t first_words[pairs_at_once], second_words[pairs_at_once];
  double first[pairs_at_once], second[pairs_at_once];
  for (int64_t start = begin; start < end; start += pairs_at_once) {
    const int pairs = static_cast<int>(std::min<int64_t>(pairs_at_once, end - start));
    for (int i = 0; i < pairs; i++) {
      const Block block = philox(key_high, key_low, start + i);
      first_words[i] = static_cast<uint64_t>(block.word[1]) << 32 | block.word[0];
      second_words[i] = static_cast<uint64_t>(block.word[3]) << 32 | block.word[2];
    }
    normal_pairs(first_words, second_words, pairs, first, second);
    for (int i = 0; i < pairs; i++) {
      const int64_t at = 2 * (start + i);
      data[at] = static_cast<T>(first[i]);
      if (at + 1 < count) data[at + 1] = static_cast<T>(second[i]);
    }
  }
}

template <typename T>
void fill(T* data, int64_t count, int normal, uint64_t key_high, uint64_t key_low) {
  at::parallel_for(0, (count + 1) / 2, 8192, [&](int64_t begin, int64_t end) {
    if (normal) {
      fill_normal(data, count, key_high, key_low, begin, end);
      return;
    }
    for (int64_t i = 2 * begin; i < std::min(2 * end, count); i++) put_uniform(word(key_high, key_low, i), data + i);
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
