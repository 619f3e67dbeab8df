import COneDNN

/// Which of the three products of a convolution.
enum ConvolutionDirection: String {
  /// Operands x, filter.
  case forward
  /// Operands dy, filter.
  case inputGradient
  /// Operands x, dy.
  case filterGradient

  /// `convolution forward`.
  var kind: String { "convolution \(rawValue)" }
}

/// A convolution or one of its adjoints by oneDNN, in the layouts it prefers.
///
/// Always the direct algorithm, sums of products in float32 in some order: certificates do not cover the
/// errors of Winograd's transform. Operands are float32, or bfloat16 where a graph rounds them to it. Training steps also have ``WinogradConvolution``.
final class ConvolutionPrimitive {
  /// The layouts of the two operands and the result.
  let layouts: (first: Layout, second: Layout, result: Layout)
  /// Elements of working memory.
  let scratchCount: Int

  private let description: dnnl_primitive_desc_t
  private let primitive: dnnl_primitive_t
  private let library: OneDNN
  private let hasBias: Bool
  private let direction: ConvolutionDirection
  /// Of the operands, the result, the bias's gradient if there is one and the scratch.
  private let descriptors: [lmtc_memory_desc]
  private var memories: [dnnl_memory_t] = []
  private var arguments: [dnnl_exec_arg_t] = []

  /// Builds a primitive; nil where oneDNN has none without padded layouts.
  ///
  /// - Parameters:
  ///   - hasBias: whether a filter gradient also sums dy over all axes but the channels.
  ///   - isNarrow: whether the operands are bfloat16 numbers.
  init?(
    _ direction: ConvolutionDirection, _ geometry: ConvolutionGeometry, hasBias: Bool,
    isNarrow: Bool = false
  ) {
    guard let library = OneDNN.shared, geometry.window.groups == 1,
      let description = Self.describe(direction, geometry, hasBias, isNarrow, library)
    else { return nil }
    var primitive: dnnl_primitive_t?
    guard direction != .filterGradient && !isNarrow || Self.isDirect(description),
      let (descriptors, layouts) = Self.memory(description, direction, geometry, hasBias),
      dnnl_primitive_create(&primitive, description) == dnnl_success, let primitive
    else {
      dnnl_primitive_desc_destroy(description)
      return nil
    }
    (self.description, self.primitive, self.library) = (description, primitive, library)
    (self.direction, self.hasBias) = (direction, hasBias)
    self.descriptors = descriptors
    self.layouts = (layouts[0], layouts[1], layouts[2])
    scratchCount = (dnnl_memory_desc_get_size(descriptors[descriptors.count - 1]) + 3) / 4
  }

  deinit {
    for memory in memories { dnnl_memory_destroy(memory) }
    dnnl_primitive_destroy(primitive)
    dnnl_primitive_desc_destroy(description)
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
      let status = dnnl_memory_create(&memory, descriptors[index], library.engine, address)
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

  /// Whether oneDNN has a kernel for the geometry, not only products with unfolded patches, such as
  /// `x64:gemm:jit`: for filter gradients its threads wait for each other in spinning loops, which
  /// takes ten times as long as the products where others use the cores.
  private static func isDirect(_ description: dnnl_primitive_desc_t) -> Bool {
    var name: UnsafePointer<CChar>?
    let status = dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name)
    guard status == dnnl_success, let name else { return true }
    let text = String(cString: name)
    return !text.contains("gemm") && !text.contains("ref")
  }

  /// The descriptors of all arguments, and the layouts of the operands and the result.
  private static func memory(
    _ description: dnnl_primitive_desc_t, _ direction: ConvolutionDirection,
    _ geometry: ConvolutionGeometry, _ hasBias: Bool
  ) -> ([lmtc_memory_desc], [Layout])? {
    var descriptors: [lmtc_memory_desc] = []
    var layouts: [Layout] = []
    for (query, shape) in zip(queries(direction), shapes(direction, geometry)) {
      guard let descriptor = dnnl_primitive_desc_query_md(description, query, 0),
        let layout = Layout(descriptor, shape: shape)
      else { return nil }
      descriptors.append(descriptor)
      layouts.append(layout)
    }
    if hasBias {
      guard
        let bias = dnnl_primitive_desc_query_md(description, dnnl_query_diff_weights_md, 1)
      else { return nil }
      descriptors.append(bias)
    }
    guard
      let scratch = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0)
    else { return nil }
    return (descriptors + [scratch], layouts)
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
    _ isNarrow: Bool, _ library: OneDNN
  ) -> dnnl_primitive_desc_t? {
    guard let attributes = makeAttributes() else { return nil }
    defer { dnnl_primitive_attr_destroy(attributes) }
    let window = geometry.window
    let extents = [geometry.xShape, geometry.filterShape, geometry.yShape]
    let steps = [
      window.strides, window.dilations.map { $0 - 1 }, window.paddingLow, window.paddingHigh,
    ]
    let numbers = (extents + steps).joined().map { Int64($0) }
    return numbers.withUnsafeBufferPointer { numbers in
      guard let first = numbers.baseAddress else { return nil }
      let pairs = first + 12
      var convolution = lmtc_convolution(
        kind: kind(direction), x: first, filter: first + 4, y: first + 8, strides: pairs,
        dilations: pairs + 2, low: pairs + 4, high: pairs + 6,
        // Blocks of channels would pad images of few channels.
        chooses_x: geometry.channels > 3, has_bias: hasBias, is_narrow: isNarrow)
      var description: dnnl_primitive_desc_t?
      let status = lmtc_describe(&description, library.engine, &convolution, attributes)
      return status == dnnl_success ? description : nil
    }
  }

  private static func kind(_ direction: ConvolutionDirection) -> dnnl_prop_kind_t {
    switch direction {
    case .forward: dnnl_forward_training
    case .inputGradient: dnnl_backward_data
    case .filterGradient: dnnl_backward_weights
    }
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
}
