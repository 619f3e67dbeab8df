// Convolutions with 3×3 taps by Winograd's algorithm F(4×4, 3×3), included for each instruction set with the macros
// of products.h, after vectors.h.
//
// With the points 0, ±1, ±2 and ∞ (Lavin and Gray 2016): Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A for a tile of 4×4 results, its
// 6×6 inputs d and the taps g. A vector holds one number of each of WIDTH channels, which lie side by side.

enum { NAME(lanes) = 2 * WIDTH };

// v = Bᵀ d.
TARGET static inline void NAME(spread_input)(const NAME(vector) *d, size_t step, NAME(vector) *v, size_t to) {
  NAME(vector) even = d[4 * step] - 4 * d[2 * step], odd = d[3 * step] - 4 * d[step];
  NAME(vector) near = d[4 * step] - d[2 * step], far = 2 * (d[3 * step] - d[step]);
  v[0] = 4 * (d[0] - d[2 * step]) + near;
  v[to] = even + odd;
  v[2 * to] = even - odd;
  v[3 * to] = near + far;
  v[4 * to] = near - far;
  v[5 * to] = 4 * (d[step] - d[3 * step]) + (d[5 * step] - d[3 * step]);
}

// y = Aᵀ m.
TARGET static inline void NAME(gather_output)(const NAME(vector) *m, size_t step, NAME(vector) *y, size_t to) {
  NAME(vector) sum = m[step] + m[2 * step], difference = m[step] - m[2 * step];
  NAME(vector) far_sum = m[3 * step] + m[4 * step], far_difference = m[3 * step] - m[4 * step];
  y[0] = m[0] + sum + far_sum;
  y[to] = difference + 2 * far_difference;
  y[2 * to] = sum + 4 * far_sum;
  y[3 * to] = difference + 8 * far_difference + m[5 * step];
}

// e = A y.
TARGET static inline void NAME(spread_output)(const NAME(vector) *y, size_t step, NAME(vector) *e, size_t to) {
  NAME(vector) even = y[0] + y[2 * step], odd = y[step] + y[3 * step];
  NAME(vector) far_even = y[0] + 4 * y[2 * step], far_odd = 2 * y[step] + 8 * y[3 * step];
  e[0] = y[0];
  e[to] = even + odd;
  e[2 * to] = even - odd;
  e[3 * to] = far_even + far_odd;
  e[4 * to] = far_even - far_odd;
  e[5 * to] = y[3 * step];
}

// u = G g.
TARGET static inline void NAME(spread_taps)(const NAME(vector) *g, size_t step, NAME(vector) *u, size_t to) {
  NAME(vector) ends = (g[0] + g[2 * step]) * (-1.0f / 6), middle = g[step] * (-1.0f / 6);
  NAME(vector) far_ends = (g[0] + 4 * g[2 * step]) * (1.0f / 24), far_middle = g[step] * (1.0f / 12);
  u[0] = g[0] * 0.25f;
  u[to] = ends + middle;
  u[2 * to] = ends - middle;
  u[3 * to] = far_ends + far_middle;
  u[4 * to] = far_ends - far_middle;
  u[5 * to] = g[2 * step];
}

// g = Gᵀ u.
TARGET static inline void NAME(gather_taps)(const NAME(vector) *u, size_t step, NAME(vector) *g, size_t to) {
  NAME(vector) sum = (u[step] + u[2 * step]) * (-1.0f / 6), difference = (u[2 * step] - u[step]) * (1.0f / 6);
  NAME(vector) far_sum = u[3 * step] + u[4 * step], far_difference = u[3 * step] - u[4 * step];
  g[0] = u[0] * 0.25f + sum + far_sum * (1.0f / 24);
  g[to] = difference + far_difference * (1.0f / 12);
  g[2 * to] = sum + far_sum * (1.0f / 6) + u[5 * step];
}

// A tile of `rows` × `columns` vectors whose first one lies at (row, column) of a plane, 0 outside of it.
TARGET static inline void NAME(load_tile)(
  const float *plane, ptrdiff_t height, ptrdiff_t width, ptrdiff_t row, ptrdiff_t column, int size,
  NAME(vector) *tile) {
  bool is_inside = row >= 0 && column >= 0 && row + size <= height && column + size <= width;
  for (int i = 0; i < size; i++)
    for (int j = 0; j < size; j++) {
      ptrdiff_t r = row + i, c = column + j;
      bool has = is_inside || (r >= 0 && r < height && c >= 0 && c < width);
      tile[i * size + j] = has ? *(const NAME(vector) *)(plane + (r * width + c) * WIDTH) : (NAME(vector)){0};
    }
}

