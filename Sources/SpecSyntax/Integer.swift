import CGMP

/// A whole number of any size.
struct Integer: Sendable {
  /// GMP's number; nothing changes it once it is computed.
  private final class Storage: @unchecked Sendable {
    let number = UnsafeMutablePointer<__mpz_struct>.allocate(capacity: 1)

    init() { __gmpz_init(number) }
    deinit {
      __gmpz_clear(number)
      number.deallocate()
    }
  }

  private let storage = Storage()

  init(_ value: Int) { __gmpz_set_si(storage.number, value) }

  /// The number that digits without a sign denote; nil where they denote none.
  init?(_ digits: String, radix: Int = 10) {
    guard __gmpz_set_str(storage.number, digits, CInt(radix)) == 0 else { return nil }
  }

  private init(
    _ a: Integer, _ b: Integer,
    _ operation: (
      UnsafeMutablePointer<__mpz_struct>, UnsafePointer<__mpz_struct>, UnsafePointer<__mpz_struct>
    ) -> Void
  ) {
    withExtendedLifetime((a, b)) { operation(storage.number, a.storage.number, b.storage.number) }
  }

  private func read<Result>(_ body: (UnsafePointer<__mpz_struct>) -> Result) -> Result {
    withExtendedLifetime(self) { body(storage.number) }
  }
}

extension Integer: ExpressibleByIntegerLiteral, Comparable, Hashable, CustomStringConvertible {
  init(integerLiteral value: Int) { self.init(value) }

  static func == (a: Integer, b: Integer) -> Bool { a.compared(to: b) == 0 }
  static func < (a: Integer, b: Integer) -> Bool { a.compared(to: b) < 0 }

  private func compared(to other: Integer) -> CInt {
    read { a in other.read { b in __gmpz_cmp(a, b) } }
  }

  func hash(into hasher: inout Hasher) { hasher.combine(description) }

  /// In decimal digits.
  var description: String {
    read { number in
      // GMP wants room for a sign and a zero byte.
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: __gmpz_sizeinbase(number, 10) + 2) {
        String(cString: __gmpz_get_str($0.baseAddress, 10, number))
      }
    }
  }
}

extension Integer {
  static func + (a: Integer, b: Integer) -> Integer { Integer(a, b, __gmpz_add) }
  static func - (a: Integer, b: Integer) -> Integer { Integer(a, b, __gmpz_sub) }
  static func * (a: Integer, b: Integer) -> Integer { Integer(a, b, __gmpz_mul) }
  static prefix func - (a: Integer) -> Integer { 0 - a }
  /// Times 2ᵇ, for b ≥ 0.
  static func << (a: Integer, b: Int) -> Integer {
    Integer(a, a) { result, a, _ in __gmpz_mul_2exp(result, a, UInt(b)) }
  }

  /// Rounded toward 0; the remainder has this number's sign.
  func quotientAndRemainder(
    dividingBy divisor: Integer
  ) -> (quotient: Integer, remainder: Integer) {
    precondition(divisor != 0)
    return (Integer(self, divisor, __gmpz_tdiv_q), Integer(self, divisor, __gmpz_tdiv_r))
  }

  /// The greatest common divisor, positive unless both numbers are 0.
  func greatestCommonDivisor(with other: Integer) -> Integer { Integer(self, other, __gmpz_gcd) }

  /// The largest whole number whose square is not above this one, which must not be negative.
  var squareRoot: Integer {
    precondition(self >= 0)
    return Integer(self, self) { result, number, _ in __gmpz_sqrt(result, number) }
  }

  func power(_ exponent: Int) -> Integer {
    Integer(self, self) { result, number, _ in __gmpz_pow_ui(result, number, UInt(exponent)) }
  }

  var isOdd: Bool { read { __gmpz_tstbit($0, 0) == 1 } }
  /// The bits of the magnitude; none for 0.
  var bitWidth: Int { self == 0 ? 0 : read { __gmpz_sizeinbase($0, 2) } }
  /// The value as an Int where it is one.
  var int: Int? { read { __gmpz_fits_slong_p($0) != 0 ? __gmpz_get_si($0) : nil } }
}
