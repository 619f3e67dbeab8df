import Foundation
import Testing

@testable import Diagnostics
@testable import FileFormats

/// `train.log: [tensorboard]` writes what the run measured, whole runs and resumed ones alike.
@Suite struct TensorBoardTests {
  private static let file = "run/events.out.tfevents.lmtc"
  private static let log = "train.log=[tensorboard]"

  /// The steps and scalars of the events in a file; records an issue where a checksum is wrong.
  private static func events(
    _ bytes: [UInt8]
  ) throws -> [(step: Int, scalars: [String: Float])] {
    var reader = MessageReader(bytes[...])
    var events: [(step: Int, scalars: [String: Float])] = []
    while !reader.rest.isEmpty {
      let head = reader.take(8)
      #expect(reader.integer(4) == UInt64(CRC32C.masked(head)))
      let data = reader.take(Int(MessageReader(head).rest.littleEndian))
      #expect(reader.integer(4) == UInt64(CRC32C.masked(data)))
      let fields = try MessageReader(data).fields()
      guard let summary = fields.first(where: { $0.number == 5 }) else {
        #expect(fields.last?.bytes.elementsEqual("brain.Event:2".utf8) == true && events.isEmpty)
        continue
      }
      var scalars: [String: Float] = [:]
      for value in try MessageReader(summary.bytes).fields() {
        let parts = try MessageReader(value.bytes).fields()
        let tag = String(decoding: try #require(parts.first).bytes, as: UTF8.self)
        scalars[tag] = Float(bitPattern: UInt32(try #require(parts.last).bytes.littleEndian))
      }
      events.append((Int(fields[1].integer), scalars))
    }
    return events
  }

  @Test func aRunWritesItsEpochsAndItsResult() throws {
    let place = try Workplace()
    let outcome = try place.lmtc(
      "run", "spec.yaml", "--out", "run", "--set", Self.log, "--set", "train.validation=0.2")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let events = try Self.events(try place.bytes(Self.file))
    let metrics = try place.metrics(of: "run")
    #expect(events.map(\.step) == metrics.map { Int($0["step"] ?? 0) } + [9])
    for (event, line) in zip(events, metrics) {
      #expect(event.scalars.count == 6)
      for (tag, value) in event.scalars {
        #expect(Float(try #require(line[String(tag.dropFirst("train/".count))])) == value)
      }
    }
    let result = try document(try place.text("run/result.json"))
    let last = try #require(events.last).scalars
    #expect(last.count == 5)
    #expect(last["result/clean_accuracy"] == (result["clean_accuracy"] as? Double).map(Float.init))
    #expect(last["result/certified_accuracy/1/4"] != nil)
  }

  @Test func aResumedRunHasEveryEpochOnce() throws {
    let place = try Workplace()
    func run(_ epochs: Int, _ more: String...) throws {
      let arguments = ["run", "spec.yaml", "--out", "run", "--set", "train.epochs=\(epochs)"]
      let outcome = try LMTCProcess(arguments + more, in: place.folder).outcome()
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    func steps() throws -> [Int] { try Self.events(try place.bytes(Self.file)).map(\.step) }
    try run(1, "--set", Self.log)
    #expect(try steps() == [4, 4])
    let first = try place.bytes(Self.file)
    try run(2, "--resume")
    #expect(try place.bytes(Self.file) == first)
    try run(4, "--resume", "--set", Self.log)
    #expect(try steps() == [4, 8, 12, 16, 16])
    // The first epoch's record is the one that was there, with its time.
    let kept = EventFile.header(time: 0).count + 12
    #expect(try place.bytes(Self.file).prefix(kept).elementsEqual(first.prefix(kept)))
    try run(4, "--overwrite")
    #expect(!place.contains(Self.file))
  }

  @Test func anUnknownLoggerIsADiagnostic() throws {
    let outcome = try Workplace().lmtc("compile", "spec.yaml", "--set", "train.log=[wandb]")
    #expect(outcome.code == 1)
    #expect(
      outcome.errors.contains("'log' must be one of 'tensorboard', found"), "\(outcome.errors)")
  }
}

/// Reads the wire format of protocol buffers: of each field the number, and its integer or its bytes.
private struct MessageReader {
  var rest: ArraySlice<UInt8>

  init(_ bytes: some Collection<UInt8>) { rest = ArraySlice(bytes) }

  mutating func take(_ count: Int) -> ArraySlice<UInt8> {
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func integer(_ count: Int) -> UInt64 { take(count).littleEndian }

  private mutating func varint() -> UInt64 {
    var (value, shift) = (UInt64(0), UInt64(0))
    while let byte = rest.popFirst() {
      value |= UInt64(byte & 0x7F) << shift
      shift += 7
      if byte < 0x80 { break }
    }
    return value
  }

  func fields() throws -> [(number: UInt64, integer: UInt64, bytes: ArraySlice<UInt8>)] {
    var reader = self
    var fields: [(number: UInt64, integer: UInt64, bytes: ArraySlice<UInt8>)] = []
    while !reader.rest.isEmpty {
      let key = reader.varint()
      switch key & 7 {
      case 0: fields.append((key >> 3, reader.varint(), []))
      case 1: fields.append((key >> 3, 0, reader.take(8)))
      case 2: fields.append((key >> 3, 0, reader.take(Int(reader.varint()))))
      case let type:
        #expect(type == 5)
        fields.append((key >> 3, 0, reader.take(4)))
      }
    }
    return fields
  }
}

extension ArraySlice<UInt8> {
  fileprivate var littleEndian: UInt64 { reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}
