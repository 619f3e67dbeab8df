import Diagnostics
import ModelIR
import SpecSyntax
import Testing

@testable import FileFormats

/// A reader over keys given as text.
func configReader(_ kind: String, _ keys: [(String, String)]) -> ConfigReader {
  let span = Span(SourceFile(path: "test.yaml", text: "data"), 0, 4)
  let pairs = keys.map { key, value in
    YAMLNode.Pair(
      key: YAMLNode(.scalar(key, isPlain: true), span: span),
      value: node(value, span))
  }
  return ConfigReader(
    kind: kind, span: span, value: YAMLNode(.mapping(pairs), span: span), mainKey: nil)
}

/// A scalar, or a list where it is in brackets.
private func node(_ text: String, _ span: Span) -> YAMLNode {
  guard text.hasPrefix("["), text.hasSuffix("]") else {
    return YAMLNode(.scalar(text, isPlain: true), span: span)
  }
  let elements = text.dropFirst().dropLast().split(separator: ",").map {
    YAMLNode(.scalar($0.trimmingPrefix(" ").description, isPlain: true), span: span)
  }
  return YAMLNode(.sequence(elements), span: span)
}

/// The format with keys that are known to be right.
func format<Format: DatasetFormat>(_ keys: (String, String)...) -> Format {
  var reader = configReader(Format.kind, keys)
  let format = Format(from: &reader)
  precondition(!reader.hasFaults, "\(reader.diagnostics.map(\.message))")
  return format
}

/// An IDX file: magic, extents, elements.
func idx(_ extents: [Int], _ elements: [UInt8], type: UInt8 = 8) -> [UInt8] {
  let header = extents.flatMap { extent in
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: extent >> $0) }
  }
  return [0, 0, type, UInt8(extents.count)] + header + elements
}

extension LabeledData {
  /// The values of all samples; empty, with an issue, if they cannot be read.
  var numbers: [Float] {
    switch values {
    case .numbers(let numbers): numbers
    case .stored(let parts):
      parts.flatMap { part in
        let reader = SampleReader(part, scale: 1)
        return (0..<part.count).flatMap { index in
          var sample = [Float](repeating: 0, count: part.size)
          sample.withUnsafeMutableBufferPointer { buffer in
            do { try reader.read(index, into: buffer) } catch { Issue.record(error) }
          }
          return sample
        }
      }
    }
  }
}

/// The rules of the diagnostics that a call throws, each with its place; empty if it throws none.
func faults(_ body: () throws(Failure) -> LabeledData) -> [String] {
  do throws(Failure) {
    _ = try body()
    return []
  } catch { return error.diagnostics.map { "\($0.id) \(place($0.location))" } }
}

private func place(_ location: Diagnostic.Location) -> String {
  switch location {
  case .span: "spec"
  case .file(let path, let offset): offset.map { "\(path)@\($0)" } ?? path
  case .row(let path, let line, let column):
    column.map { "\(path):\(line):\($0)" } ?? "\(path):\(line)"
  case .none: "nowhere"
  }
}
