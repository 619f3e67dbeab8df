/// A plot of one or several series over a common horizontal axis, as SVG and as CSV.
struct Plot: Sendable {
  /// How a series is drawn.
  enum Style: Sendable {
    /// Lines between the points.
    case line
    /// Dashed lines between the points, for what a result is compared with.
    case reference
    /// Columns from 0, as wide as the distance of two points.
    case columns
  }

  /// Points that belong together.
  struct Series: Sendable {
    let name: String
    var style = Style.line
    /// In ascending order of x; finite.
    let points: [(x: Double, y: Double)]
  }

  /// How numbers on the vertical axis are written.
  enum Scale: Sendable {
    case number, percent
    /// Decades; only positive numbers are drawn.
    case logarithmic
  }

  /// The name of the plot's files.
  let name: String
  /// What is plotted, for people who do not see it.
  let title: String
  let horizontal: String
  let vertical: String
  var scale = Scale.number
  let series: [Series]

  /// Whether there is something to draw.
  var isEmpty: Bool { series.allSatisfy { $0.points.count < 2 } }

  /// A row `series,x,y` for each point, with numbers that read back exactly.
  var csv: String {
    var text = "series,\(Self.cell(horizontal)),\(Self.cell(vertical))\n"
    for series in series {
      for point in series.points { text += "\(Self.cell(series.name)),\(point.x),\(point.y)\n" }
    }
    return text
  }

  /// A cell of CSV (RFC 4180); one that a spreadsheet would take for a formula begins with an apostrophe.
  static func cell(_ text: String) -> String {
    let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
    let safe = isFormula && Double(text) == nil ? "'" + text : text
    guard safe.unicodeScalars.contains(where: { ",\"\n\r".unicodeScalars.contains($0) }) else {
      return safe
    }
    return "\"" + safe.replacing("\"", with: "\"\"") + "\""
  }
}

/// The numbers at which an axis has marks.
struct AxisMarks: Sendable {
  let low: Double
  let high: Double
  let values: [Double]

  /// About five marks at multiples of 1, 2 or 5 times a power of ten, which enclose the numbers.
  init(covering low: Double, _ high: Double) {
    let span = max(high - low, abs(high) * 1e-6, 1e-12)
    let rough = span / 5
    let decade = Self.power(of: rough)
    let step = [1, 2, 5, 10].map { $0 * decade }.first { $0 >= rough * 0.999 } ?? 10 * decade
    let first = (low / step).rounded(.down)
    let last = max((high / step - 1e-9).rounded(.up), first + 1)
    self.low = first * step
    self.high = last * step
    values = (0...Int(min(last - first, 20))).map { (first + Double($0)) * step }
  }

  /// The same marks, of which only those inside the numbers remain.
  ///
  /// - Parameter isWhole: whether only whole numbers are marked, as for what is counted.
  init(from low: Double, to high: Double, isWhole: Bool = false) {
    let marks = AxisMarks(covering: low, high)
    let end = max(high, low + 1e-12)
    (self.low, self.high) = (low, end)
    // Products with the step can miss the ends by a rounding.
    values = marks.values.filter { $0 >= low - 1e-12 && $0 <= end * (1 + 1e-9) }
      .filter { !isWhole || abs($0 - $0.rounded()) < 1e-9 }
      .map { min(max($0, low), end) }
  }

  /// A mark at each power of ten, or at fewer of them where there are many.
  init(decades low: Double, _ high: Double) {
    let first = AxisMarks.exponent(of: low)
    var last = AxisMarks.exponent(of: high)
    if AxisMarks.tenToThe(last) < high { last += 1 }
    last = max(last, first + 1)
    let stride = max(1, (last - first + 5) / 6)
    self.low = Double(first)
    self.high = Double(last)
    values = Swift.stride(from: first, through: last, by: stride).map(Double.init)
  }

  private static func power(of number: Double) -> Double { tenToThe(exponent(of: number)) }

  static func exponent(of number: Double) -> Int {
    var (exponent, power) = (0, 1.0)
    while power * 10 <= number, exponent < 300 { (exponent, power) = (exponent + 1, power * 10) }
    while power > number, exponent > -300 { (exponent, power) = (exponent - 1, power / 10) }
    return exponent
  }

  static func tenToThe(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 0 }
}
