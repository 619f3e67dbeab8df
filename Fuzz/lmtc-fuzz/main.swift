import Foundation

// lmtc-fuzz [SECONDS] [SEED] [TARGET]: damages valid files of every kind, or of one, and reads them, for so
// long in all.
// lmtc-fuzz --input TARGET FILE: reads one file, to repeat a finding.
let arguments = Array(CommandLine.arguments.dropFirst())

func target(named name: String) -> FuzzTarget {
  guard let target = (FuzzTarget.all + FuzzTarget.faulty).first(where: { $0.name == name }) else {
    print(
      "unknown target '\(name)'; available targets: \(FuzzTarget.all.map(\.name).joined(separator: ", "))"
    )
    exit(64)
  }
  return target
}

switch arguments.first {
case "--child" where arguments.count == 5:
  let child = FuzzChild(
    target: target(named: arguments[1]), seed: UInt64(arguments[2]) ?? 1, folder: arguments[4])
  try child.run(from: Int(arguments[3]) ?? 0)
case "--input" where arguments.count == 3:
  let folder = FileManager.default.temporaryDirectory.appending(path: "lmtc-fuzz-input").path
  let child = FuzzChild(target: target(named: arguments[1]), seed: 1, folder: folder)
  try child.run(Array(Data(contentsOf: URL(filePath: arguments[2]))))
  print("no finding")
default:
  // A finding is repeated by hand; its stack is of use then, and slow to print now.
  setenv("SWIFT_BACKTRACE", "enable=no", 1)
  guard try FuzzCampaign.noticesFaults() else { exit(70) }
  let seconds = arguments.first.flatMap { Double($0) } ?? 60
  let seed = arguments.dropFirst().first.flatMap { UInt64($0) } ?? 1
  let campaign = FuzzCampaign(seed: seed)
  var findings: [FuzzCampaign.Finding] = []
  let targets = arguments.count > 2 ? [target(named: arguments[2])] : FuzzTarget.all
  for target in targets {
    let share = seconds / Double(targets.count)
    let (count, found) = try campaign.run(target, seconds: share)
    print("\(target.name): \(count) files, \(found.count) findings")
    findings += found
  }
  for finding in findings {
    let name = "fuzz-\(finding.target)-\(seed)-\(finding.index)"
    try finding.bytes.write(to: URL(filePath: name))
    print("\(name) \(finding.cause); repeat with: lmtc-fuzz --input \(finding.target) \(name)")
  }
  exit(findings.isEmpty ? 0 : 1)
}
