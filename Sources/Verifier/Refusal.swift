/// Why a certificate was not verified.
public struct Refusal: Error, Sendable, Hashable {
  /// What kind of reason it is.
  public enum Kind: Sendable, Hashable {
    /// A file is missing or cannot be read.
    case missing
    /// A file or one of its parts does not follow its format.
    case malformed
    /// A claim is wrong, or the checker cannot show that it is right.
    case refuted
  }

  /// A place in a file.
  public struct Place: Sendable, Hashable {
    /// The file.
    public let file: String
    /// From 1; nil for the file as a whole.
    public var line: Int?
    /// From 1.
    public var column: Int?
    /// Which value of the certificate, as in `points[3].radius`.
    public var path: String?
  }

  /// What kind of reason it is.
  public let kind: Kind
  /// One phrase, lower case: what was required and what was found.
  public let message: String
  /// Where.
  public let place: Place

  init(_ kind: Kind, _ message: String, at place: Place) {
    (self.kind, self.message, self.place) = (kind, message, place)
  }
}
