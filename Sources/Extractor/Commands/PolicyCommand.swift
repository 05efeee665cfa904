internal import ArgumentParser
internal import Shared

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Works with policy files.",
    subcommands: [PolicyCheckCommand.self, PolicyExplainCommand.self])
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

struct PolicyExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Says in sentences what a policy lets out, and how it is protected.",
    discussion: """
      Needs no data. With noise, it shows for each table what one patient can change, and how large the noise is. Example:
        cloister-extractor policy explain policies/differential-privacy.yaml
      """)

  @Argument(help: "The policy file.")
  var file: String

  func run() throws {
    for sentence in try explain(try readPolicy(file)) { Console.result(sentence) }
  }
}
