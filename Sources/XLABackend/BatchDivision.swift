import Diagnostics
import StableHLO
import TensorGraph

/// How several devices share the executions of a training step.
///
/// Each has a part of the batch and all of the parameters. XLA's partitioner makes every sum over the batch one
/// over all devices, so that gradients, losses and the statistics of batch normalization are those of the whole batch.
struct BatchDivision {
  let devices: Int
  /// The inputs that are divided along their first axis.
  let inputs: Set<String>

  /// The division of a graph: inputs that are filled before each execution and have axes, which are a batch; nil if
  /// there are none or only one device.
  ///
  /// Throws ``Failure`` (`device.count`) where the devices cannot have equal parts.
  init?(of graph: Graph, among devices: Int) throws(Failure) {
    let batches = graph.inputs.filter {
      !$0.isPersistent && !graph[$0.value].type.shape.isEmpty
    }
    if devices == 1 || batches.isEmpty { return nil }
    for input in batches {
      let rows = graph[input.value].type.shape[0]
      guard rows.isMultiple(of: devices) else {
        throw Failure(
          Diagnostic(
            .init(.device, "count"),
            "a batch of \(rows) cannot be divided among \(devices) devices", at: .none,
            help: "set 'train.batch' to a multiple of \(devices)"))
      }
    }
    self.devices = devices
    inputs = Set(batches.map(\.name))
  }

  /// As StableHLO says it.
  var sharding: BatchSharding { BatchSharding(devices: devices, inputs: inputs) }
}
