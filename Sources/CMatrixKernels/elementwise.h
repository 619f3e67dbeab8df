// Elementwise operations in float32, included for each instruction set with the macros of products.h, after
// vectors.h. Every operation is rounded by itself, so that every variant gives the same bits.

#pragma STDC FP_CONTRACT OFF

typedef int32_t NAME(masks) __attribute__((vector_size(WIDTH * sizeof(int32_t))));
typedef uint32_t NAME(bits) __attribute__((vector_size(WIDTH * sizeof(uint32_t))));

TARGET static inline NAME(vector) NAME(chosen)(NAME(masks) mask, NAME(vector) a, NAME(vector) b) {
  return (NAME(vector))(((NAME(masks))a & mask) | ((NAME(masks))b & ~mask));
}

// A number for every lane.
TARGET static inline NAME(vector) NAME(every)(float number) { return (NAME(vector)){0} + number; }

// 1 where the mask is set, else 0.
TARGET static inline NAME(vector) NAME(indicator)(NAME(masks) mask) {
  return (NAME(vector))((NAME(masks))NAME(every)(1) & mask);
}

TARGET static inline NAME(vector) NAME(magnitudes)(NAME(vector) x) {
  return (NAME(vector))((NAME(masks))x & 0x7FFFFFFF);
}

// The magnitude of x with the sign of y.
TARGET static inline NAME(vector) NAME(with_sign)(NAME(vector) x, NAME(vector) y) {
  return (NAME(vector))(((NAME(masks))x & 0x7FFFFFFF) | ((NAME(masks))y & (int32_t)0x80000000));
}

// The nearest number whose lower half is 0, ties to even.
TARGET static inline NAME(vector) NAME(bfloat16)(NAME(vector) x) {
  NAME(bits) bits = (NAME(bits))x;
  NAME(bits) rounded = (bits + (0x7FFF + ((bits >> 16) & 1))) & 0xFFFF0000u;
  return NAME(chosen)(x != x, x, (NAME(vector))rounded);
}

#include "functions.h"

// The operands p, q and r of a loop: vectors that follow each other, or one for all where it repeats. VALUE has the
// vectors x, y and z. The result may lie where an operand does.
#define ELEMENTWISE(OPERATION, VALUE)                                                                      \
  TARGET static inline __attribute__((always_inline)) void NAME(JOIN(loop, OPERATION))(                    \
    float *d, const float *p, const float *q, const float *r, bool u, bool v, bool w, size_t count) {      \
    NAME(vector) x = {0}, y = {0}, z = {0};                                                                \
    if (u) x = *(const NAME(vector) *)p;                                                                   \
    if (v) y = *(const NAME(vector) *)q;                                                                   \
    if (w) z = *(const NAME(vector) *)r;                                                                   \
    size_t i = 0;                                                                                          \
    for (; i + 4 * WIDTH <= count; i += 4 * WIDTH)                                                         \
      for (size_t k = i; k < i + 4 * WIDTH; k += WIDTH) {                                                  \
        if (!u) x = *(const NAME(vector) *)(p + k);                                                        \
        if (!v) y = *(const NAME(vector) *)(q + k);                                                        \
        if (!w) z = *(const NAME(vector) *)(r + k);                                                        \
        *(NAME(vector) *)(d + k) = VALUE;                                                                  \
      }                                                                                                    \
    for (; i < count; i += WIDTH) {                                                                        \
      size_t rest = (count - i < WIDTH ? count - i : WIDTH) * sizeof(float);                               \
      if (!u) memcpy(&x, p + i, rest);                                                                     \
      if (!v) memcpy(&y, q + i, rest);                                                                     \
      if (!w) memcpy(&z, r + i, rest);                                                                     \
      NAME(vector) last = VALUE;                                                                           \
      memcpy(d + i, &last, rest);                                                                          \
    }                                                                                                      \
    (void)y;                                                                                               \
    (void)z;                                                                                               \
  }                                                                                                        \
  TARGET static void NAME(JOIN(each, OPERATION))(float *d, const lmtc_operand *o, size_t count) {          \
    const float *p = o[0].address, *q = o[1].address, *r = o[2].address;                                   \
    bool u = o[0].repeats, v = o[1].repeats, w = o[2].repeats;                                             \
    if (!u && !v) NAME(JOIN(loop, OPERATION))(d, p, q, r, false, false, w, count);                         \
    else if (!u) NAME(JOIN(loop, OPERATION))(d, p, q, r, false, true, w, count);                           \
    else if (!v) NAME(JOIN(loop, OPERATION))(d, p, q, r, true, false, w, count);                           \
    else NAME(JOIN(loop, OPERATION))(d, p, q, r, true, true, w, count);                                    \
  }
