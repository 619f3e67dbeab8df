#ifndef LMTC_MATRIX_KERNELS_H
#define LMTC_MATRIX_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The rows of A that one call multiplies.
#define LMTC_ROWS 6
/// The columns of B that one call multiplies.
#define LMTC_LANES 16

/// The instruction set that the kernels use on this processor: "avx512f", "avx2, fma" or "baseline".
const char *lmtc_instruction_set(void);

/// Instruction sets by index, oldest first; NULL after the last. `has` says whether the processor has it.
const char *lmtc_known_instruction_set(int index, bool *has);

/// sums[r * 16 + l] = Σₖ rows[rowPlaces[k] + r] · lanes[lanePlaces[k] + l] for r < 6 and l < 16.
///
/// Every sum has `count` products, each added once to a partial sum that starts at 0, with or without a fused
/// multiply-add. No alignment is required; the places may be the same for several k.
void lmtc_products_double(
  const double *rows, const int32_t *rowPlaces, const double *lanes, const int32_t *lanePlaces,
  size_t count, double *sums);

/// The same in float32.
void lmtc_products_float(
  const float *rows, const int32_t *rowPlaces, const float *lanes, const int32_t *lanePlaces,
  size_t count, float *sums);

/// sums[r] = Σₖ matrix[r * stride + k] · x[k] for r < rows and k < columns, added to what is there if `adds`.
///
/// Every sum has its products once, in an order that depends only on the extents, with or without fused
/// multiply-adds. No alignment is required; the sums must not overlap the operands.
void lmtc_matrix_times_vector(
  const float *matrix, size_t stride, size_t rows, size_t columns, const float *x, bool adds, float *sums);

/// sums[k] = Σᵣ x[r] · matrix[r * stride + k], as above.
void lmtc_vector_times_matrix(
  const float *matrix, size_t stride, size_t rows, size_t columns, const float *x, bool adds, float *sums);

/// An operation on every element; its operands are x, y and z.
typedef enum {
  LMTC_COPY,
  LMTC_ADD,
  LMTC_SUBTRACT,
  LMTC_MULTIPLY,
  LMTC_DIVIDE,
  /// The larger; NaN if either is.
  LMTC_MAXIMUM,
  /// The smaller; NaN if either is.
  LMTC_MINIMUM,
  /// Comparisons are 1 where they hold, else 0.
  LMTC_LESS,
  LMTC_LESS_OR_EQUAL,
  LMTC_GREATER,
  LMTC_GREATER_OR_EQUAL,
  LMTC_EQUAL,
  LMTC_SQUARE_ROOT,
  /// y where x is not 0, else z.
  LMTC_SELECT,
  LMTC_NEGATE,
  LMTC_MAGNITUDE,
  /// −1, 0 or 1, or x itself if it is NaN.
  LMTC_SIGN,
  /// Functions with errors of at most 3.1 · 2⁻²⁴ relative to the result.
  LMTC_EXPONENTIAL,
  LMTC_LOGARITHM,
  LMTC_LOGARITHM_OF_ONE_PLUS,
  LMTC_HYPERBOLIC_TANGENT,
  LMTC_LOGISTIC,
  LMTC_ERROR_FUNCTION,
  /// The nearest bfloat16 number, ties to even.
  LMTC_BFLOAT16,
  /// Adds x to as many sums as a vector has numbers, in turn.
  LMTC_SUM,
} lmtc_operation;

/// How a place of a tape holds its numbers.
typedef enum {
  /// One for each element, from the first one at `base` on.
  LMTC_STREAM,
  /// One for each element of a chunk, at `offset` of the working memory.
  LMTC_LOCAL,
  /// As many as a vector has, in turn, at `offset` of the working memory.
  LMTC_REPEATED,
  /// One for all, at `base`.
  LMTC_NUMBER,
} lmtc_kind;

/// A place of numbers that an instruction reads or writes.
typedef struct {
  lmtc_kind kind;
  float *base;
  size_t offset;
} lmtc_place;

/// An operation with its places; those that the operation does not have must be valid all the same.
///
/// The result may lie where an operand does, and must not overlap one otherwise.
typedef struct {
  lmtc_operation operation;
  lmtc_place result, operands[3];
} lmtc_instruction;

/// How many numbers a vector has: 4, 8 or 16.
size_t lmtc_vector_width(void);

/// Runs instructions one after the other over the elements start..<start + count.
///
/// Each operation is rounded to nearest by itself: the same bits on every processor, except for the order of sums.
void lmtc_run_tape(
  const lmtc_instruction *tape, size_t length, float *locals, size_t start, size_t count);

/// The upper halves of numbers that are bfloat16 already.
void lmtc_narrow(const float *numbers, uint16_t *halves, size_t count);

