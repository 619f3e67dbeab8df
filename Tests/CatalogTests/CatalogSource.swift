import Foundation

/// The Swift source of generated lists: one for each folder, of the types that its files declare.
enum CatalogSource {
  /// An open set.
  struct EntryList: Sendable {
    let name: String
    let folder: String
    let entryProtocol: String
    /// How the names of its types end.
    let suffix: String

    init(_ name: String, _ folder: String, _ entryProtocol: String, suffix: String? = nil) {
      self.name = name
      self.folder = folder
      self.entryProtocol = entryProtocol
      self.suffix = suffix ?? entryProtocol
    }

    /// The types that the folder's files declare, sorted.
    func types() throws -> [String] {
      let declaration = try Regex("^(?:public )?struct ([A-Za-z0-9]+\(suffix))\\b")
        .anchorsMatchLineEndings()
      return try CatalogSource.files(in: folder).flatMap { source in
        source.matches(of: declaration).compactMap { $0[1].substring.map(String.init) }
      }.sorted()
    }
  }

  static let lists = [
    EntryList("layers", "Layers", "Layer"),
    EntryList("losses", "Losses", "Loss"),
    EntryList("optimizers", "Optimizers", "Optimizer"),
    EntryList("attacks", "Attacks", "Attack"),
    EntryList("regularizers", "Regularizers", "Regularizer"),
    EntryList("parametrizations", "Parametrizations", "Parametrization"),
    EntryList("augmentations", "Augmentations", "Augmentation"),
    EntryList("datasets", "Datasets", "DatasetFormat", suffix: "Format"),
  ]

  static let normMethods = EntryList(
    "methodTypes", "../LipschitzBounds/Norms", "NormMethod", suffix: "Method")

  static func text() throws -> String {
    let lists = try lists.map { "  public \(try declaration($0))" }
    return """
      // Generated from the declarations in the folders of Sources/Catalog; add or remove types there.
      // swift-format-ignore-file

      import ModelIR

      extension Catalog {
      \(lists.joined(separator: "\n"))}

      """
  }

  static func normMethodText() throws -> String {
    """
    // Generated from the types that the files of this folder declare; add or remove types there.
    // swift-format-ignore-file

    extension OperatorNorms {
      \(try declaration(normMethods))}

    """
  }

  private static func declaration(_ list: EntryList) throws -> String {
    let types = try list.types().map { "    \($0).self,\n" }.joined()
    return "static let \(list.name): [any \(list.entryProtocol).Type] = [\n\(types)  ]\n"
  }

  /// The texts of the Swift files of a folder, relative to that of the catalog.
  static func files(in folder: String) throws -> [String] {
    let path = CatalogDriftTests.folder.appending(path: folder)
    return try FileManager.default.contentsOfDirectory(atPath: path.path)
      .filter { $0.hasSuffix(".swift") }
      .map { try String(contentsOf: path.appending(path: $0), encoding: .utf8) }
  }
}
