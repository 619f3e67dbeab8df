// Convolutions by Winograd's algorithm, included by the transforms of one form with RESULTS, TAPS and STRIDE, after
// vectors.h and panels.h.
//
// Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A for a tile of RESULTS × RESULTS results, its inputs d and TAPS × TAPS taps g.
// A stride of 2 divides an image and the taps into 2 × 2 phases, each with every second row and column: the sum of
// their convolutions with stride 1 is the convolution. A vector holds one number of each of WIDTH channels, which lie
// side by side.

enum {
  FORM(side) = RESULTS + TAPS - 1,
  FORM(elements) = FORM(side) * FORM(side),
  FORM(phases) = STRIDE * STRIDE,
  FORM(extent) = STRIDE * TAPS,
};

// The rows of a plane that a column of a tile has, the first at `row`, STEP apart; zeros stand for those outside.
#define TILE_ROWS(SUFFIX, SIZE, STEP)                                                                      \
  typedef struct {                                                                                         \
    const float *start[SIZE];                                                                              \
    ptrdiff_t step[SIZE];                                                                                  \
  } FORM(JOIN(rows, SUFFIX));                                                                              \
  TARGET static inline FORM(JOIN(rows, SUFFIX)) FORM(JOIN(rows_of, SUFFIX))(                               \
    const float *plane, ptrdiff_t height, ptrdiff_t width, ptrdiff_t row, const NAME(vector) *zero) {      \
    FORM(JOIN(rows, SUFFIX)) rows;                                                                         \
    for (int i = 0; i < SIZE; i++) {                                                                       \
      ptrdiff_t r = row + i * STEP;                                                                        \
      bool has = r >= 0 && r < height;                                                                     \
      rows.start[i] = has ? plane + r * width * WIDTH : (const float *)zero;                               \
      rows.step[i] = has ? WIDTH : 0;                                                                      \
    }                                                                                                      \
    return rows;                                                                                           \
  }                                                                                                        \
  TARGET static inline void FORM(JOIN(load, SUFFIX))(                                                      \
    const FORM(JOIN(rows, SUFFIX)) *rows, ptrdiff_t width, ptrdiff_t column, NAME(vector) *loaded) {       \
    bool has = column >= 0 && column < width;                                                              \
    for (int i = 0; i < SIZE; i++)                                                                         \
      loaded[i] = has ? *(const NAME(vector) *)(rows->start[i] + column * rows->step[i]) : (NAME(vector)){0}; \
  }
TILE_ROWS(inputs, FORM(side), STRIDE)
TILE_ROWS(results, RESULTS, 1)
#undef TILE_ROWS

// Numbers from one element of transformed tiles to the next: an odd number of vectors, so that the elements of a tile
// do not compete for the same places of the cache.
TARGET static inline size_t FORM(plane)(size_t rows, size_t columns) {
  return (rows * columns / WIDTH | 1) * WIDTH;
}

// Where a tile lies in a result.
typedef struct {
  size_t image;
  ptrdiff_t row, column;
} FORM(place);

TARGET static inline FORM(place) FORM(place_of)(const lmtc_winograd *w, size_t tile) {
  size_t across = (w->result_width + RESULTS - 1) / RESULTS, down = (w->result_height + RESULTS - 1) / RESULTS;
  size_t in_image = tile % (across * down);
  return (FORM(place)){tile / (across * down), RESULTS * (in_image / across), RESULTS * (in_image % across)};
}

