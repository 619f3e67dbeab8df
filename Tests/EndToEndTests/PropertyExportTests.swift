import FileFormats
import Foundation
import Testing

/// `export --to vnnlib`: properties that the network has.
@Suite struct PropertyExportTests {
  /// What a property's file says.
  private struct Property {
    var low: [Float] = []
    var high: [Float] = []
    var outputs = 0
    /// The clauses of the disjunction.
    var rivals: [(Int, Int)] = []

    /// Reads a script line by line; each line must be of a known form.
    init(_ text: String) throws {
      for line in text.split(separator: "\n") where !line.hasPrefix(";") {
        if let match = line.wholeMatch(of: /\(declare-const X_(\d+) Real\)/) {
          #expect(Int(match.1) == low.count)
          low.append(-.infinity)
          high.append(.infinity)
        } else if let match = line.wholeMatch(of: /\(declare-const Y_(\d+) Real\)/) {
          #expect(Int(match.1) == outputs)
          outputs += 1
        } else if let match = line.wholeMatch(of: /\(assert \(([<>])= X_(\d+) (-?\d+\.\d+)\)\)/) {
          let (index, number) = (try #require(Int(match.2)), try #require(Float(match.3)))
          if match.1 == ">" { low[index] = number } else { high[index] = number }
        } else if let match = line.wholeMatch(of: /\s\s\(and \(>= Y_(\d+) Y_(\d+)\)\)/) {
          rivals.append((try #require(Int(match.1)), try #require(Int(match.2))))
        } else {
          #expect(line == "(assert (or" || line == "))", "\(line)")
        }
      }
    }
  }

  private static func rows(_ place: Workplace) throws -> [(label: Int, radius: Double)] {
    try place.text("run/certificate.tsv").split(separator: "\n").dropFirst().map { line in
      let columns = line.split(separator: "\t")
      return (try #require(Int(columns[1])), try #require(Double(columns[3])))
    }
  }

  private static func property(_ place: Workplace, _ path: String) throws -> Property {
    try Property(try place.text(path))
  }

  private static func run() throws -> Workplace {
    let place = try Workplace()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run", "--quiet").code == 0)
    return place
  }

  /// Corners of each box have the class of the point, and the box is in the ball.
  @Test func theNetworkHasTheProperties() throws {
    let place = try Self.run()
    let written = try place.lmtc("export", "run", "--to", "vnnlib")
    #expect(written.code == 0, "\(written.errors)")
    let rows = try Self.rows(place)
    let certified = rows.indices.filter { rows[$0].radius > 0 }
    let number = "\(certified.count) properties to tiny-vnnlib"
    #expect(written.output.contains(number), "\(written.output)")
    let tensors = try Safetensors.decode(try place.bytes("run/test.safetensors"), path: "test")
    let inputs = try #require(tensors.tensors["inputs"]).elements
    var (corners, classes): ([String], [Int]) = ([], [])
    for index in certified {
      let property = try Self.property(place, "tiny-vnnlib/tiny-\(index).vnnlib")
      #expect(property.low.count == 4 && property.outputs == 3 && property.rivals.count == 2)
      #expect(property.rivals.allSatisfy { $0.1 == rows[index].label && $0.0 != $0.1 })
      let center = inputs[index * 4..<index * 4 + 4].map(Double.init)
      for (sides, sign) in [(property.high, 1.0), (property.low, -1.0)] {
        let widths = zip(sides, center).map { (Double($0) - $1) * sign }
        #expect(widths.allSatisfy { $0 >= 0 })
        let reach = widths.map { $0 * $0 }.reduce(0, +).squareRoot()
        #expect(reach < rows[index].radius && reach > 0.999 * rows[index].radius)
      }
      for mask in 0..<16 {
        let corner = (0..<4).map { mask >> $0 & 1 == 1 ? property.high[$0] : property.low[$0] }
        corners.append(corner.map { "\($0)" }.joined(separator: ","))
        classes.append(rows[index].label)
      }
    }
    try place.write(corners.joined(separator: "\n") + "\n", to: "new.csv")
    let predicted = try place.lmtc("predict", "run", "--input", "new.csv", "--json")
    let found = try predicted.output.matches(of: /"class": ?(\d+)/).map {
      try #require(Int($0.1))
    }
    #expect(found == classes)
  }

  @Test func pointsAndARadiusAreChosen() throws {
    let place = try Self.run()
    let rows = try Self.rows(place)
    let wide = rows.indices.filter { rows[$0].radius > 0.1 }
    let narrow = try #require(rows.indices.first { rows[$0].radius <= 0.1 })
    let all = try place.lmtc(
      "export", "run", "--to", "vnnlib", "--radius", "1/10", "-o", "tenth", "--json")
    #expect(all.code == 0 && all.output.contains("\"properties\": \(wide.count)"))
    #expect(!place.contains("tenth/tiny-\(narrow).vnnlib"))
    #expect(try place.text("tenth/tiny-\(wide[0]).vnnlib").contains("is below 1/10,"))
    let one = try place.lmtc(
      "export", "run", "--to", "vnnlib", "--radius", "0.1", "--point", "\(wide[0])", "-o", "one")
    #expect(one.code == 0 && one.output.contains("1 properties to one"), "\(one.output)")
    let again = try place.lmtc(
      "export", "run", "--to", "vnnlib", "--point", "\(wide[0])", "-o", "one")
    #expect(again.code == 66 && again.errors.contains("file.exists"))
    for arguments in [
      ["--radius", "0.1", "--point", "\(narrow)"], ["--point", "30"], ["--radius", "zero"],
      ["--radius", "100"],
    ] {
      let refused = try LMTCProcess(
        ["export", "run", "--to", "vnnlib", "-o", "none"] + arguments, in: place.folder
      ).outcome()
      #expect(refused.code == 64, "\(arguments): \(refused.errors)")
      #expect(refused.errors.contains("usage.export") && !place.contains("none"))
    }
    #expect(try place.lmtc("export", "run", "--to", "c", "--point", "1").code == 64)
  }
}
