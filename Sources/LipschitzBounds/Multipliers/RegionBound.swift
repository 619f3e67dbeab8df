import Enclosure
import MatrixProducts
import ModelIR

/// The constants that multipliers prove of a part of a network.
public struct RegionBound: Sendable {
  /// Multipliers of a difference of two outputs.
  public struct Pair: Sendable {
    /// The outputs i > j.
    public let outputs: (i: Int, j: Int)
    /// λ for each neuron.
    public let multipliers: [Double]
    /// Bounds the difference.
    public let norm: UpperBound
  }

  /// What a convolution's channels have for multipliers.
  public struct Channels: Sendable {
    /// The activation's name.
    public let layer: String
    /// λ for each channel.
    public let multipliers: [Double]
  }

  let region: NeuronRegion
  /// The multipliers of the convolutions before the neurons.
  public let front: [Channels]
  /// λ for each neuron, by which the constants of all outputs are proved.
  public let multipliers: [Double]
  /// Pairs with multipliers of their own, in the order in which they were looked for.
  public private(set) var pairs: [Pair] = []
  /// Bounds the constant of the part.
  public let norm: UpperBound
  /// Bounds the differences of the outputs of ``pairs``, [outputs, outputs] row-major; ∞ for others.
  private(set) var differences: [UpperBound]
  /// The operations that the searches took.
  private(set) var cost: Double

  /// The position that the part is applied to: 0 for the input, then the nodes in order.
  public var source: Int { region.source }
  /// The position of the value that the front ends in; nil without a front.
  public var frontTarget: Int? { region.front?.target }

  /// Constants are claimed with this factor, so that a checker whose errors add up otherwise can prove them.
  private static let room = UpperBound(proven: 1 + 0x1p-26)
  /// With more outputs, pairs are not looked for one by one.
  private static let mostOutputs = 64

  /// Gains of less than this share of a constant are not looked for.
  private static let leastGain = 1e-3

  /// Looks for multipliers; nil if none prove anything, or if they could gain next to nothing.
  ///
  /// - Parameters:
  ///   - known: the part's constant by the product rule; ∞ if it is not known.
  ///   - pairs: the operations for differences of two outputs: how often as many as for all outputs, and the
  ///     most; nil if none are looked for.
  init?(
    _ region: NeuronRegion, known: UpperBound = .infinity,
    pairs effort: (share: Double, most: Double)?, _ weights: @Sendable (String) -> [Float],
    _ workers: Workers,
    observer: BoundProgress.Observer = { _ in }
  ) {
    var front: FrontBound?
    if let convolutions = region.front {
      guard let found = FrontBound(convolutions, weights, workers) else { return nil }
      front = found
    }
    guard let form = NeuronForm(region, after: front, weights, workers),
      Self.canGain(form, known, hasPairs: effort != nil),
      let rows = ReadingRows(form, workers)
    else {
      return nil
    }
    let reduced = form.reduced(workers)
    var search = MultiplierSearch(reduced, workers)
    guard
      let point = search.run(
        finalGap: 3e-3, onStep: { observer(.steps($0, neurons: form.neurons)) }),
      let found = Self.bound(form, rows, point, workers)
        ?? search.midpoint.flatMap({ Self.bound(form, rows, $0, workers) })
    else {
      return nil
    }
    self.region = region
    self.front = zip(region.front?.stages ?? [], front?.multipliers ?? []).map {
      Channels(layer: $0.name, multipliers: $1)
    }
    multipliers = found.multipliers
    norm = found.norm * Self.room
    differences = Array(repeating: .infinity, count: form.outputs * form.outputs)
    let step = MultiplierSearch.costOfStep(neurons: reduced.neurons, coordinates: reduced.order)
    cost = Double(search.steps) * step + (region.front?.cost ?? 0)
    if let effort, form.outputs <= Self.mostOutputs {
      let own = Double(search.steps) * step
      let budget = cost + min(effort.most, max(Self.fewOperations, effort.share * own))
      let searches = PairSearches(
        form: form, couplings: form.couplings, rows: rows, start: multipliers)
      take(searches, by: found.differences, until: budget, workers, observer)
    }
  }

  /// Whether multipliers may prove less than what is known by a share that matters.
  private static func canGain(_ form: NeuronForm, _ known: UpperBound, hasPairs: Bool) -> Bool {
    guard known.isFinite else { return true }
    let (slopes, constant) = (ReachedSlopes(form), known.value * (1 - leastGain))
    guard slopes.oneOutputReaches(constant) else { return true }
    return hasPairs && form.outputs > 1 && form.outputs <= mostOutputs
      && !slopes.allDifferencesReach(constant)
  }

