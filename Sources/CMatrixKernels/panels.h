// Products with panels of two vectors, included for each instruction set with the macros of products.h, after
// vectors.h.

enum { NAME(lanes) = 2 * WIDTH };

// c[r][l] (+)= Σₖ a[r * rowStep + k * stepA] · b[k * stepB + l] for ROWS rows and two vectors of lanes.
#define TILE_PRODUCT(SUFFIX, ROWS)                                                                         \
  TARGET static inline void NAME(JOIN(tile, SUFFIX))(                                                      \
    const float *a, size_t rowStep, size_t stepA, const float *b, size_t stepB, size_t count, float *c,    \
    size_t stepC, bool adds) {                                                                             \
    NAME(vector) sum[ROWS][2];                                                                             \
    for (int r = 0; r < ROWS; r++)                                                                         \
      for (int v = 0; v < 2; v++)                                                                          \
        sum[r][v] = adds ? *(NAME(vector) *)(c + r * stepC + v * WIDTH) : (NAME(vector)){0};               \
    for (size_t k = 0; k < count; k++, a += stepA, b += stepB) {                                           \
      NAME(vector) left = *(const NAME(vector) *)b, right = *(const NAME(vector) *)(b + WIDTH);            \
      for (int r = 0; r < ROWS; r++) {                                                                     \
        sum[r][0] += a[r * rowStep] * left;                                                                \
        sum[r][1] += a[r * rowStep] * right;                                                               \
      }                                                                                                    \
    }                                                                                                      \
    for (int r = 0; r < ROWS; r++)                                                                         \
      for (int v = 0; v < 2; v++) *(NAME(vector) *)(c + r * stepC + v * WIDTH) = sum[r][v];                \
  }
TILE_PRODUCT(six, 6)
TILE_PRODUCT(four, 4)
TILE_PRODUCT(two, 2)
TILE_PRODUCT(one, 1)
#undef TILE_PRODUCT

// The same for any number of rows.
TARGET static inline void NAME(rows_product)(
  size_t rows, const float *a, size_t rowStep, size_t stepA, const float *b, size_t stepB, size_t count, float *c,
  size_t stepC, bool adds) {
  while (rows > 0) {
    size_t taken = rows >= 6 ? 6 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
    switch (taken) {
    case 6: NAME(tile_six)(a, rowStep, stepA, b, stepB, count, c, stepC, adds); break;
    case 4: NAME(tile_four)(a, rowStep, stepA, b, stepB, count, c, stepC, adds); break;
    case 2: NAME(tile_two)(a, rowStep, stepA, b, stepB, count, c, stepC, adds); break;
    default: NAME(tile_one)(a, rowStep, stepA, b, stepB, count, c, stepC, adds);
    }
    a += taken * rowStep;
    c += taken * stepC;
    rows -= taken;
  }
}
