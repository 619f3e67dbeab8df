import CNettle

/// The digest that binds files to a certificate.
public struct SHA256 {
  private var state = sha256_ctx()

  /// The digest of no bytes.
  public init() { nettle_sha256_init(&state) }

  /// Appends bytes.
  public mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
    nettle_sha256_update(&state, bytes.count, bytes.baseAddress)
  }

  /// The digest of all bytes so far, as 64 lowercase hexadecimal digits.
  public var hexadecimalDigest: String {
    var copy = state
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_SIZE))
    nettle_sha256_digest(&copy, digest.count, &digest)
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The SHA-256 digest of bytes, as 64 lowercase hexadecimal digits.
  public static func hexadecimalDigest(of bytes: [UInt8]) -> String {
    var digest = SHA256()
    bytes.withUnsafeBufferPointer { digest.update($0) }
    return digest.hexadecimalDigest
  }
}
