import ModelIR

extension SpecKey<Int>.Requirement {
  static func within(_ range: ClosedRange<Int>) -> Self {
    Self("at least \(range.lowerBound) and at most \(range.upperBound)") { range.contains($0) }
  }
}

extension SpecKey<Double>.Requirement {
  static func within(_ range: ClosedRange<Double>) -> Self {
    Self("at least \(range.lowerBound.specText) and at most \(range.upperBound.specText)") {
      range.contains($0)
    }
  }
}
