import FileFormats

/// `witnesses.npz`: the points of contradictions, for another program to look at.
extension [Contradiction] {
  /// No more test points are kept.
  public static let maximumWitnesses = 100

  /// The archive's bytes: the first contradictions that are about test points, a row each, and the
  /// clearest of every constant under the constant's name.
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
      ] + clearestOfConstants.flatMap(\.entries))
  }

  private var clearestOfConstants: [Contradiction] {
    var clearest: [String: Contradiction] = [:]
    for contradiction in self where contradiction.claim.isConstant {
      let other = clearest[contradiction.claim.name]
      if contradiction.found > other?.found ?? 0 {
        clearest[contradiction.claim.name] = contradiction
      }
    }
    return clearest.sorted { $0.key < $1.key }.map(\.value)
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
