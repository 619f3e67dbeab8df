/// How a module is divided among devices by XLA's partitioner: some inputs along their first axis, everything else
/// whole on every device.
///
/// Results are the same numbers up to rounding: the partitioner only decides where they are computed.
public struct BatchSharding: Sendable {
  /// How many devices there are.
  public let devices: Int
  /// The names of the divided inputs; the first axis of each is a multiple of the number of devices.
  public let inputs: Set<String>

  /// A division.
  public init(devices: Int, inputs: Set<String>) {
    (self.devices, self.inputs) = (devices, inputs)
  }

  /// The line of a module that names the devices.
  var mesh: String { "sdy.mesh @devices = <[\"batch\"=\(devices)]>" }

  /// The attribute of an input with so many axes.
  func attribute(ofInput name: String, rank: Int) -> String {
    Self.attribute(rank, isDivided: inputs.contains(name))
  }

  /// The attribute of a result with so many axes.
  func attribute(ofResultOf rank: Int) -> String { Self.attribute(rank, isDivided: false) }

  /// In the dialect of Shardy: for each axis the parts of the mesh that it is divided among.
  private static func attribute(_ rank: Int, isDivided: Bool) -> String {
    let axes = (0..<rank).map { $0 == 0 && isDivided ? "{\"batch\"}" : "{}" }
    return "sdy.sharding = #sdy.sharding<@devices, [\(listed(axes))]>"
  }
}
