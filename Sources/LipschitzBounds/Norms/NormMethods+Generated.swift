// Generated from the types that the files of this folder declare; add or remove types there.
// swift-format-ignore-file

extension OperatorNorms {
  static let methodTypes: [any NormMethod.Type] = [
    CholeskyMethod.self,
    ClosedFormMethod.self,
    FourierMethod.self,
    GramMethod.self,
    SchurMethod.self,
  ]
}
