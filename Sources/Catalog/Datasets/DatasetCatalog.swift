import ModelIR

/// The data formats that a spec can name.
public enum DatasetCatalog {
  /// Every format, in the order of the manual.
  public static let all: [any DatasetFormat.Type] = [
    IDXFormat.self, CSVFormat.self, SyntheticFormat.self,
  ]
}
