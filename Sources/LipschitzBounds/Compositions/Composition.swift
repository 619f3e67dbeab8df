/// How the bound of a node is composed from bounds of earlier nodes.
public enum Composition: String, Sendable, CaseIterable {
  /// The constant of each layer times the bound of its operand. Additions add the bounds of their
  /// operands, and concatenations take the root of the sum of their squares.
  case product
  /// Each maximal region of linear layers as one operator.
  case regions
  /// Activations split into a linear part and a remainder (LipLT).
  case liplt
  /// A chain of dense layers by quadratic constraints (ECLipsE-Fast).
  case eclipse
  /// A part of the network by quadratic constraints with a multiplier for each neuron (LipSDP).
  case multipliers
}
