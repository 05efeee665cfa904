internal import ArgumentParser
internal import Shared

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Works with policy files.", subcommands: [PolicyCheckCommand.self])
}

struct PolicyCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Says whether a policy file is right, and what this version would do under it.",
    discussion: """
      Needs no data. Exit status 78 where the file is wrong, 77 where this version can't protect as it asks. Example:
        cloister-extractor policy check policies/cms-k11.yaml
      """)

  @Argument(help: "The policy file.")
  var file: String

  func run() throws {
    let policy = try readPolicy(file)
    try requirePolicyIsWithinThisVersion(policy)
    Console.result("\(Console.harmless(file)): the policy is right")
    Console.result("title: \(policy.title); owner: \(policy.owner)")
    Console.result("counts admissions of patients aged \(policy.cohort.minimumAge) or more")
    Console.result("withholds cells with fewer than \(policy.protection.minimumPatients) different patients")
    Console.result("releases \(policy.release.count) tables; SHA-256 \(SHA256.hexadecimal(policy.bytes))")
  }
}