// Where a tile lies.
typedef struct {
  size_t image;
  ptrdiff_t row, column;
} NAME(place);

TARGET static inline NAME(place) NAME(place_of)(const lmtc_winograd *w, size_t tile) {
  size_t across = (w->result_width + 3) / 4, down = (w->result_height + 3) / 4;
  size_t in_image = tile % (across * down);
  return (NAME(place)){tile / (across * down), 4 * (in_image / across), 4 * (in_image % across)};
}

// patches[36][total][inputs] = Bᵀ d B of the tiles first..<first + count, from the tile `to` of patches on.
TARGET static void NAME(winograd_patches)(
  const lmtc_winograd *w, const float *source, float *patches, size_t to, size_t total, size_t first, size_t count) {
  size_t plane = w->height * w->width * WIDTH;
  for (size_t tile = 0; tile < count; tile++) {
    NAME(place) place = NAME(place_of)(w, first + tile);
    for (size_t channel = 0; channel < w->inputs; channel += WIDTH) {
      NAME(vector) d[36], half[36], v[36];
      NAME(load_tile)(
        source + (place.image * w->inputs / WIDTH + channel / WIDTH) * plane, w->height, w->width,
        place.row - w->top, place.column - w->left, 6, d);
      for (int j = 0; j < 6; j++) NAME(spread_input)(d + j, 6, half + j, 6);
      for (int i = 0; i < 6; i++) NAME(spread_input)(half + 6 * i, 1, v + 6 * i, 1);
      float *at = patches + (to + tile) * w->inputs + channel;
      for (int f = 0; f < 36; f++) *(NAME(vector) *)(at + f * total * w->inputs) = v[f];
    }
  }
}

// gradients[36][total][outputs] = A y Aᵀ of the tiles first..<first + count of a result's gradient.
TARGET static void NAME(winograd_gradients)(
  const lmtc_winograd *w, const float *result, float *gradients, size_t to, size_t total, size_t first,
  size_t count) {
  size_t plane = w->result_height * w->result_width * WIDTH;
  for (size_t tile = 0; tile < count; tile++) {
    NAME(place) place = NAME(place_of)(w, first + tile);
    for (size_t channel = 0; channel < w->outputs; channel += WIDTH) {
      NAME(vector) y[16], half[24], e[36];
      NAME(load_tile)(
        result + (place.image * w->outputs / WIDTH + channel / WIDTH) * plane, w->result_height,
        w->result_width, place.row, place.column, 4, y);
      for (int j = 0; j < 4; j++) NAME(spread_output)(y + j, 4, half + j, 4);
      for (int i = 0; i < 6; i++) NAME(spread_output)(half + 4 * i, 1, e + 6 * i, 1);
      float *at = gradients + (to + tile) * w->outputs + channel;
      for (int f = 0; f < 36; f++) *(NAME(vector) *)(at + f * total * w->outputs) = e[f];
    }
  }
}

// The tiles first..<first + count of the result: Aᵀ m A of products[36][count][outputs].
TARGET static void NAME(winograd_results)(
  const lmtc_winograd *w, const float *products, float *result, size_t first, size_t count) {
  size_t plane = w->result_height * w->result_width * WIDTH;
  for (size_t tile = 0; tile < count; tile++) {
    NAME(place) place = NAME(place_of)(w, first + tile);
    int rows = w->result_height - place.row < 4 ? (int)(w->result_height - place.row) : 4;
    int columns = w->result_width - place.column < 4 ? (int)(w->result_width - place.column) : 4;
    for (size_t channel = 0; channel < w->outputs; channel += WIDTH) {
      NAME(vector) m[36], half[24], y[16];
      const float *from = products + tile * w->outputs + channel;
      for (int f = 0; f < 36; f++) m[f] = *(const NAME(vector) *)(from + f * count * w->outputs);
      for (int j = 0; j < 6; j++) NAME(gather_output)(m + j, 6, half + j, 6);
      for (int i = 0; i < 4; i++) NAME(gather_output)(half + 6 * i, 1, y + 4 * i, 1);
      float *to = result + (place.image * w->outputs / WIDTH + channel / WIDTH) * plane
        + (place.row * w->result_width + place.column) * WIDTH;
      for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
          *(NAME(vector) *)(to + (i * w->result_width + j) * WIDTH) = y[4 * i + j];
    }
  }
}

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

