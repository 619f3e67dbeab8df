import BoundAlgebra
import Compiler
import Diagnostics
import Enclosure
import Files
import LipschitzBounds
import ModelIR

/// `certificate.json`: what was certified, with everything that an independent program needs to check
/// it.
///
/// Numbers are the shortest decimals that read back exactly. The format is described in `docs/spec.md`.
public struct Certificate {
  /// The format's version.
  public static let format = 1

  private let compilation: Compilation
  private let bounds: NetworkBounds
  private let data: DataRecord
  private let shard: Shard?

  /// A certificate under the bounds of a network, of the test points of some data or a part of them.
  public init(
    _ compilation: Compilation, bounds: NetworkBounds, data: DataRecord, shard: Shard? = nil
  ) {
    (self.compilation, self.bounds) = (compilation, bounds)
    (self.data, self.shard) = (data, shard)
  }

  /// The document without its points, with the digests of the files that it refers to.
  public func head(digests: [RunFolder.File: String]) -> JSONValue {
    func file(_ file: RunFolder.File) -> JSONValue {
      ["file": .string(file.rawValue), "sha256": .string(digests[file] ?? "")]
    }
    var entries: [(String, JSONValue)] = [
      ("format", .integer(Self.format)), ("lmtc", .string(Product.version)),
      ("name", .string(compilation.spec.name)),
    ]
    switch compilation.spec.certify.precision {
    case .float32: break
    case .float64: entries.append(("precision", .string(Precision.float64.rawValue)))
    }
    entries += [
      ("spec", file(.resolvedSpec)), ("weights", file(.model)), ("test", file(.test)),
      ("data", data.json),
    ]
    if let shard { entries.append(("shard", shard.json(of: shard.range(of: data.samples)))) }
    entries.append(("layers", .array(compilation.model.nodes.indices.map(layer))))
    entries.append(
      ("differences", .array(bounds.composed.differenceOrigins.map(difference))))
    entries.append(("pairs", .array(pairs)))
    return .object(.init(uniqueKeysWithValues: entries))
  }

  private var plan: CompositionPlan { compilation.bounds.plan }

  private func name(of position: Int) -> JSONValue {
    .string(position == 0 ? "input" : compilation.model.nodes[position - 1].name)
  }

  /// One layer's constant, and how the bound up to it is composed.
  private func layer(_ index: Int) -> JSONValue {
    let best = bounds.composed.nodes[index + 1].best
    var entries: [(String, JSONValue)] = [("layer", name(of: index + 1))]
    if let constant = bounds.layers[index].propagation.constant {
      entries.append(("constant", .number(constant.value)))
    }
    entries.append(("composition", .string(best.composition.rawValue)))
    entries.append(("expression", .string("\(expression(index, best))")))
    switch best.origin {
    case .operands: break
    case .sum(let sum):
      entries.append(("split", .array(sum.expanded.map(name))))
      entries.append(("terms", .array(sum.terms.map(term))))
    case .chain(let chain): entries.append(("chain", json(chain, norm: chain.norm)))
    case .multipliers(let region):
      entries.append(("region", json(region, norm: region.norm)))
    }
    entries.append(("bound", .number(best.upper.value)))
    return .object(.init(uniqueKeysWithValues: entries))
  }

  /// The bound in numbers of the certificate: a layer's constant is one of them, its factors are not.
  private func expression(_ index: Int, _ best: ComposedBounds.Candidate) -> BoundExpr {
    let own = compilation.bounds.own[index]
    guard case .operands = best.origin, !own.symbols.isEmpty else { return best.expression }
    if case .norm = own { return best.expression }
    let node = compilation.model.nodes[index]
    let operands = node.operands.map { operand -> BoundExpr in
      switch operand {
      case .input: .one
      case .node(let place): .norm(NormSymbol(pathTo: compilation.model.nodes[place].name))
      }
    }
    return BoundExpr.product([.norm(NormSymbol(.layer, node.name))] + operands).simplified()
  }

  private func term(_ term: CompositionPlan.Term) -> JSONValue {
    let map = plan.name(of: term.map)
    let norm = bounds.composed.norms[NormSymbol(map)]?.upper ?? .infinity
    return [
      "map": .string(map), "from": name(of: term.source), "norm": .number(norm.value),
    ]
  }

  private func json(_ chain: ComposedBounds.ChainBound, norm: UpperBound? = nil) -> JSONValue {
    var entries: [(String, JSONValue)] = [
      ("from", name(of: chain.source)),
      ("multipliers", .array(chain.multipliers.map { .number($0) })),
    ]
    if let norm { entries.append(("norm", .number(norm.value))) }
    return .object(.init(uniqueKeysWithValues: entries))
  }

  /// A sum or a chain that bounds differences of logits.
  private func difference(_ origin: ComposedBounds.Origin) -> JSONValue {
    switch origin {
    case .operands: [:]
    case .sum(let sum): ["split": .array(sum.expanded.map(name))]
    case .chain(let chain): ["chain": json(chain)]
    case .multipliers(let region): ["region": json(region)]
    }
  }

  /// Multipliers as a layer's bound uses them; without a norm, those of differences of logits.
  private func json(_ region: RegionBound, norm: UpperBound? = nil) -> JSONValue {
    var entries: [(String, JSONValue)] = [("from", name(of: region.source))]
    if let norm {
      entries.append(("multipliers", .array(region.multipliers.map { .number($0) })))
      entries.append(("norm", .number(norm.value)))
    } else {
      let pairs = region.pairs.map { pair -> JSONValue in
        [
          "outputs": [.integer(pair.outputs.i), .integer(pair.outputs.j)],
          "multipliers": .array(pair.multipliers.map { .number($0) }),
          "norm": .number(pair.norm.value),
        ]
      }
      entries.append(("own", .array(pairs)))
    }
    if let target = region.frontTarget {
      let channels = region.front.map { channels -> JSONValue in
        [
          "layer": .string(channels.layer),
          "multipliers": .array(channels.multipliers.map { .number($0) }),
        ]
      }
      entries.append(("front", ["to": name(of: target), "channels": .array(channels)]))
    }
    return .object(.init(uniqueKeysWithValues: entries))
  }

  /// Row i has the constants of F_i − F_j for j < i.
  private var pairs: [JSONValue] {
    (0..<compilation.classes).map { i in
      .array((0..<i).map { .number(bounds.differences.bound(i, $0).value) })
    }
  }
}