// patches[elements][total][phases][channels] = Bᵀ d B of the tiles first..<first + count, from the tile `to` on.
TARGET static void FORM(patches)(
  const lmtc_winograd *w, const float *source, float *patches, size_t to, size_t total, size_t first, size_t count) {
  size_t plane = w->height * w->width * WIDTH, inputs = FORM(phases) * w->channels;
  size_t step = FORM(plane)(total, inputs) / WIDTH;
  const NAME(vector) zero = {0};
  for (size_t tile = 0; tile < count; tile++) {
    FORM(place) place = FORM(place_of)(w, first + tile);
    for (size_t input = 0; input < inputs; input += WIDTH) {
      size_t phase = input / w->channels, block = input % w->channels / WIDTH;
      ptrdiff_t row = STRIDE * place.row - w->top + (ptrdiff_t)(phase / STRIDE);
      ptrdiff_t column = STRIDE * place.column - w->left + (ptrdiff_t)(phase % STRIDE);
      FORM(rows_inputs) rows = FORM(rows_of_inputs)(
        source + (place.image * w->channels / WIDTH + block) * plane, w->height, w->width, row, &zero);
      NAME(vector) d[FORM(side)], half[FORM(elements)];
      for (int j = 0; j < FORM(side); j++) {
        FORM(load_inputs)(&rows, w->width, column + STRIDE * j, d);
        FORM(spread_input)(d, 1, half + j, FORM(side));
      }
      NAME(vector) *at = (NAME(vector) *)(patches + (to + tile) * inputs + input);
      for (int i = 0; i < FORM(side); i++)
        FORM(spread_input)(half + FORM(side) * i, 1, at + FORM(side) * i * step, step);
    }
  }
}

// gradients[elements][total][filters] = A y Aᵀ of the tiles first..<first + count of a result's gradient.
TARGET static void FORM(gradients)(
  const lmtc_winograd *w, const float *result, float *gradients, size_t to, size_t total, size_t first,
  size_t count) {
  size_t plane = w->result_height * w->result_width * WIDTH, step = FORM(plane)(total, w->filters) / WIDTH;
  const NAME(vector) zero = {0};
  for (size_t tile = 0; tile < count; tile++) {
    FORM(place) place = FORM(place_of)(w, first + tile);
    for (size_t filter = 0; filter < w->filters; filter += WIDTH) {
      FORM(rows_results) rows = FORM(rows_of_results)(
        result + (place.image * w->filters / WIDTH + filter / WIDTH) * plane, w->result_height, w->result_width,
        place.row, &zero);
      NAME(vector) y[RESULTS], half[FORM(side) * RESULTS];
      for (int j = 0; j < RESULTS; j++) {
        FORM(load_results)(&rows, w->result_width, place.column + j, y);
        FORM(spread_output)(y, 1, half + j, RESULTS);
      }
      NAME(vector) *at = (NAME(vector) *)(gradients + (to + tile) * w->filters + filter);
      for (int i = 0; i < FORM(side); i++)
        FORM(spread_output)(half + RESULTS * i, 1, at + FORM(side) * i * step, step);
    }
  }
}

// The tiles first..<first + count of the result: Aᵀ m A of products[elements][count][filters].
TARGET static void FORM(results)(
  const lmtc_winograd *w, const float *products, float *result, size_t first, size_t count) {
  size_t plane = w->result_height * w->result_width * WIDTH, step = FORM(plane)(count, w->filters) / WIDTH;
  for (size_t tile = 0; tile < count; tile++) {
    FORM(place) place = FORM(place_of)(w, first + tile);
    int rows = w->result_height - place.row < RESULTS ? (int)(w->result_height - place.row) : RESULTS;
    int columns = w->result_width - place.column < RESULTS ? (int)(w->result_width - place.column) : RESULTS;
    for (size_t filter = 0; filter < w->filters; filter += WIDTH) {
      NAME(vector) half[RESULTS * FORM(side)], y[RESULTS];
      const NAME(vector) *from = (const NAME(vector) *)(products + tile * w->filters + filter);
      for (int j = 0; j < FORM(side); j++)
        FORM(gather_output)(from + j * step, FORM(side) * step, half + j, FORM(side));
      NAME(vector) *to = (NAME(vector) *)(result + (place.image * w->filters / WIDTH + filter / WIDTH) * plane)
        + place.row * w->result_width + place.column;
      for (int i = 0; i < rows; i++) {
        FORM(gather_output)(half + FORM(side) * i, 1, columns == RESULTS ? to + i * w->result_width : y, 1);
        for (int j = 0; j < columns && columns < RESULTS; j++) to[i * w->result_width + j] = y[j];
      }
    }
  }
}