ELEMENTWISE(copy, x)
ELEMENTWISE(add, x + y)
ELEMENTWISE(subtract, x - y)
ELEMENTWISE(multiply, x * y)
ELEMENTWISE(divide, x / y)
// A NaN in either is the result.
ELEMENTWISE(maximum, NAME(chosen)((x > y) | (x != x), x, y))
ELEMENTWISE(minimum, NAME(chosen)((x < y) | (x != x), x, y))
ELEMENTWISE(less, NAME(indicator)(x < y))
ELEMENTWISE(less_or_equal, NAME(indicator)(x <= y))
ELEMENTWISE(greater, NAME(indicator)(x > y))
ELEMENTWISE(greater_or_equal, NAME(indicator)(x >= y))
ELEMENTWISE(equal, NAME(indicator)(x == y))
ELEMENTWISE(square_root, __builtin_elementwise_sqrt(x))
ELEMENTWISE(select, NAME(chosen)(x != (NAME(vector)){0}, y, z))
ELEMENTWISE(negate, (NAME(vector))((NAME(masks))x ^ (int32_t)0x80000000))
ELEMENTWISE(magnitude, NAME(magnitudes)(x))
ELEMENTWISE(sign, NAME(chosen)((x == 0) | (x != x), x, NAME(with_sign)(NAME(every)(1), x)))
ELEMENTWISE(exponential, NAME(exponential)(x))
ELEMENTWISE(logarithm, NAME(logarithm)(x))
ELEMENTWISE(logarithm_of_one_plus, NAME(logarithm_of_one_plus)(x))
ELEMENTWISE(hyperbolic_tangent, NAME(hyperbolic_tangent)(x))
ELEMENTWISE(logistic, NAME(logistic)(x))
ELEMENTWISE(error_function, NAME(error_function)(x))
ELEMENTWISE(bfloat16, NAME(bfloat16)(x))
#undef ELEMENTWISE

// d[l] += the sum of x[i] over i ≡ l modulo WIDTH.
TARGET static void NAME(each_sum)(float *d, const lmtc_operand *o, size_t count) {
  const float *p = o[0].address;
  NAME(vector) sum[4] = {{0}, {0}, {0}, {0}};
  size_t step = o[0].repeats ? 0 : ~(size_t)0, i = 0;
  for (; i + 4 * WIDTH <= count; i += 4 * WIDTH)
    for (int v = 0; v < 4; v++) sum[v] += *(const NAME(vector) *)(p + ((i + v * WIDTH) & step));
  for (; i < count; i += WIDTH) {
    NAME(vector) x = {0};
    memcpy(&x, p + (i & step), (count - i < WIDTH ? count - i : WIDTH) * sizeof(float));
    sum[0] += x;
  }
  *(NAME(vector) *)d += (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static const elementwise NAME(elementwise)[] = {
  [LMTC_COPY] = NAME(each_copy),
  [LMTC_ADD] = NAME(each_add),
  [LMTC_SUBTRACT] = NAME(each_subtract),
  [LMTC_MULTIPLY] = NAME(each_multiply),
  [LMTC_DIVIDE] = NAME(each_divide),
  [LMTC_MAXIMUM] = NAME(each_maximum),
  [LMTC_MINIMUM] = NAME(each_minimum),
  [LMTC_LESS] = NAME(each_less),
  [LMTC_LESS_OR_EQUAL] = NAME(each_less_or_equal),
  [LMTC_GREATER] = NAME(each_greater),
  [LMTC_GREATER_OR_EQUAL] = NAME(each_greater_or_equal),
  [LMTC_EQUAL] = NAME(each_equal),
  [LMTC_SQUARE_ROOT] = NAME(each_square_root),
  [LMTC_SELECT] = NAME(each_select),
  [LMTC_NEGATE] = NAME(each_negate),
  [LMTC_MAGNITUDE] = NAME(each_magnitude),
  [LMTC_SIGN] = NAME(each_sign),
  [LMTC_EXPONENTIAL] = NAME(each_exponential),
  [LMTC_LOGARITHM] = NAME(each_logarithm),
  [LMTC_LOGARITHM_OF_ONE_PLUS] = NAME(each_logarithm_of_one_plus),
  [LMTC_HYPERBOLIC_TANGENT] = NAME(each_hyperbolic_tangent),
  [LMTC_LOGISTIC] = NAME(each_logistic),
  [LMTC_ERROR_FUNCTION] = NAME(each_error_function),
  [LMTC_BFLOAT16] = NAME(each_bfloat16),
  [LMTC_SUM] = NAME(each_sum),
};

// Where a place lies for a chunk; a single number is repeated in `numbers`.
TARGET static inline lmtc_operand NAME(located)(
  const lmtc_place *place, float *locals, size_t start, float *numbers) {
  switch (place->kind) {
  case LMTC_STREAM: return (lmtc_operand){place->base + start, false};
  case LMTC_LOCAL: return (lmtc_operand){locals + place->offset, false};
  case LMTC_REPEATED: return (lmtc_operand){locals + place->offset, true};
  case LMTC_NUMBER: break;
  }
  *(NAME(vector) *)numbers = NAME(every)(*place->base);
  return (lmtc_operand){numbers, true};
}

TARGET static void NAME(run_tape)(
  const lmtc_instruction *tape, size_t length, float *locals, size_t start, size_t count) {
  float numbers[3][WIDTH];
  for (size_t i = 0; i < length; i++) {
    lmtc_operand operands[3];
    for (int k = 0; k < 3; k++) operands[k] = NAME(located)(&tape[i].operands[k], locals, start, numbers[k]);
    lmtc_operand result = NAME(located)(&tape[i].result, locals, start, NULL);
    NAME(elementwise)[tape[i].operation]((float *)result.address, operands, count);
  }
}

#pragma STDC FP_CONTRACT DEFAULT
