import COneDNN

/// Which of the three products of a convolution.
enum ConvolutionDirection: String {
  /// Operands x, filter.
  case forward
  /// Operands dy, filter.
  case inputGradient
  /// Operands x, dy.
  case filterGradient
}

/// A convolution or one of its adjoints by oneDNN, in the layouts it prefers.
///
/// Always the direct algorithm in float32, sums of products in some order: certificates do not cover the
/// errors of Winograd's transform or of narrower types.
final class ConvolutionPrimitive {
  /// The layouts of the two operands and the result.
  let layouts: (first: Layout, second: Layout, result: Layout)
  /// Elements of working memory.
  let scratchCount: Int

  private let primitive: dnnl_primitive_t
  private let library: OneDNN
  private let hasBias: Bool
  private let direction: ConvolutionDirection
  private var descriptors: [dnnl_memory_desc_t]
  private var memories: [dnnl_memory_t] = []
  private var arguments: [dnnl_exec_arg_t] = []

  /// Builds a primitive; nil where oneDNN has none without padded layouts.
  ///
  /// - Parameter hasBias: whether a filter gradient also sums dy over all axes but the channels.
  init?(_ direction: ConvolutionDirection, _ geometry: ConvolutionGeometry, hasBias: Bool) {
    guard let library = OneDNN.shared, geometry.window.groups == 1,
      let description = Self.describe(direction, geometry, hasBias, library)
    else { return nil }
    defer { dnnl_primitive_desc_destroy(description) }
    let queries = Self.queries(direction)
    let shapes = Self.shapes(direction, geometry)
    descriptors = []
    var layouts: [Layout] = []
    for (query, shape) in zip(queries, shapes) {
      guard let descriptor = dnnl_primitive_desc_query_md(description, query, 0)?.pointee,
        let layout = Layout(descriptor, shape: shape)
      else { return nil }
      descriptors.append(descriptor)
      layouts.append(layout)
    }
    if hasBias, let bias = OneDNN.descriptor([geometry.filters], isFree: false) {
      descriptors.append(bias)
    }
    guard
      let scratch = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0)
    else { return nil }
    descriptors.append(scratch.pointee)
    scratchCount = (dnnl_memory_desc_get_size(scratch) + 3) / 4
    var primitive: dnnl_primitive_t?
    guard dnnl_primitive_create(&primitive, description) == dnnl_success, let primitive else {
      return nil
    }
    (self.primitive, self.library, self.direction) = (primitive, library, direction)
    self.hasBias = hasBias
    self.layouts = (layouts[0], layouts[1], layouts[2])
  }

  deinit {
    for memory in memories { dnnl_memory_destroy(memory) }
    dnnl_primitive_destroy(primitive)
  }

  /// Fixes the addresses of the operands, the result, the bias if there is one and the scratch.
  func bind(
    _ first: Elements, _ second: Elements, _ result: Elements, bias: Elements?, scratch: Elements
  ) {
    var addresses = [first, second, result]
    var kinds = Self.argumentKinds(direction)
    if hasBias, let bias {
      addresses.append(bias)
      kinds.append(DNNL_ARG_DIFF_BIAS)
    }
    addresses.append(scratch)
    kinds.append(DNNL_ARG_SCRATCHPAD)
    for (index, address) in addresses.enumerated() {
      var memory: dnnl_memory_t?
      let status = dnnl_memory_create(&memory, &descriptors[index], library.engine, address)
      guard status == dnnl_success, let memory else {
        preconditionFailure("oneDNN made no memory object")
      }
      memories.append(memory)
      arguments.append(dnnl_exec_arg_t(arg: kinds[index], memory: memory))
    }
  }

  /// Computes.
  func run() {
    let status = dnnl_primitive_execute(
      primitive, library.stream, CInt(arguments.count), arguments)
    precondition(status == dnnl_success, "oneDNN failed with status \(status.rawValue)")
  }

  private static func queries(_ direction: ConvolutionDirection) -> [dnnl_query_t] {
    switch direction {
    case .forward: [dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md]
    case .inputGradient: [dnnl_query_diff_dst_md, dnnl_query_weights_md, dnnl_query_diff_src_md]
    case .filterGradient: [dnnl_query_src_md, dnnl_query_diff_dst_md, dnnl_query_diff_weights_md]
    }
  }

  private static func argumentKinds(_ direction: ConvolutionDirection) -> [CInt] {
    switch direction {
    case .forward: [DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST]
    case .inputGradient: [DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC]
    case .filterGradient: [DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS]
    }
  }

  private static func shapes(
    _ direction: ConvolutionDirection, _ geometry: ConvolutionGeometry
  ) -> [[Int]] {
    let (x, filter, y) = (geometry.xShape, geometry.filterShape, geometry.yShape)
    return switch direction {
    case .forward: [x, filter, y]
    case .inputGradient: [y, filter, x]
    case .filterGradient: [x, y, filter]
    }
  }

  private static func describe(
    _ direction: ConvolutionDirection, _ geometry: ConvolutionGeometry, _ hasBias: Bool,
    _ library: OneDNN
  ) -> dnnl_primitive_desc_t? {
    guard
      var forward = operation(.forward, geometry, hasBias: hasBias),
      let attributes = makeAttributes()
    else { return nil }
    defer { dnnl_primitive_attr_destroy(attributes) }
    var description: dnnl_primitive_desc_t?
    if direction == .forward {
      dnnl_primitive_desc_create(&description, &forward, attributes, library.engine, nil)
      return description
    }
    var hint: dnnl_primitive_desc_t?
    guard dnnl_primitive_desc_create(&hint, &forward, nil, library.engine, nil) == dnnl_success,
      var operation = operation(direction, geometry, hasBias: hasBias)
    else { return nil }
    defer { dnnl_primitive_desc_destroy(hint) }
    dnnl_primitive_desc_create(&description, &operation, attributes, library.engine, hint)
    return description
  }

  private static func makeAttributes() -> dnnl_primitive_attr_t? {
    var attributes: dnnl_primitive_attr_t?
    guard dnnl_primitive_attr_create(&attributes) == dnnl_success, let attributes else {
      return nil
    }
    dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user)
    // Overrides the environment: certificates rely on float32 products.
    guard
      dnnl_primitive_attr_set_fpmath_mode(attributes, dnnl_fpmath_mode_strict) == dnnl_success
    else { return nil }
    return attributes
  }

  private static func operation(
    _ direction: ConvolutionDirection, _ geometry: ConvolutionGeometry, hasBias: Bool
  ) -> dnnl_convolution_desc_t? {
    // Blocks of channels would pad images of few channels.
    guard var x = OneDNN.descriptor(geometry.xShape, isFree: geometry.channels > 3),
      var filter = OneDNN.descriptor(geometry.filterShape, isFree: true),
      var y = OneDNN.descriptor(geometry.yShape, isFree: true),
      var bias = OneDNN.descriptor([geometry.filters], isFree: false)
    else { return nil }
    let window = geometry.window
    let strides = window.strides.map { Int64($0) }
    let dilations = window.dilations.map { Int64($0 - 1) }
    let (low, high) = (window.paddingLow.map { Int64($0) }, window.paddingHigh.map { Int64($0) })
    var result = dnnl_convolution_desc_t()
    let status = withUnsafePointer(to: &bias) { bias in
      switch direction {
      case .forward:
        dnnl_dilated_convolution_forward_desc_init(
          &result, dnnl_forward_training, dnnl_convolution_direct, &x, &filter,
          hasBias ? bias : nil, &y, strides, dilations, low, high)
      case .inputGradient:
        dnnl_dilated_convolution_backward_data_desc_init(
          &result, dnnl_convolution_direct, &x, &filter, &y, strides, dilations, low, high)
      case .filterGradient:
        dnnl_dilated_convolution_backward_weights_desc_init(
          &result, dnnl_convolution_direct, &x, &filter, hasBias ? bias : nil, &y, strides,
          dilations, low, high)
      }
    }
    return status == dnnl_success ? result : nil
  }
}
