/// A data element of a MATLAB 5 file: tag, data, padding.
public func matlabElement(_ type: Int, _ data: [UInt8]) -> [UInt8] {
  let padding = [UInt8](repeating: 0, count: (8 - data.count % 8) % 8)
  return little(type, 4) + little(data.count, 4) + data + padding
}

/// A matrix of a class whose numbers are stored as a type, both by the format's numbers.
public func matlabMatrix(
  _ name: String, class number: Int, _ extents: [Int], type: Int, _ data: [UInt8],
  flags: Int = 0
) -> [UInt8] {
  let short = name.utf8.count <= 4
  let padded = Array(name.utf8) + [UInt8](repeating: 0, count: 4 - min(4, name.utf8.count))
  let body =
    matlabElement(6, little(number | flags, 4) + little(0, 4))
    + matlabElement(5, extents.flatMap { little($0, 4) })
    + (short
      ? little(1, 2) + little(name.utf8.count, 2) + padded : matlabElement(1, Array(name.utf8)))
    + matlabElement(type, data)
  return little(14, 4) + little(body.count, 4) + body
}

/// A MATLAB 5 file of such matrices, each compressed or none.
public func matlabFile(_ matrices: [[UInt8]], isCompressed: Bool) -> [UInt8] {
  var header = Array("MATLAB 5.0 MAT-file, made by a test".utf8)
  header += [UInt8](repeating: 0x20, count: 124 - header.count) + [0, 1] + "IM".utf8
  return matrices.reduce(header) { file, matrix in
    guard isCompressed else { return file + matrix }
    let data = deflated(matrix, windowBits: 15)
    return file + little(15, 4) + little(data.count, 4) + data
  }
}
