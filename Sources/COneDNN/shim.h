// oneDNN's C API, and functions of our own for what differs between its versions 2 and 3: in version 3 a memory
// descriptor is opaque, and a primitive's description is created without an operation descriptor.
#ifndef LMTC_ONEDNN_SHIM_H
#define LMTC_ONEDNN_SHIM_H

#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>
#include <stdbool.h>
#include <string.h>

#if DNNL_VERSION_MAJOR != 2 && DNNL_VERSION_MAJOR != 3
#error "the CPU engine needs oneDNN 2 or 3 (Debian: libdnnl-dev)"
#endif

/// A memory descriptor that belongs to a primitive's description and lives as long as it.
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t lmtc_memory_desc;
#else
typedef const dnnl_memory_desc_t *lmtc_memory_desc;
#endif

/// How a descriptor orders elements: strides of the outer loops by axis, then `count` inner blocks from the
/// slowest to the fastest, each a number of steps along an axis.
typedef struct {
  dnnl_dims_t padded;
  dnnl_dims_t strides;
  int count;
  dnnl_dims_t blocks;
  dnnl_dims_t axes;
} lmtc_blocking;

/// Reads a descriptor; false unless its elements lie in blocks from the first address on.
static inline bool lmtc_read_blocking(lmtc_memory_desc desc, lmtc_blocking *blocking) {
#if DNNL_VERSION_MAJOR >= 3
  dnnl_format_kind_t kind;
  dnnl_dim_t offset;
  const dnnl_dims_t *padded, *strides, *blocks, *axes;
  if (dnnl_memory_desc_query(desc, dnnl_query_format_kind, &kind) != dnnl_success
      || kind != dnnl_blocked
      || dnnl_memory_desc_query(desc, dnnl_query_submemory_offset_s64, &offset) != dnnl_success
      || offset != 0
      || dnnl_memory_desc_query(desc, dnnl_query_padded_dims, &padded) != dnnl_success
      || dnnl_memory_desc_query(desc, dnnl_query_strides, &strides) != dnnl_success
      || dnnl_memory_desc_query(desc, dnnl_query_inner_nblks_s32, &blocking->count) != dnnl_success
      || dnnl_memory_desc_query(desc, dnnl_query_inner_blks, &blocks) != dnnl_success
      || dnnl_memory_desc_query(desc, dnnl_query_inner_idxs, &axes) != dnnl_success)
    return false;
#else
  if (desc->format_kind != dnnl_blocked || desc->offset0 != 0 || desc->extra.flags != 0) return false;
  const dnnl_dims_t *padded = &desc->padded_dims;
  const dnnl_dims_t *strides = &desc->format_desc.blocking.strides;
  const dnnl_dims_t *blocks = &desc->format_desc.blocking.inner_blks;
  const dnnl_dims_t *axes = &desc->format_desc.blocking.inner_idxs;
  blocking->count = desc->format_desc.blocking.inner_nblks;
#endif
  memcpy(blocking->padded, *padded, sizeof(dnnl_dims_t));
  memcpy(blocking->strides, *strides, sizeof(dnnl_dims_t));
  memcpy(blocking->blocks, *blocks, sizeof(dnnl_dims_t));
  memcpy(blocking->axes, *axes, sizeof(dnnl_dims_t));
  return true;
}

/// The geometry of a two-dimensional convolution, or of the gradient of one.
typedef struct {
  /// dnnl_forward_training, dnnl_backward_data or dnnl_backward_weights.
  dnnl_prop_kind_t kind;
  /// The extents [N, C, H, W] of x, [M, C, kh, kw] of the filter and [N, M, H', W'] of y.
  const int64_t *x, *filter, *y;
  /// Along both axes; a dilation of 0 means adjacent taps.
  const int64_t *strides, *dilations, *low, *high;
  /// Whether oneDNN may choose the layout of x; those of the filter and y are always its choice.
  bool chooses_x;
  /// Whether y has a bias, whose gradient is computed with the filter's.
  bool has_bias;
  /// Whether the operands are bfloat16; the result is float32.
  bool is_narrow;
} lmtc_convolution;

/// Memory descriptors of a convolution's operands.
typedef struct {
  dnnl_memory_desc_t x, filter, y, bias;
} lmtc_operands;

#if DNNL_VERSION_MAJOR >= 3
static inline dnnl_status_t lmtc_init(
  dnnl_memory_desc_t *desc, int axes, const int64_t *extents, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_create_with_tag(desc, axes, extents, type, tag);
}

static inline dnnl_status_t lmtc_forward(
  dnnl_primitive_desc_t *result, dnnl_engine_t engine, const lmtc_convolution *c,
  const lmtc_operands *o, const_dnnl_primitive_attr_t attributes) {
  return dnnl_convolution_forward_primitive_desc_create(
    result, engine, dnnl_forward_training, dnnl_convolution_direct, o->x, o->filter,
    c->has_bias ? o->bias : NULL, o->y, c->strides, c->dilations, c->low, c->high, attributes);
}

