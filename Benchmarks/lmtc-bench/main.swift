import Execution
import Foundation

// lmtc-bench [mlp|cnn|all|functions|products] [threads] [rounds] [python] [--plan] [--profile]: see Benchmarks/README.md.
let arguments = CommandLine.arguments.dropFirst().filter { !$0.hasPrefix("--") }
let chosen = arguments.first ?? "all"
let threads = arguments.dropFirst().first.flatMap { Int($0) } ?? 2
let rounds = arguments.dropFirst(2).first.flatMap { Int($0) } ?? 10
let python = arguments.dropFirst(3).first
let script = "Benchmarks/peers/torch_step.py"

func seconds(_ executable: any Executable, steps: Int) throws -> Double {
  let start = ContinuousClock.now
  for _ in 0..<steps { try executable.execute() }
  return (ContinuousClock.now - start) / .seconds(1)
}

if chosen == "functions" { try FunctionErrors.report(threads: threads) }
if chosen == "products" { ProductRates.report() }

func milliseconds(_ seconds: Double) -> String { String(format: "%.3f ms", seconds * 1e3) }

for workload in Workload.all where chosen == "all" || chosen == workload.name {
  let executable = try workload.prepare(threads: threads)
  if CommandLine.arguments.contains("--plan") { print(executable.plan) }
  _ = try seconds(executable, steps: 2)
  let peer = python.flatMap {
    Peer(python: $0, script: script, workload: workload.name, threads: threads)
  }
  var (own, ratios): ([Double], [Double]) = ([], [])
  for _ in 0..<rounds {
    let steps = workload.stepsPerRound
    own.append(try seconds(executable, steps: steps) / Double(steps))
    if let other = peer?.seconds(steps: steps) {
      ratios.append(other / Double(steps) / own[own.count - 1])
    }
  }
  peer?.stop()
  if CommandLine.arguments.contains("--profile") {
    print(try StepTimes.text(of: executable, steps: rounds * workload.stepsPerRound))
  }
  own.sort()
  ratios.sort()
  print(
    "\(workload.name): \(milliseconds(own[own.count / 2])) a step, best \(milliseconds(own[0]));",
    "loss \(executable.read("loss").elements[0]), bound \(executable.read("bound").elements[0])")
  if !ratios.isEmpty {
    print(
      String(
        format: "  torch takes %.2f times as long (rounds from %.2f to %.2f)",
        ratios[ratios.count / 2], ratios[0], ratios[ratios.count - 1]))
  }
}
