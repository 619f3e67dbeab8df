import Diagnostics
import Glibc

extension Plot {
  /// The plot for a page, whose style sheet has its colors.
  var figure: Markup {
    .node(
      "figure", [:],
      [svg(attributes: [.init("class", "plot")]), legend, .node("figcaption", [:], title)])
  }

  /// A file of its own, which brings its style along.
  var file: String {
    let style = Markup.node("style", [:], PageStyle.plot)
    return svg(
      attributes: [.init("xmlns", "http://www.w3.org/2000/svg"), .init("class", "plot")],
      before: [style], names: true
    ).html
  }

  private var legend: Markup {
    guard series.count > 1 else { return .group([]) }
    return .node(
      "p", ["class": "legend"],
      series.enumerated().map { index, series in
        .node(
          "span", [:],
          [
            .node(
              "i", ["class": "key c\(index % 8)\(series.style == .reference ? " dashed" : "")"]),
            .text(series.name),
          ])
      })
  }

  private func svg(
    attributes: [Markup.Attribute], before: [Markup] = [], names: Bool = false
  ) -> Markup {
    let frame = PlotFrame(self)
    let rows = names && series.count > 1 ? series.count : 0
    let height = PlotFrame.height + Double(rows) * 18
    return .element(
      "svg",
      attributes + [
        .init("viewBox", "0 0 \(Int(PlotFrame.width)) \(Int(height))"), .init("role", "img"),
        .init("aria-label", title),
      ],
      before + frame.axes
        + series.enumerated().flatMap { index, series in frame.shapes(series, index) }
        + (rows > 0 ? series.enumerated().flatMap { frame.name($1, $0) } : []))
  }
}

/// The place of a plot's numbers in its drawing, in units of the drawing.
private struct PlotFrame {
  static let width = 640.0
  static let height = 300.0
  private let left = 74.0
  private let right = 16.0
  private let top = 10.0
  private let bottom = 50.0
  private let plot: Plot
  private let x: AxisMarks
  private let y: AxisMarks

  init(_ plot: Plot) {
    self.plot = plot
    let points = plot.series.flatMap(\.points)
    x = AxisMarks(
      from: points.map(\.x).min() ?? 0, to: points.map(\.x).max() ?? 1,
      isWhole: points.allSatisfy { $0.x == $0.x.rounded() })
    let heights = points.map(\.y)
    y =
      switch plot.scale {
      case .number: AxisMarks(covering: min(0, heights.min() ?? 0), heights.max() ?? 1)
      case .percent: AxisMarks(covering: 0, 1)
      case .logarithmic:
        AxisMarks(
          decades: heights.filter { $0 > 0 }.min() ?? 1, heights.filter { $0 > 0 }.max() ?? 10)
      }
  }

  private var inner: (width: Double, height: Double) {
    (Self.width - left - right, Self.height - top - bottom)
  }

  private func across(_ value: Double) -> Double {
    left + (value - x.low) / (x.high - x.low) * inner.width
  }

  private func down(_ value: Double) -> Double {
    let place = plot.scale == .logarithmic ? log10(value) : value
    return top + (1 - (place - y.low) / (y.high - y.low)) * inner.height
  }

  private func label(_ mark: Double) -> String {
    switch plot.scale {
    case .percent: "\(Int((mark * 100).rounded()))%"
    case .number: Self.short(mark)
    case .logarithmic: Self.short(AxisMarks.tenToThe(Int(mark)))
    }
  }

  private static func short(_ number: Double) -> String {
    guard number != 0, abs(number) < 1e5, abs(number) >= 1e-3 else {
      return number == 0 ? "0" : "1e\(AxisMarks.exponent(of: abs(number)))"
    }
    let text = NumberText.fixed(number, digits: abs(number) < 0.1 ? 3 : abs(number) < 10 ? 2 : 0)
    guard text.contains(".") else { return NumberText.grouped(Int(number.rounded())) }
    let digits = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
    return String(digits.reversed())
  }

  /// Lines, numbers and titles of both axes.
  var axes: [Markup] {
    let base = Self.height - bottom
    let across = x.values.flatMap { mark -> [Markup] in
      let place = self.across(mark)
      return [
        line(place, base, place, base + 4),
        text(Self.short(mark), place, base + 17, "middle"),
      ]
    }
    let up = y.values.flatMap { mark -> [Markup] in
      let place = top + (1 - (mark - y.low) / (y.high - y.low)) * inner.height
      return [
        line(left, place, Self.width - right, place, "grid"),
        text(label(mark), left - 6, place + 4, "end"),
      ]
    }
    return up + across + [
      line(left, base, Self.width - right, base),
      text(plot.horizontal, left + inner.width / 2, Self.height - 6, "middle", "title"),
      .element(
        "text",
        [
          .init("class", "title"), .init("text-anchor", "middle"),
          .init("transform", "translate(15 \(Int(top + inner.height / 2))) rotate(-90)"),
        ], [.text(plot.vertical)]),
    ]
  }

  func shapes(_ series: Plot.Series, _ index: Int) -> [Markup] {
    switch series.style {
    case .line, .reference:
      let points = series.points.filter { plot.scale != .logarithmic || $0.y > 0 }
      guard points.count > 1 else { return [] }
      let path = points.enumerated().map { place, point in
        (place == 0 ? "M" : "L") + Markup.coordinate(across(point.x)) + " "
          + Markup.coordinate(down(point.y))
      }
      let dashed = series.style == .reference ? " dashed" : ""
      return [
        .element(
          "path",
          [.init("class", "curve s\(index % 8)\(dashed)"), .init("d", path.joined())], [])
      ]
    case .columns: return columns(series, index)
    }
  }

  private func columns(_ series: Plot.Series, _ index: Int) -> [Markup] {
    guard series.points.count > 1 else { return [] }
    let step = series.points[1].x - series.points[0].x
    return series.points.dropLast().map { point in
      let (start, end) = (across(point.x), across(point.x + step))
      return .element(
        "rect",
        [
          .init("class", "f\(index % 8)"), .init("x", start + 0.5), .init("y", down(point.y)),
          .init("width", max(0.5, end - start - 1)),
          .init("height", max(0, down(0) - down(point.y))),
        ], [])
    }
  }

  /// A row of the legend below the plot.
  func name(_ series: Plot.Series, _ index: Int) -> [Markup] {
    let y = Self.height + 8 + Double(index) * 18
    let dashed = series.style == .reference ? " dashed" : ""
    return [
      line(left, y, left + 24, y, "curve s\(index % 8)\(dashed)"),
      text(series.name, left + 32, y + 4, "start"),
    ]
  }

  private func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String = "axis"
  ) -> Markup {
    .element(
      "line",
      [
        .init("class", style), .init("x1", x1), .init("y1", y1), .init("x2", x2), .init("y2", y2),
      ], [])
  }

  private func text(
    _ text: String, _ x: Double, _ y: Double, _ anchor: String, _ style: String = "mark"
  ) -> Markup {
    .element(
      "text",
      [.init("class", style), .init("x", x), .init("y", y), .init("text-anchor", anchor)],
      [.text(text)])
  }
}
