import TensorGraph

/// A line and column of a source file, from 1.
public struct SourcePlace: Hashable, Sendable {
  /// The file's path.
  public let file: String
  /// The line, from 1.
  public let line: Int
  /// The column, from 1.
  public let column: Int

  /// A place.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `"spec.yaml":12:3`.
  var text: String { "\(quoted(file)):\(line):\(column)" }
}

/// Where the values of a graph come from, as far as that follows from its inputs.
///
/// What reads an input directly has the input's place. Other values have the place that their operands share;
/// operands without one do not count.
struct ValuePlaces {
  private var places: [SourcePlace?] = []

  init(_ graph: Graph, _ inputs: [String: SourcePlace]) {
    for node in graph.nodes {
      if case .input(let name) = node.operation {
        places.append(inputs[name])
        continue
      }
      let direct = node.operands.filter { graph[$0].operation.isInput }
      places.append(shared(by: direct) ?? shared(by: node.operands))
    }
  }

  subscript(value: Value) -> SourcePlace? { places[value.index] }

  private func shared(by values: [Value]) -> SourcePlace? {
    let known = Set(values.compactMap { places[$0.index] })
    return known.count == 1 ? known.first : nil
  }
}

extension Operation {
  fileprivate var isInput: Bool {
    if case .input = self { return true }
    return false
  }
}
