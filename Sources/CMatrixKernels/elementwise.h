// Elementwise operations in float32 that IEEE 754 rounds correctly, included for each instruction set with the
// macros of products.h, after vectors.h. Every variant gives the same bits.

typedef int32_t NAME(masks) __attribute__((vector_size(WIDTH * sizeof(int32_t))));

TARGET static inline NAME(vector) NAME(chosen)(NAME(masks) mask, NAME(vector) a, NAME(vector) b) {
  return (NAME(vector))(((NAME(masks))a & mask) | ((NAME(masks))b & ~mask));
}

// 1 where the mask is set, else 0.
TARGET static inline NAME(vector) NAME(indicator)(NAME(masks) mask) {
  NAME(vector) zero = {0};
  return NAME(chosen)(mask, zero + 1, zero);
}

// The numbers of an operand, a single one repeated, and which bits of an index count.
TARGET static inline const float *NAME(numbers)(lmtc_operand operand, float *repeated, size_t *mask) {
  *mask = operand.is_scalar ? 0 : ~(size_t)0;
  if (!operand.is_scalar) return operand.address;
  for (int i = 0; i < WIDTH; i++) repeated[i] = *operand.address;
  return repeated;
}

// VALUE has the operands x, y and z. The result may lie where an operand does.
#define ELEMENTWISE(OPERATION, VALUE)                                                                      \
  TARGET static void NAME(JOIN(each, OPERATION))(                                                          \
    float *d, lmtc_operand a, lmtc_operand b, lmtc_operand c, size_t count) {                              \
    float repeated[3][WIDTH];                                                                              \
    size_t u, v, w, i = 0;                                                                                 \
    const float *p = NAME(numbers)(a, repeated[0], &u), *q = NAME(numbers)(b, repeated[1], &v);            \
    const float *r = NAME(numbers)(c, repeated[2], &w);                                                    \
    NAME(vector) x, y, z;                                                                                  \
    for (; i + WIDTH <= count; i += WIDTH) {                                                               \
      x = *(const NAME(vector) *)(p + (i & u));                                                            \
      y = *(const NAME(vector) *)(q + (i & v));                                                            \
      z = *(const NAME(vector) *)(r + (i & w));                                                            \
      *(NAME(vector) *)(d + i) = VALUE;                                                                    \
    }                                                                                                      \
    size_t rest = (count - i) * sizeof(float);                                                             \
    if (rest == 0) return;                                                                                 \
    x = y = z = (NAME(vector)){0};                                                                         \
    memcpy(&x, p + (i & u), rest);                                                                         \
    memcpy(&y, q + (i & v), rest);                                                                         \
    memcpy(&z, r + (i & w), rest);                                                                         \
    NAME(vector) last = VALUE;                                                                             \
    memcpy(d + i, &last, rest);                                                                            \
    (void)y;                                                                                               \
    (void)z;                                                                                               \
  }
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
#undef ELEMENTWISE

static const elementwise NAME(elementwise)[] = {
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
};
