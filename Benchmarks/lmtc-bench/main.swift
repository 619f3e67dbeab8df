import CPUBackend
import Diagnostics
import Foundation

// lmtc-bench step | plain | inference | state | profile | functions | products | stablehlo: see Benchmarks/README.md.
// What follows `--set` changes the spec, as for lmtc.
let arguments = CommandLine.arguments.dropFirst().split(separator: "--set")
let words = Array(arguments.first ?? [])
let settings = arguments.dropFirst().flatMap { $0 }

do {
  switch (words.first, words.count) {
  case ("step", 3...4), ("plain", 3...4), ("inference", 3...4):
    let engine = try BenchmarkEngine(
      words.count > 3 ? words[3] : "cpu", threads: max(1, Int(words[2]) ?? 1))
    let task = Workload.Task(rawValue: words[0]) ?? .step
    try StepService(Workload(spec: words[1], task, overrides: settings), on: engine).run()
  case ("state", 3): try Workload(spec: words[1], overrides: settings).write(to: words[2])
  case ("profile", 4...5):
    let task = words.count > 4 ? Workload.Task(rawValue: words[4]) : .step
    let workload = try Workload(spec: words[1], task ?? .step, overrides: settings)
    let step = try CPUBackend(threads: max(1, Int(words[2]) ?? 1)).compile(
      workload.graph, for: workload.purpose)
    workload.load(into: step)
    print(try StepTimes.text(of: step, steps: max(1, Int(words[3]) ?? 1)))
  case ("functions", 2): try FunctionErrors.report(threads: max(1, Int(words[1]) ?? 1))
  case ("products", 1): ProductRates.report()
  case ("stablehlo", 2...): try StableHLOCases.write(to: words[1], specs: Array(words[2...]))
  default:
    print(
      "usage: lmtc-bench step|plain|inference SPEC THREADS [DEVICE] [--set KEY=VALUE...]",
      "| state SPEC FILE [--set KEY=VALUE...] | profile SPEC THREADS STEPS [plain|inference] [--set KEY=VALUE...] | functions THREADS | products | stablehlo FOLDER SPEC..."
    )
    exit(64)
  }
} catch let failure as Failure {
  print(failure.diagnostics.map(\.message).joined(separator: "\n"))
  exit(1)
}
