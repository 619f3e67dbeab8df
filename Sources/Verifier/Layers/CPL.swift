/// x − 2·Mᵀ·max(M x + b, 0) with a matrix M.
struct CPL: ConvexPotentialLayer {
  static let kind = "cpl"

  let block: ConvexPotential

  init(_ layer: LayerDescription) throws(Refusal) { block = try ConvexPotential(layer) }
}
