// One kernel, included for each pair of an element type and an instruction set.
//
// ELEMENT, WIDTH (elements of a vector), ROWS_AT_ONCE and VECTORS (the tile of one pass: rows times
// VECTORS * WIDTH lanes) are chosen so that a tile's partial sums stay in registers.

typedef ELEMENT NAME(vector) __attribute__((vector_size(WIDTH * sizeof(ELEMENT)), aligned(1)));

TARGET static void NAME(products)(
  const ELEMENT *rows, const int32_t *rowPlaces, const ELEMENT *lanes, const int32_t *lanePlaces,
  size_t count, ELEMENT *sums) {
  for (int row = 0; row < LMTC_ROWS; row += ROWS_AT_ONCE) {
    for (int lane = 0; lane < LMTC_LANES; lane += VECTORS * WIDTH) {
      NAME(vector) sum[ROWS_AT_ONCE][VECTORS];
      for (int r = 0; r < ROWS_AT_ONCE; r++)
        for (int v = 0; v < VECTORS; v++) sum[r][v] = (NAME(vector)){0};
      for (size_t k = 0; k < count; k++) {
        const ELEMENT *a = rows + rowPlaces[k] + row;
        const ELEMENT *b = lanes + lanePlaces[k] + lane;
        NAME(vector) x[VECTORS];
        for (int v = 0; v < VECTORS; v++) x[v] = *(const NAME(vector) *)(b + v * WIDTH);
        for (int r = 0; r < ROWS_AT_ONCE; r++)
          for (int v = 0; v < VECTORS; v++) sum[r][v] += a[r] * x[v];
      }
      for (int r = 0; r < ROWS_AT_ONCE; r++)
        for (int v = 0; v < VECTORS; v++)
          *(NAME(vector) *)(sums + (row + r) * LMTC_LANES + lane + v * WIDTH) = sum[r][v];
    }
  }
}

#undef NAME
#undef TARGET
#undef ELEMENT
#undef WIDTH
#undef ROWS_AT_ONCE
#undef VECTORS
