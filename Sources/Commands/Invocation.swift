import Diagnostics
import Execution
import MatrixProducts
import ModelIR
import Reporting

/// A stage of the compiler that `--emit` prints.
public enum Stage: String, Sendable, CaseIterable {
  case spec, ir, bounds, graph, plan, stablehlo

  /// The names, for help texts.
  public static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// Makes an engine by name.
public protocol EngineFactory: Sendable {
  /// The name after `--device`.
  var name: String { get }
  /// What computes and with which instructions, such as `oneDNN 2.6.3 for avx2`: for `lmtc version`.
  var details: String { get }
  /// The engine with a number of threads, all cores if nil.
  func make(threads: Int?) throws -> any Backend
  /// The same with what follows the name and a colon on the command line, nil if nothing, on a number of devices.
  ///
  /// Throws ``Failure`` (`device.…`) unless an engine says otherwise.
  func make(threads: Int?, variant: String?, devices: Int) throws -> any Backend
}

extension EngineFactory {
  /// An engine without variants, on one device; throws `device.unknown` or `device.count` for others.
  public func make(threads: Int?, variant: String?, devices: Int) throws -> any Backend {
    if let variant {
      throw Failure(
        Diagnostic(
          .init(.device, "unknown"), "unknown device '\(name):\(variant)'", at: .none,
          help: "did you mean '\(name)'?"))
    }
    guard devices == 1 else {
      throw Failure(
        Diagnostic(
          .init(.device, "count"), "'\(name)' is one device, found '--devices \(devices)'",
          at: .none, help: "use '--threads' to choose how many of its cores compute"))
    }
    return try make(threads: threads)
  }
}

/// The arguments that all commands on a spec share.
public struct Invocation: Sendable {
  /// The spec's path.
  public var specPath: String
  /// `path.to.key=value` texts, applied in order.
  public var overrides: [String]
  /// The values of `certify.effort`.
  public static let efforts = BoundEffort.allCases.map(\.rawValue)

  /// At least 0, in place of `train.seed`.
  public var seed: Int?
  /// A file of weights.
  public var weightsPath: String?
  /// Whether weights that fit in shape but not in name are taken in order.
  public var renamesWeights = false
  /// The engine's name, or its name, a colon and what it makes of it.
  public var device: String
  /// The engine's threads, all cores if nil.
  public var threads: Int?
  /// How many devices share a training step.
  public var devices: Int
  /// Whether standard output carries one JSON object.
  public var isJSON: Bool
  /// Whether progress is left out.
  public var isQuiet: Bool
  /// Color of diagnostics.
  public var color: ColorChoice

  /// An invocation; only the spec is required.
  public init(
    specPath: String, overrides: [String] = [], seed: Int? = nil, weightsPath: String? = nil,
    device: String = "cpu", threads: Int? = nil, devices: Int = 1, isJSON: Bool = false,
    isQuiet: Bool = false,
    color: ColorChoice = .auto
  ) {
    self.specPath = specPath
    self.overrides = overrides
    self.seed = seed
    self.weightsPath = weightsPath
    self.device = device
    self.threads = threads
    self.devices = devices
    self.isJSON = isJSON
    self.isQuiet = isQuiet
    self.color = color
  }

  /// The cores that bounds and certificates are computed on.
  var workers: Workers { Workers(threads ?? Machine.cores) }

  /// The requested engine's name alone.
  var deviceName: String { String(device.prefix { $0 != ":" }) }

  /// The requested engine with the number of its devices, if they are several: for records of a run.
  var deviceText: String { devices == 1 ? deviceName : "\(deviceName), \(devices) devices" }

  /// The engine with the requested name; throws ``Failure`` (`device.…`) if there is none.
  func backend(among factories: [any EngineFactory]) throws -> any Backend {
    guard let factory = factories.first(where: { $0.name == deviceName }) else {
      let names = factories.map(\.name)
      throw Failure(
        Diagnostic(
          .init(.device, "unknown"), "unknown device '\(device)'", at: .none,
          help: "available devices: \(names.joined(separator: ", "))"))
    }
    let variant =
      device.contains(":") ? String(device.dropFirst(deviceName.count + 1)) : nil
    return try factory.make(threads: threads, variant: variant, devices: devices)
  }

  /// The engine that certificates are about: the given one if its rounding is analyzed, otherwise the first such.
  func certifiedBackend(
    _ backend: any Backend, among factories: [any EngineFactory]
  ) throws -> any Backend {
    if backend.hasAnalyzedRounding { return backend }
    for factory in factories where factory.name != deviceName {
      let other = try factory.make(threads: threads)
      if other.hasAnalyzedRounding { return other }
    }
    throw Failure(
      Diagnostic(
        .init(.device, "unknown"), "no engine can execute what certificates are about", at: .none))
  }

  /// How progress is shown on standard error.
  var progress: ProgressBar.Style { isQuiet ? .hidden : Terminal.progress }

  /// A progress bar for successive phases.
  var phaseProgress: PhaseProgress { PhaseProgress(progress) }
}
