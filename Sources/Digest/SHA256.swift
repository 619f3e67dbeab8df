import CNettle

/// The digest that binds the files of a run folder to its certificate.
public enum SHA256 {
  /// The SHA-256 digest of bytes, as 64 lowercase hexadecimal digits.
  public static func hexadecimalDigest(of bytes: [UInt8]) -> String {
    var state = sha256_ctx()
    nettle_sha256_init(&state)
    nettle_sha256_update(&state, bytes.count, bytes)
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_SIZE))
    nettle_sha256_digest(&state, digest.count, &digest)
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
