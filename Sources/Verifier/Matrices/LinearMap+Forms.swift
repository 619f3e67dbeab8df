/// The maps of which networks are made.
extension LinearMap {
  /// A full matrix, row-major.
  init(full elements: [Double], inputs: Int) {
    self.init(inputs: inputs, terms: inputs, coefficients: elements)
    addPattern((0..<inputs).map { ($0, $0) })
    for row in 0..<elements.count / inputs { addRow(0, place: row * inputs) }
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

  /// [M, C/groups, taps].
  private static func interleaved(_ stencil: Stencil) -> [Double] {
    (0..<stencil.output[0] * stencil.channelsPerGroup).flatMap { index in
      stencil.taps.map { $0.matrix[index] }
    }
  }
}
