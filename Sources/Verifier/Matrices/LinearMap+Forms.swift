/// The maps of which networks are made.
extension LinearMap {
  /// A full matrix, row-major.
  init(full elements: [Double], inputs: Int) {
    self.init(inputs: inputs, terms: inputs, coefficients: elements)
    addPattern((0..<inputs).map { ($0, $0) })
    for row in 0..<elements.count / inputs { addRow(0, place: row * inputs) }
    isFull = true
  }

  /// A matrix whose rows select one element each, or none.
  init(inputs: Int, selecting places: [Int?]) {
    self.init(inputs: inputs, terms: 0, coefficients: [1])
    addPattern([(0, 0)])
    addPattern([])
    for place in places { addRow(place == nil ? 1 : 0, column: place ?? 0) }
  }

  /// A map of images; rows are in the order (m, h, w).
  init(_ stencil: Stencil, terms: Int) {
    let (extent, output) = (stencil.input, stencil.output)
    let area = extent[1] * extent[2]
    self.init(
      inputs: extent[0] * area, terms: terms,
      coefficients: Self.interleaved(stencil))
    for place in 0..<output[1] * output[2] {
      let (y, x) = (place / output[2] * stencil.stride[0], place % output[2] * stencil.stride[1])
      var read: [(column: Int, tap: Int)] = []
      for (index, tap) in stencil.taps.enumerated() {
        let (row, column) = (y + tap.offset[0], x + tap.offset[1])
        if (0..<extent[1]).contains(row), (0..<extent[2]).contains(column) {
          read.append((row * extent[2] + column, index))
        }
      }
      read.sort { $0.column < $1.column }
      addPattern(
        (0..<stencil.channelsPerGroup).flatMap { channel in
          read.map { ($0.column + channel * area, channel * stencil.taps.count + $0.tap) }
        })
    }
    let places = output[1] * output[2]
    for filter in 0..<output[0] {
      let group = filter / (output[0] / stencil.groups)
      for place in 0..<places {
        addRow(
          place, column: group * stencil.channelsPerGroup * area,
          place: filter * (coefficients.count / output[0]))
      }
    }
    self.stencil = stencil
  }

  /// The adjoint of a map of images; rows are in the order (c, h, w).
  init(adjointOf stencil: Stencil, terms: Int) {
    let (image, windows) = (stencil.input, stencil.output)
    let (area, places) = (image[1] * image[2], windows[1] * windows[2])
    let filters = windows[0] / stencil.groups
    self.init(
      inputs: windows[0] * places, terms: terms, coefficients: Self.byChannel(stencil))
    let tapCount = stencil.taps.count
    for pixel in 0..<area {
      let readers = Self.readers(of: [pixel / image[2], pixel % image[2]], in: stencil)
      addPattern(
        (0..<filters).flatMap { filter in
          readers.map { ($0.window + filter * places, filter * tapCount + $0.tap) }
        })
    }
    for channel in 0..<image[0] {
      let group = channel / stencil.channelsPerGroup
      for pixel in 0..<area {
        addRow(pixel, column: group * filters * places, place: channel * filters * tapCount)
      }
    }
    adjoint = stencil
  }

  /// The windows that read a pixel, ascending, and with which tap.
  private static func readers(
    of pixel: [Int], in stencil: Stencil
  ) -> [(window: Int, tap: Int)] {
    stencil.taps.indices.compactMap { tap in
      let steps = (0..<2).map { pixel[$0] - stencil.taps[tap].offset[$0] }
      let place = (0..<2).map { steps[$0] / stencil.stride[$0] }
      guard
        (0..<2).allSatisfy({
          steps[$0] >= 0 && steps[$0] % stencil.stride[$0] == 0
            && place[$0] < stencil.output[$0 + 1]
        })
      else { return nil }
      return (place[0] * stencil.output[2] + place[1], tap)
    }.sorted { $0.window < $1.window }
  }

  /// [C, M/groups, taps].
  private static func byChannel(_ stencil: Stencil) -> [Double] {
    let (filters, share) = (stencil.output[0] / stencil.groups, stencil.channelsPerGroup)
    return (0..<stencil.input[0] * filters).flatMap { index in
      let (channel, filter) = (index / filters, index % filters)
      let row = channel / share * filters + filter
      return stencil.taps.map { $0.matrix[row * share + channel % share] }
    }
  }

  /// [M, C/groups, taps].
  private static func interleaved(_ stencil: Stencil) -> [Double] {
    (0..<stencil.output[0] * stencil.channelsPerGroup).flatMap { index in
      stencil.taps.map { $0.matrix[index] }
    }
  }
}
