import FileFormats

/// `witnesses.npz`: the points of contradictions, for other programs to check.
extension [Contradiction] {
  private static let maximumWitnesses = 100

  /// The archive's bytes: the first contradictions about test points, a row each, and for every constant the
  /// one with the largest rate, under the constant's name.
  public func witnesses(shape: [Int]) -> [UInt8] {
    let rows = filter { !$0.claim.isConstant }.prefix(Self.maximumWitnesses)
    func numbers(_ name: String, _ value: (Contradiction) -> Double) -> NPZWriter.Entry {
      .init(name, shape: [rows.count], elements: rows.map(value))
    }
    func points(_ name: String, _ value: (Contradiction) -> [Float]) -> NPZWriter.Entry {
      .init(name, shape: [rows.count] + shape, elements: rows.flatMap(value))
    }
    return NPZWriter.bytes(
      [
        numbers("index") { Double($0.claim.index ?? 0) },
        numbers("is_radius") { if case .radius = $0.claim { 1 } else { 0 } },
        points("original") { $0.original }, points("point") { $0.point },
        numbers("claimed") { $0.claimed }, numbers("found") { $0.found },
      ] + steepestOfConstants.flatMap(\.entries))
  }

  private var steepestOfConstants: [Contradiction] {
    var steepest: [String: Contradiction] = [:]
    for contradiction in self where contradiction.claim.isConstant {
      let other = steepest[contradiction.claim.name]
      if contradiction.found > other?.found ?? 0 {
        steepest[contradiction.claim.name] = contradiction
      }
    }
    return steepest.sorted { $0.key < $1.key }.map(\.value)
  }
}

extension Contradiction {
  fileprivate var entries: [NPZWriter.Entry] {
    [
      .init(claim.name + "/points", shape: [2] + shape, elements: original + point),
      .init(claim.name + "/claimed", shape: [1], elements: [claimed]),
      .init(claim.name + "/found", shape: [1], elements: [found]),
    ]
  }
}
