import Testing

@testable import FileFormats

/// Event files as TensorBoard reads them, and how much of one is kept.
@Suite struct EventFileTests {
  /// The records of two epochs.
  private static func records(time: Double) -> [[UInt8]] {
    [EventFile.header(time: time)]
      + [(3, 0.5), (300, 0.25)].map { step, loss in
        EventFile.record(
          .init(time: time, step: step, scalars: [("train/loss", loss), ("train/c", 2)]))
      }
  }

  @Test func checksumsAreThoseOfTheStandard() {
    // RFC 3720, B.4, and the usual check value.
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 255, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
  }

  /// The bytes that `tensorboard` 2.21 writes for the same event, by `RecordWriter`.
  @Test func aRecordIsThatOfTensorBoard() {
    let event = EventFile.Event(time: 1.5, step: 300, scalars: [("train/loss", 0.25)])
    let record: [UInt8] =
      [33, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x7B, 0xEC, 0xF6]
      + [0x09, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0x10, 0xAC, 0x02, 0x2A, 0x13, 0x0A, 0x11, 0x0A, 0x0A]
      + Array("train/loss".utf8) + [0x15, 0, 0, 0x80, 0x3E, 0x65, 0x57, 0x98, 0x1F]
    #expect(EventFile.record(event) == record)
  }

  @Test func recordsOfAnotherTimeAreTheSame() {
    let (old, new) = (Self.records(time: 1), Self.records(time: 2))
    let bytes = old.flatMap(\.self)
    let all = EventFile.common(bytes, new)
    #expect(all.records == 3 && all.bytes == bytes.count)
    let fewer = EventFile.common(bytes + old[1], Array(new.prefix(2)))
    #expect(fewer.records == 2 && fewer.bytes == bytes.count - old[2].count)
    #expect(EventFile.common([], new).records == 0)
  }

  @Test func whatIsDamagedIsNotKept() {
    let records = Self.records(time: 1)
    let bytes = records.flatMap(\.self)
    let starts = [0, records[0].count, records[0].count + records[1].count, bytes.count]
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x10
      let whole = starts.lastIndex { $0 <= index } ?? 0
      #expect(EventFile.common(damaged, records).bytes == starts[whole], "byte \(index)")
      let cut = EventFile.common(Array(bytes[..<index]), records)
      #expect(cut.bytes == starts[whole], "\(index) bytes")
    }
  }
}
