import Diagnostics

/// The kind of a file, recognized by its contents alone.
public enum FileKind: Sendable {
  case idx, zip, npy, matlab5, hdf5, png, jpeg, pickle, tar, gzip, text, unknown

  /// Recognizes the kind by the first bytes.
  public init(_ source: any ByteSource) throws(Failure) {
    let bytes = try source.prefix(512)
    self =
      Self.magics.first { bytes.starts(with: $0.magic) }?.kind
      ?? (Self.isTar(bytes) ? .tar : Self.isText(bytes) ? .text : .unknown)
    if self == .idx, bytes.count < 4 || !Self.idxTypes.contains(bytes[2]) { self = .unknown }
    if self == .pickle, bytes.count < 2 || bytes[1] > 5 { self = .unknown }
  }

  /// The kind in messages.
  public var name: String {
    switch self {
    case .idx: "an IDX file"
    case .zip: "a zip archive"
    case .npy: "a single npy array"
    case .matlab5: "a MATLAB 5 file"
    case .hdf5: "an HDF5 file, such as MATLAB 7.3 writes"
    case .png: "a PNG image"
    case .jpeg: "a JPEG image"
    case .pickle: "a Python pickle"
    case .tar: "a tar archive"
    case .gzip: "a gzip file"
    case .text: "a text file"
    case .unknown: "an unknown kind of file"
    }
  }

  /// The type bytes of IDX files.
  private static let idxTypes: [UInt8] = [0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E]
  private static let magics: [(magic: [UInt8], kind: FileKind)] = [
    ([0, 0], .idx),
    (Array("PK\u{3}\u{4}".utf8), .zip),
    (Array("PK\u{5}\u{6}".utf8), .zip),
    (NPYHeader.magic, .npy),
    (Array("MATLAB 5.0 MAT-file".utf8), .matlab5),
    (Array("MATLAB 7.3 MAT-file".utf8), .hdf5),
    ([0x89] + Array("HDF\r\n\u{1A}\n".utf8), .hdf5),
    ([0x89] + Array("PNG\r\n\u{1A}\n".utf8), .png),
    ([0xFF, 0xD8, 0xFF], .jpeg),
    ([0x80], .pickle),
    ([0x1F, 0x8B], .gzip),
  ]

  private static func isTar(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 262 && bytes[257..<262].elementsEqual("ustar".utf8)
  }

  /// Printable ASCII and line ends, perhaps after the byte order mark of UTF-8.
  private static func isText(_ bytes: [UInt8]) -> Bool {
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    return !text.isEmpty
      && text.allSatisfy { (0x20..<0x7F).contains($0) || [0x09, 0x0A, 0x0D].contains($0) }
  }
}
