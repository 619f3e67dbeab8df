/// x − 2·Mᵀ·max(M x + b, 0), M having rows that overlap little.
struct SLL: ConvexPotentialLayer {
  static let kind = "sll"

  let block: ConvexPotential

  init(_ layer: LayerDescription) throws(Refusal) { block = try ConvexPotential(layer) }
}