  /// Looks for multipliers of pairs until the budget is used up, for the first one alone.
  private mutating func take(
    _ searches: PairSearches, by known: [UpperBound], until budget: Double, _ workers: Workers,
    _ observer: BoundProgress.Observer
  ) {
    var searches = searches
    let count = searches.form.outputs
    let order = Self.pairs(count, by: known)
    let step = SingleOutputSearch.costOfStep(neurons: searches.form.neurons)
    let costOfPair = Self.usualSteps * step
    var done = 0
    while done < order.count, budget - cost >= costOfPair {
      observer(.pairs(done, of: order.count))
      let most = searches.isInside ? max(Self.batch, Int(Self.fewOperations / costOfPair)) : 1
      let batch = order[done...].prefix(min(most, Int((budget - cost) / costOfPair)))
      done += batch.count
      let results = workers.map(batch.count) { [searches] in
        searches.run(batch[batch.startIndex + $0])
      }
      for (pair, result) in zip(batch, results) {
        cost += Double(result.steps) * step
        if let inside = result.inside, !searches.isInside {
          (searches.start, searches.isInside) = (inside, true)
        }
        guard let bound = result.bound else { continue }
        let norm = bound.norm * Self.room
        differences[pair.i * count + pair.j] = norm
        differences[pair.j * count + pair.i] = norm
        pairs.append(Pair(outputs: pair, multipliers: bound.multipliers, norm: norm))
      }
    }
  }

  /// About how many steps a search takes.
  static let usualSteps = 12.0
  /// The operations for pairs that every search can afford.
  private static let fewOperations = 8e9
  /// Pairs that are looked for at the same time, whatever the number of workers, and more if they take few operations.
  private static let batch = 4

  /// The pairs i > j, those with the largest constants first.
  private static func pairs(_ count: Int, by differences: [UpperBound]) -> [(i: Int, j: Int)] {
    let all = (0..<count).flatMap { i in (0..<i).map { (i: i, j: $0) } }
    return all.enumerated().sorted { a, b in
      let (x, y) = (
        differences[a.element.i * count + a.element.j],
        differences[b.element.i * count + b.element.j]
      )
      return x == y ? a.offset < b.offset : x > y
    }.map(\.element)
  }

  /// The bound by multipliers with few digits, or else with all of them.
  fileprivate static func bound(
    _ form: NeuronForm, _ rows: ReadingRows, _ multipliers: [Double], square: Double,
    _ workers: Workers
  ) -> MultiplierBound? {
    MultiplierBound(
      form, rows, multipliers: multipliers.map(\.withFiveDigits), square: square, workers)
      ?? MultiplierBound(form, rows, multipliers: multipliers, square: square, workers)
  }

  private static func bound(
    _ form: NeuronForm, _ rows: ReadingRows, _ point: MultiplierSearch.Point, _ workers: Workers
  ) -> MultiplierBound? {
    bound(
      form, rows, point.multipliers.map { $0 / point.square }, square: point.square, workers)
  }
}

/// Searches for the multipliers of single pairs: the first from those for all outputs, others from its own.
private struct PairSearches: Sendable {
  /// What a search proves of a pair, its steps, and multipliers from which others may start.
  struct Result: Sendable {
    let bound: MultiplierBound?
    let steps: Int
    let inside: [Double]?
  }

  let form: NeuronForm
  let couplings: SquareMatrix
  let rows: ReadingRows
  var start: [Double]
  /// Whether the start is that of a search for another pair.
  var isInside = false

  func run(_ pair: (i: Int, j: Int)) -> Result {
    let factors = [(output: pair.i, factor: 1.0), (output: pair.j, factor: -1.0)]
    let difference = form.combining(factors)
    guard let own = rows.combining(factors, of: form) else {
      return Result(bound: nil, steps: 0, inside: nil)
    }
    var search = SingleOutputSearch(difference, couplings: couplings, rows: own)
    guard let found = search.run(from: start, isInside: isInside) else {
      return Result(bound: nil, steps: search.steps, inside: nil)
    }
    let bound = RegionBound.bound(
      difference, own, found.best.multipliers, square: found.best.square, .single)
    return Result(bound: bound, steps: search.steps, inside: found.inside)
  }
}

extension Double {
  /// A number near this one, at least 0, whose shortest decimal has five digits.
  fileprivate var withFiveDigits: Double {
    var (power, digits) = (1.0, 0)
    while self * power < 1e4, digits < 22 { (power, digits) = (power * 10, digits + 1) }
    guard self * power >= 1e4, self < 1e5 else { return self }
    return (self * power).rounded() / power
  }
}