// Asks for `size` × `size` places of an image in all blocks of channels.
TARGET static inline void FORM(request_places)(
  const float *image, size_t channels, ptrdiff_t height, ptrdiff_t width, ptrdiff_t row, ptrdiff_t column, int size) {
  ptrdiff_t bottom = row + size < height ? row + size : height;
  ptrdiff_t right = column + size < width ? column + size : width;
  for (size_t block = 0; block < channels / WIDTH; block++, image += height * width * WIDTH)
    for (ptrdiff_t i = row < 0 ? 0 : row; i < bottom; i++)
      for (ptrdiff_t j = column < 0 ? 0 : column; j < right; j++)
        __builtin_prefetch(image + (i * width + j) * WIDTH, 0, 2);
}

// Asks for what the tiles first..<first + count have of a source, without the edges that they share, as far as there
// are such tiles.
TARGET static void FORM(request_source)(const lmtc_winograd *w, const float *source, size_t first, size_t count) {
  for (size_t tile = first; tile < first + count; tile++) {
    FORM(place) place = FORM(place_of)(w, tile);
    if (place.image >= w->images) return;
    FORM(request_places)(
      source + place.image * w->channels * w->height * w->width, w->channels, w->height, w->width,
      STRIDE * place.row + (STRIDE * TAPS - STRIDE) / 2 - w->top,
      STRIDE * place.column + (STRIDE * TAPS - STRIDE) / 2 - w->left, STRIDE * RESULTS);
  }
}

// The same of a result.
TARGET static void FORM(request_result)(const lmtc_winograd *w, const float *result, size_t first, size_t count) {
  for (size_t tile = first; tile < first + count; tile++) {
    FORM(place) place = FORM(place_of)(w, tile);
    if (place.image >= w->images) return;
    FORM(request_places)(
      result + place.image * w->filters * w->result_height * w->result_width, w->filters, w->result_height,
      w->result_width, place.row, place.column, RESULTS);
  }
}

// products[count][outputs] = factors[count][inputs] · transformed[panels][inputs][lanes], of one element.
TARGET static inline void FORM(multiply)(
  const float *factors, const float *transformed, float *products, size_t element, size_t count, size_t inputs,
  size_t outputs) {
  factors += element * FORM(plane)(count, inputs);
  transformed += element * FORM(plane)(inputs, outputs);
  products += element * FORM(plane)(count, outputs);
  for (size_t lane = 0; lane < outputs; lane += NAME(lanes))
    NAME(rows_product)(
      count, factors, inputs, 1, transformed + lane * inputs, NAME(lanes), inputs, products + lane, outputs, false);
}

// The share of `count` that belongs to an element.
TARGET static inline size_t FORM(share)(size_t count, size_t element) { return count * element / FORM(elements); }

// The tiles first..<first + count of the result. During the products, which leave memory idle, asks for what is
// written and read next.
TARGET static void FORM(apply)(
  const lmtc_winograd *w, const float *source, const float *transformed, float *result, float *scratch,
  size_t first, size_t count) {
  size_t inputs = FORM(phases) * w->channels;
  float *products = scratch + FORM(elements) * FORM(plane)(count, inputs);
  FORM(patches)(w, source, scratch, 0, count, first, count);
  for (size_t f = 0; f < FORM(elements); f++) {
    size_t from = FORM(share)(count, f), more = FORM(share)(count, f + 1) - from;
    FORM(request_result)(w, result, first + from, more);
    FORM(request_source)(w, source, first + count + from, more);
    FORM(multiply)(scratch, transformed, products, f, count, inputs, w->filters);
  }
  FORM(results)(w, products, result, first, count);
}

// sums[inputs][filters] (+)= Σ over `total` tiles of patches · gradients, for the filters from `lane` on.
TARGET static void FORM(sums)(
  const lmtc_winograd *w, const float *patches, const float *gradients, size_t total, float *sums, size_t lane,
  bool adds) {
  size_t inputs = FORM(phases) * w->channels;
  NAME(rows_product)(
    inputs, patches, 1, inputs, gradients + lane, w->filters, total, sums + lane, w->filters, adds);
}

