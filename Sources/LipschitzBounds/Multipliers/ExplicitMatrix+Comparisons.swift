import Enclosure
import MatrixProducts
import ModelIR

/// What comparisons of elements do to matrices with a column for each element.
extension ExplicitMatrix {
  /// The identity's rows for comparisons of elements: 1 in the column of the larger, −1 in that of the smaller.
  init(marking pairs: [Comparisons.Pair], among columns: Int, _ workers: Workers) {
    self.init(
      exactly: PanelMatrix(rows: pairs.count, columns: columns, workers) { panel, place in
        place.update(repeating: 0, count: columns * PanelMatrix.lanes)
        let first = panel * PanelMatrix.lanes
        for row in first..<min(pairs.count, first + PanelMatrix.lanes) {
          place[pairs[row].first * PanelMatrix.lanes + row - first] = 1
          place[pairs[row].second * PanelMatrix.lanes + row - first] = -1
        }
      })
  }

  /// The differences of the columns of pairs.
  func differences(of pairs: [Comparisons.Pair], _ workers: Workers) -> ExplicitMatrix? {
    let image = columnsMapped(pairs.count, workers) { place, j in
      Lanes.load(place, pairs[j].first) - Lanes.load(place, pairs[j].second)
    }
    let rounding = AccumulatedError.gamma(1) * .rootTwo * magnitude
    return replaced(by: image, error: .rootTwo * error + rounding, workers)
  }

  /// The matrix with the columns of each pair exchanged.
  func exchanging(_ pairs: [Comparisons.Pair], _ workers: Workers) -> ExplicitMatrix? {
    var sources = Array(0..<columns)
    for pair in pairs { sources.swapAt(pair.first, pair.second) }
    return selecting(sources, workers)
  }

  /// Some of the columns, none of them twice.
  func selecting(_ sources: [Int], _ workers: Workers) -> ExplicitMatrix? {
    let image = columnsMapped(sources.count, workers) { place, j in Lanes.load(place, sources[j]) }
    return replaced(by: image, error: error, workers)
  }
}
