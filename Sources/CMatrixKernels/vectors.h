// Products of a matrix and a vector in float32, included for each instruction set with the macros of products.h.
//
// Sums are kept side by side so that their additions do not wait for each other.

typedef ELEMENT NAME(vector) __attribute__((vector_size(WIDTH * sizeof(ELEMENT)), aligned(1)));

TARGET static inline ELEMENT NAME(total)(NAME(vector) sum) {
  ELEMENT parts[WIDTH];
  *(NAME(vector) *)parts = sum;
  for (int width = WIDTH / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) parts[i] += parts[i + width];
  return parts[0];
}

// ROWS consecutive rows times x, with CHAINS vectors of partial sums each.
#define ROWS_TIMES(SUFFIX, ROWS, CHAINS)                                                                   \
  TARGET static inline void NAME(JOIN(rows, SUFFIX))(                                                      \
    const ELEMENT *matrix, size_t stride, size_t columns, const ELEMENT *x, ELEMENT *totals) {             \
    NAME(vector) sum[ROWS][CHAINS];                                                                        \
    for (int r = 0; r < ROWS; r++)                                                                         \
      for (int v = 0; v < CHAINS; v++) sum[r][v] = (NAME(vector)){0};                                      \
    size_t k = 0;                                                                                          \
    for (; k + CHAINS * WIDTH <= columns; k += CHAINS * WIDTH)                                             \
      for (int v = 0; v < CHAINS; v++) {                                                                   \
        NAME(vector) factor = *(const NAME(vector) *)(x + k + v * WIDTH);                                  \
        for (int r = 0; r < ROWS; r++)                                                                     \
          sum[r][v] += *(const NAME(vector) *)(matrix + r * stride + k + v * WIDTH) * factor;              \
      }                                                                                                    \
    for (int r = 0; r < ROWS; r++) {                                                                       \
      for (int v = 1; v < CHAINS; v++) sum[r][0] += sum[r][v];                                             \
      totals[r] = NAME(total)(sum[r][0]);                                                                  \
      for (size_t rest = k; rest < columns; rest++) totals[r] += matrix[r * stride + rest] * x[rest];      \
    }                                                                                                      \
  }
ROWS_TIMES(four, 4, 2)
ROWS_TIMES(one, 1, 4)
#undef ROWS_TIMES

TARGET static void NAME(matrix_times_vector)(
  const ELEMENT *matrix, size_t stride, size_t rows, size_t columns, const ELEMENT *x, bool adds,
  ELEMENT *sums) {
  ELEMENT totals[4];
  for (size_t row = 0; row < rows;) {
    size_t count = row + 4 <= rows ? 4 : 1;
    if (count == 4) NAME(rows_four)(matrix + row * stride, stride, columns, x, totals);
    else NAME(rows_one)(matrix + row * stride, stride, columns, x, totals);
    for (size_t r = 0; r < count; r++) sums[row + r] = adds ? sums[row + r] + totals[r] : totals[r];
    row += count;
  }
}

// Adds ROWS consecutive rows, each times its factor, to the sums.
#define ADD_ROWS(SUFFIX, ROWS)                                                                             \
  TARGET static inline void NAME(JOIN(add, SUFFIX))(                                                       \
    const ELEMENT *matrix, size_t stride, size_t columns, const ELEMENT *x, ELEMENT *sums) {               \
    size_t c = 0;                                                                                          \
    for (; c + WIDTH <= columns; c += WIDTH) {                                                             \
      NAME(vector) sum = *(const NAME(vector) *)(sums + c);                                                \
      for (int r = 0; r < ROWS; r++) sum += *(const NAME(vector) *)(matrix + r * stride + c) * x[r];       \
      *(NAME(vector) *)(sums + c) = sum;                                                                   \
    }                                                                                                      \
    for (; c < columns; c++)                                                                               \
      for (int r = 0; r < ROWS; r++) sums[c] += matrix[r * stride + c] * x[r];                             \
  }
ADD_ROWS(eight, 8)
ADD_ROWS(one, 1)
#undef ADD_ROWS

TARGET static void NAME(vector_times_matrix)(
  const ELEMENT *matrix, size_t stride, size_t rows, size_t columns, const ELEMENT *x, bool adds,
  ELEMENT *sums) {
  if (!adds) memset(sums, 0, columns * sizeof(ELEMENT));
  size_t row = 0;
  for (; row + 8 <= rows; row += 8)
    NAME(add_eight)(matrix + row * stride, stride, columns, x + row, sums);
  for (; row < rows; row++) NAME(add_one)(matrix + row * stride, stride, columns, x + row, sums);
}