#include "winograd_filters.h"

#if STRIDE > 1
// Adds B v Bᵀ of products[elements][count][phases][channels] to the tiles first..<first + count of a gradient. Tiles
// overlap by one row and one column of each phase; the first tile that covers a place overwrites what is there, so
// that the tiles of an image have to come in order.
TARGET static void FORM(images)(
  const lmtc_winograd *w, const float *products, float *gradient, size_t first, size_t count) {
  size_t plane = w->height * w->width * WIDTH, inputs = FORM(phases) * w->channels;
  size_t step = FORM(plane)(count, inputs) / WIDTH;
  for (size_t tile = 0; tile < count; tile++) {
    FORM(place) place = FORM(place_of)(w, first + tile);
    for (size_t input = 0; input < inputs; input += WIDTH) {
      NAME(vector) half[FORM(elements)], d[FORM(side)];
      const NAME(vector) *from = (const NAME(vector) *)(products + tile * inputs + input);
      for (int j = 0; j < FORM(side); j++)
        FORM(gather_input)(from + j * step, FORM(side) * step, half + j, FORM(side));
      size_t phase = input / w->channels, block = input % w->channels / WIDTH;
      ptrdiff_t row = STRIDE * place.row - w->top + (ptrdiff_t)(phase / STRIDE);
      ptrdiff_t column = STRIDE * place.column - w->left + (ptrdiff_t)(phase % STRIDE);
      NAME(vector) *to = (NAME(vector) *)(gradient + (place.image * w->channels / WIDTH + block) * plane);
      for (int i = 0; i < FORM(side); i++, row += STRIDE) {
        if (row < 0 || row >= (ptrdiff_t)w->height) continue;
        FORM(gather_input)(half + FORM(side) * i, 1, d, 1);
        for (int j = 0; j < FORM(side); j++) {
          ptrdiff_t at = column + STRIDE * j;
          if (at < 0 || at >= (ptrdiff_t)w->width) continue;
          bool adds = (i == 0 && place.row > 0) || (j == 0 && place.column > 0);
          NAME(vector) *pixel = to + row * w->width + at;
          *pixel = adds ? *pixel + d[j] : d[j];
        }
      }
    }
  }
}

// The adjoint with respect to x: the transposed algorithm.
TARGET static void FORM(apply_adjoint)(
  const lmtc_winograd *w, const float *result, const float *transformed, float *gradient, float *scratch,
  size_t first, size_t count) {
  float *products = scratch + FORM(elements) * FORM(plane)(count, w->filters);
  FORM(gradients)(w, result, scratch, 0, count, first, count);
  for (size_t f = 0; f < FORM(elements); f++) {
    size_t from = FORM(share)(count, f), more = FORM(share)(count, f + 1) - from;
    FORM(request_source)(w, gradient, first + from, more);
    FORM(request_result)(w, result, first + count + from, more);
    FORM(multiply)(scratch, transformed, products, f, count, w->filters, FORM(phases) * w->channels);
  }
  FORM(images)(w, products, gradient, first, count);
}
#endif

static const lmtc_winograd_kernels FORM(winograd) = {
  .block = WIDTH,
  .results = RESULTS,
  .elements = FORM(elements),
  .extent = FORM(extent),
  .stride = STRIDE,
  .filter = FORM(filter),
  .adjoint_filter = FORM(adjoint_filter),
  .apply = FORM(apply),
#if STRIDE == 1
  .apply_adjoint = FORM(apply),
#else
  .apply_adjoint = FORM(apply_adjoint),
#endif
  .request_source = FORM(request_source),
  .request_result = FORM(request_result),
  .patches = FORM(patches),
  .gradients = FORM(gradients),
  .sums = FORM(sums),
  .taps = FORM(taps),
};

#undef RESULTS
#undef TAPS
#undef STRIDE
#undef FORM
