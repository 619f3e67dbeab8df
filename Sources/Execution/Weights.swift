import TensorGraph

/// The parameters and statistics of a network, by full name.
public struct Weights: Sendable, Equatable {
  /// The tensors by name.
  public var tensors: [String: HostTensor]

  /// Weights with these tensors.
  public init(_ tensors: [String: HostTensor] = [:]) { self.tensors = tensors }

  /// A tensor of the network; a name that it does not have is a bug and traps.
  public subscript(name: String) -> HostTensor {
    get {
      guard let tensor = tensors[name] else { preconditionFailure("the weights lack '\(name)'") }
      return tensor
    }
    set { tensors[name] = newValue }
  }

  /// The elements of a tensor of the network, row-major.
  public func elements(of name: String) -> [Float] { self[name].elements }
}

extension Executable {
  /// Sets the named inputs.
  public func load(_ weights: Weights, named names: [String]) {
    for name in names { write(name, weights[name]) }
  }
}