static inline dnnl_status_t lmtc_backward(
  dnnl_primitive_desc_t *result, dnnl_engine_t engine, const lmtc_convolution *c,
  const lmtc_operands *o, const_dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t hint) {
  if (c->kind == dnnl_backward_data)
    return dnnl_convolution_backward_data_primitive_desc_create(
      result, engine, dnnl_convolution_direct, o->x, o->filter, o->y, c->strides, c->dilations,
      c->low, c->high, hint, attributes);
  return dnnl_convolution_backward_weights_primitive_desc_create(
    result, engine, dnnl_convolution_direct, o->x, o->filter, c->has_bias ? o->bias : NULL, o->y,
    c->strides, c->dilations, c->low, c->high, hint, attributes);
}

static inline void lmtc_destroy(lmtc_operands *o) {
  dnnl_memory_desc_destroy(o->x);
  dnnl_memory_desc_destroy(o->filter);
  dnnl_memory_desc_destroy(o->y);
  dnnl_memory_desc_destroy(o->bias);
}
#else
static inline dnnl_status_t lmtc_init(
  dnnl_memory_desc_t *desc, int axes, const int64_t *extents, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_init_by_tag(desc, axes, extents, type, tag);
}

static inline dnnl_status_t lmtc_forward(
  dnnl_primitive_desc_t *result, dnnl_engine_t engine, const lmtc_convolution *c,
  const lmtc_operands *o, const_dnnl_primitive_attr_t attributes) {
  dnnl_convolution_desc_t operation;
  dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(
    &operation, dnnl_forward_training, dnnl_convolution_direct, &o->x, &o->filter,
    c->has_bias ? &o->bias : NULL, &o->y, c->strides, c->dilations, c->low, c->high);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &operation, attributes, engine, NULL);
}

static inline dnnl_status_t lmtc_backward(
  dnnl_primitive_desc_t *result, dnnl_engine_t engine, const lmtc_convolution *c,
  const lmtc_operands *o, const_dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t hint) {
  dnnl_convolution_desc_t operation;
  dnnl_status_t status = c->kind == dnnl_backward_data
    ? dnnl_dilated_convolution_backward_data_desc_init(
        &operation, dnnl_convolution_direct, &o->x, &o->filter, &o->y, c->strides, c->dilations,
        c->low, c->high)
    : dnnl_dilated_convolution_backward_weights_desc_init(
        &operation, dnnl_convolution_direct, &o->x, &o->filter, c->has_bias ? &o->bias : NULL,
        &o->y, c->strides, c->dilations, c->low, c->high);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &operation, attributes, engine, hint);
}

static inline void lmtc_destroy(lmtc_operands *o) { (void)o; }
#endif

/// Describes the operands of a convolution with given types of x, the filter and y.
static inline dnnl_status_t lmtc_operands_of(
  lmtc_operands *o, const lmtc_convolution *c, dnnl_data_type_t x, dnnl_data_type_t filter, dnnl_data_type_t y) {
  memset(o, 0, sizeof *o);
  dnnl_status_t status = lmtc_init(&o->x, 4, c->x, x, c->chooses_x ? dnnl_format_tag_any : dnnl_abcd);
  if (status == dnnl_success) status = lmtc_init(&o->filter, 4, c->filter, filter, dnnl_format_tag_any);
  if (status == dnnl_success) status = lmtc_init(&o->y, 4, c->y, y, dnnl_format_tag_any);
  if (status == dnnl_success) status = lmtc_init(&o->bias, 1, c->filter, dnnl_f32, dnnl_a);
  return status;
}

/// Describes a convolution or a gradient of one by the direct algorithm, with sums in float32.
static inline dnnl_status_t lmtc_describe(
  dnnl_primitive_desc_t *result, dnnl_engine_t engine, const lmtc_convolution *c,
  const_dnnl_primitive_attr_t attributes) {
  dnnl_data_type_t type = c->is_narrow ? dnnl_bf16 : dnnl_f32;
  lmtc_operands o, forward;
  dnnl_primitive_desc_t hint = NULL;
  dnnl_status_t status = lmtc_operands_of(
    &o, c, c->kind == dnnl_backward_data ? dnnl_f32 : type, c->kind == dnnl_backward_weights ? dnnl_f32 : type,
    c->kind == dnnl_forward_training ? dnnl_f32 : type);
  if (status == dnnl_success && c->kind == dnnl_forward_training) {
    status = lmtc_forward(result, engine, c, &o, attributes);
  } else if (status == dnnl_success) {
    status = lmtc_operands_of(&forward, c, type, type, type);
    if (status == dnnl_success) status = lmtc_forward(&hint, engine, c, &forward, NULL);
    if (status == dnnl_success) status = lmtc_backward(result, engine, c, &o, attributes, hint);
    if (hint) dnnl_primitive_desc_destroy(hint);
    lmtc_destroy(&forward);
  }
  lmtc_destroy(&o);
  return status;
}

#endif