/// The most taps of a filter gradient by taps.
#define LMTC_MOST_TAPS 32

/// The taps of a convolution with few channels, on an image with its padding.
typedef struct {
  /// Where each tap lies for the first result, and how many there are.
  size_t places[LMTC_MOST_TAPS];
  size_t count;
  /// The extents of the result, and how far its rows and columns are apart in the image.
  size_t rows, columns, row_step, column_step;
} lmtc_taps;

/// sums[t][l] += Σ x[places[t] + …] · dy[row, column, l] over rows and columns of one image, for as many channels l of
/// dy as a vector has numbers.
void lmtc_tap_sums(const lmtc_taps *taps, const float *x, const float *dy, float *sums);

/// The geometry of a convolution for Winograd's algorithm with tiles of results × results places, of which an image has
/// `ceil(result_height / results) * ceil(result_width / results)`, counted row by row.
///
/// Images have blocks of `block` channels innermost: [images, channels / block, height, width, block]. Channels and
/// filters are multiples of 2 * `block`.
typedef struct {
  size_t images, channels, filters;
  size_t height, width;
  size_t result_height, result_width;
  /// Zeros above and left of the source.
  ptrdiff_t top, left;
} lmtc_winograd;

/// Parts of the algorithm for filters of extent × extent taps, with a stride that divides images and filters into
/// stride * stride phases. Each of the elements of a transformed tile is a matrix product of its own, with
/// `inputs = phases * channels`. What is written [elements][m][n] has planes of m * n numbers for each element, and
/// another `block` where m * n / block is even: the elements of a tile would compete for the same places of the cache.
///
/// No alignment is required, and operands must not overlap results. The same numbers give the same bits however tiles
/// and channels are divided among calls, unless sums are added up by several of them.
typedef struct {
  /// Channels of a block: the width of a vector.
  size_t block;
  /// Results of a tile along an axis, and numbers of a transformed tile.
  size_t results, elements;
  /// The convolution that it computes.
  size_t extent, stride;
  /// The filter [filters, channels, extent, extent] of the channels first..<first + count into a transformed filter
  /// [elements][inputs * filters].
  void (*filter)(const lmtc_winograd *w, const float *filter, float *transformed, size_t first, size_t count);
  /// The tiles first..<first + count of the result; scratch has the planes of count * inputs and of count * filters
  /// numbers for each element.
  void (*apply)(
    const lmtc_winograd *w, const float *source, const float *transformed, float *result, float *scratch,
    size_t first, size_t count);
  /// The filter for the adjoint. With stride 1 the geometry is that of the adjoint, a convolution with the filter
  /// [channels, filters, extent, extent] rotated by a half turn, and first..<first + count are channels; otherwise
  /// it is that of the convolution, and they are filters.
  void (*adjoint_filter)(
    const lmtc_winograd *w, const float *filter, float *transformed, size_t first, size_t count);
  /// The adjoint. With a stride of 2 the tiles first..<first + count are those of the result's gradient, and the tiles
  /// of an image have to come in order: they overlap in the source's gradient.
  void (*apply_adjoint)(
    const lmtc_winograd *w, const float *source, const float *transformed, float *result, float *scratch,
    size_t first, size_t count);
  /// Asks for what the tiles first..<first + count have of a source or of a result, which is read or written soon.
  void (*request_source)(const lmtc_winograd *w, const float *source, size_t first, size_t count);
  void (*request_result)(const lmtc_winograd *w, const float *result, size_t first, size_t count);
  /// The transformed sources of the tiles first..<first + count, whose first is `to`: patches[elements][total][inputs].
  void (*patches)(
    const lmtc_winograd *w, const float *source, float *patches, size_t to, size_t total, size_t first,
    size_t count);
  /// The same of a result's gradient: gradients[elements][total][filters].
  void (*gradients)(
    const lmtc_winograd *w, const float *result, float *gradients, size_t to, size_t total, size_t first,
    size_t count);
  /// sums[inputs][filters] = Σ patches · gradients over `total` tiles, for one of the elements and the 2 * `block`
  /// filters from `lane` on, added to what is there if `adds`.
  void (*sums)(
    const lmtc_winograd *w, const float *patches, const float *gradients, size_t total, float *sums, size_t lane,
    bool adds);
  /// The gradient [filters, channels, extent, extent] from sums[elements][inputs][filters], of the channels
  /// first..<first + count.
  void (*taps)(
    const lmtc_winograd *w, const float *sums, float *gradient, size_t first, size_t count);
} lmtc_winograd_kernels;

/// The parts for 3×3 taps with stride 1, or for 4×4 taps with stride 2, for this processor's vectors; NULL where it has
/// none worth using.
const lmtc_winograd_kernels *lmtc_winograd_for_processor(size_t stride);

#endif