// The tiles first..<first + count of the result; scratch has 36 * count * (inputs + outputs) numbers.
TARGET static void NAME(winograd_apply)(
  const lmtc_winograd *w, const float *source, const float *filter, float *result, float *scratch, size_t first,
  size_t count) {
  float *products = scratch + 36 * count * w->inputs;
  NAME(winograd_patches)(w, source, scratch, 0, count, first, count);
  for (size_t f = 0; f < 36; f++)
    for (size_t lane = 0; lane < w->outputs; lane += NAME(lanes))
      NAME(rows_product)(
        count, scratch + f * count * w->inputs, w->inputs, 1, filter + (f * w->outputs + lane) * w->inputs,
        NAME(lanes), w->inputs, products + f * count * w->outputs + lane, w->outputs, false);
  NAME(winograd_results)(w, products, result, first, count);
}

// sums[inputs][outputs] (+)= Σ over `total` tiles of patches · gradients, for the outputs from `lane` on.
TARGET static void NAME(winograd_sums)(
  const lmtc_winograd *w, const float *patches, const float *gradients, size_t total, float *sums, size_t lane,
  bool adds) {
  NAME(rows_product)(
    w->inputs, patches, 1, w->inputs, gradients + lane, w->outputs, total, sums + lane, w->outputs, adds);
}

// The filter [outputs, inputs, 3, 3], or its adjoint, of the inputs first..<first + count as
// transformed[36][outputs / lanes][inputs][lanes].
TARGET static void NAME(winograd_filter)(
  const lmtc_winograd *w, const float *filter, bool is_adjoint, float *transformed, size_t first, size_t count) {
  size_t output_step = is_adjoint ? 9 : 9 * w->inputs, input_step = is_adjoint ? 9 * w->outputs : 9;
  for (size_t input = first; input < first + count; input++)
    for (size_t lane = 0; lane < w->outputs; lane += WIDTH) {
      NAME(vector) g[9], half[18], u[36];
      const float *from = filter + input * input_step + lane * output_step;
      for (int tap = 0; tap < 9; tap++)
        for (int i = 0; i < WIDTH; i++) g[tap][i] = from[i * output_step + (is_adjoint ? 8 - tap : tap)];
      for (int j = 0; j < 3; j++) NAME(spread_taps)(g + j, 3, half + j, 3);
      for (int i = 0; i < 6; i++) NAME(spread_taps)(half + 3 * i, 1, u + 6 * i, 1);
      size_t panel = lane / NAME(lanes), within = lane % NAME(lanes);
      float *to = transformed + (panel * w->inputs + input) * NAME(lanes) + within;
      for (int f = 0; f < 36; f++) *(NAME(vector) *)(to + f * w->outputs * w->inputs) = u[f];
    }
}

// gradient[outputs, inputs, 3, 3] = Gᵀ u G of sums[36][inputs][outputs], of the inputs first..<first + count.
TARGET static void NAME(winograd_taps)(
  const lmtc_winograd *w, const float *sums, float *gradient, size_t first, size_t count) {
  for (size_t input = first; input < first + count; input++)
    for (size_t lane = 0; lane < w->outputs; lane += WIDTH) {
      NAME(vector) u[36], half[18], g[9];
      const float *from = sums + input * w->outputs + lane;
      for (int f = 0; f < 36; f++) u[f] = *(const NAME(vector) *)(from + f * w->inputs * w->outputs);
      for (int j = 0; j < 6; j++) NAME(gather_taps)(u + j, 6, half + j, 6);
      for (int i = 0; i < 3; i++) NAME(gather_taps)(half + 6 * i, 1, g + 3 * i, 1);
      for (int tap = 0; tap < 9; tap++)
        for (int i = 0; i < WIDTH; i++) gradient[((lane + i) * w->inputs + input) * 9 + tap] = g[tap][i];
    }
}

static const lmtc_winograd_kernels NAME(winograd) = {
  .block = WIDTH,
  .filter = NAME(winograd_filter),
  .apply = NAME(winograd_apply),
  .patches = NAME(winograd_patches),
  .gradients = NAME(winograd_gradients),
  .sums = NAME(winograd_sums),
  .taps = NAME(winograd_taps),
};
