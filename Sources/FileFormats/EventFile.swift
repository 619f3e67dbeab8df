/// TensorBoard's event files: numbers of a run over its steps.
///
/// A file is a sequence of TFRecords, each with a message `Event` of TensorFlow's `event.proto`; the first says the
/// version of the format. A record is the length of its data (8 bytes), the masked CRC-32C of that length, the data,
/// and the masked CRC-32C of the data, all little-endian.
public enum EventFile {
  /// What was measured after a step.
  public struct Event: Sendable {
    /// Seconds since 1970.
    public let time: Double
    /// The number of steps that were done.
    public let step: Int
    /// Numbers by their tags; TensorBoard stores them as float32 and groups tags by what stands before a `/`.
    public let scalars: [(tag: String, value: Double)]

    /// An event.
    public init(time: Double, step: Int, scalars: [(tag: String, value: Double)]) {
      (self.time, self.step, self.scalars) = (time, step, scalars)
    }

    /// Field 5, `summary`, with a field 1, `value`, for each number: `tag` is 1, `simple_value` is 2.
    fileprivate var message: [UInt8] {
      let values = scalars.flatMap { tag, value in
        ProtobufField.message(
          1, ProtobufField.text(1, tag) + ProtobufField.fixed(2, Float(value).bitPattern))
      }
      return ProtobufField.fixed(EventFile.timeField, time.bitPattern)
        + ProtobufField.integer(2, UInt64(step)) + ProtobufField.message(5, values)
    }
  }

  /// The field `wall_time`, which every message starts with.
  private static let timeField: UInt8 = 1
  private static let timeLength = 1 + MemoryLayout<UInt64>.size

  /// The record that a file starts with.
  public static func header(time: Double) -> [UInt8] {
    record(ProtobufField.fixed(timeField, time.bitPattern) + ProtobufField.text(3, "brain.Event:2"))
  }

  /// The record of an event.
  public static func record(_ event: Event) -> [UInt8] { record(event.message) }

  private static func record(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(CRC32C.masked(length)) + data
      + littleEndian(CRC32C.masked(data))
  }

  /// How many of these records a file starts with, whenever they were written, and how long they are.
  ///
  /// - Parameter expected: records as ``header(time:)`` and ``record(_:)`` make them.
  public static func common(
    _ bytes: [UInt8], _ expected: [[UInt8]]
  ) -> (records: Int, bytes: Int) {
    var (records, end) = (0, 0)
    for record in expected {
      let found = bytes[end...].prefix(record.count)
      guard isSame(found, record) else { break }
      (records, end) = (records + 1, end + record.count)
    }
    return (records, end)
  }

  /// Whether two records are the same but for their times, and the first is as it was written.
  private static func isSame(_ found: ArraySlice<UInt8>, _ expected: [UInt8]) -> Bool {
    // Before the data: their length and its checksum; after them: theirs.
    let (head, tail) = (12, 4)
    guard found.count == expected.count, found.prefix(head) == expected.prefix(head) else {
      return false
    }
    let data = found.dropFirst(head).dropLast(tail)
    return data.dropFirst(timeLength) == expected.dropFirst(head + timeLength).dropLast(tail)
      && found.suffix(tail).elementsEqual(littleEndian(CRC32C.masked(data)))
  }
}

/// Fields of protocol buffers in their wire format: a number and a type, then the value.
///
/// Six fields are written and none is read, for which generated code would be ten times as long.
private enum ProtobufField {
  static func integer(_ number: UInt8, _ value: UInt64) -> [UInt8] { [number << 3] + varint(value) }

  static func fixed(_ number: UInt8, _ value: UInt64) -> [UInt8] {
    [number << 3 | 1] + littleEndian(value)
  }

  static func fixed(_ number: UInt8, _ value: UInt32) -> [UInt8] {
    [number << 3 | 5] + littleEndian(value)
  }

  static func text(_ number: UInt8, _ text: String) -> [UInt8] {
    message(number, Array(text.utf8))
  }

  static func message(_ number: UInt8, _ fields: [UInt8]) -> [UInt8] {
    [number << 3 | 2] + varint(UInt64(fields.count)) + fields
  }

  /// Seven bits a byte, least significant first; all bytes but the last have their highest bit set.
  private static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
