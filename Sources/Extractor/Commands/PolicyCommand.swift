internal import ArgumentParser
internal import Shared

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Works with policy files.",
    subcommands: [
      PolicyCheckCommand.self, PolicyExplainCommand.self, PolicyDiffCommand.self, PolicyApproveCommand.self,
    ])
}

struct PolicyCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Says whether a policy file is right, and what to look at twice in it.",
    discussion: """
      Needs no data. Exit status 78 where the file is wrong, with line and column. Remarks name what is allowed and should be
      looked at twice. Example:
        cloister-extractor policy check policies/cms-k11.yaml
      """)

  @Argument(help: "The policy file.")
  var file: String

  func run() throws {
    let policy = try readPolicy(file)
    let name = Console.harmless(file)
    for remark in policy.remarks {
      Console.result("\(name) line \(remark.place.line), column \(remark.place.column): remark: \(remark.text)")
    }
    Console.result("\(name): the policy is right")
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
    for sentence in try explain(try readPolicy(file)).sentences { Console.result(sentence) }
  }
}

struct PolicyApproveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Adds your signature to a policy: you have read it and approve it.",
    discussion: """
      Signs the file's exact bytes; the signatures of all approvers stand together in FILE.p7s. Anyone can check them:
        openssl cms -verify -binary -inform DER -in FILE.p7s -content FILE -CAfile approvers.pem -out /dev/null
      Example:
        cloister-extractor policy approve policies/cms-k11.yaml --key officer/signer.key.pem --cert officer/signer.cert.pem
      """)

  @Argument(help: "The policy file.")
  var file: String

  @Option(help: "Your key, as keygen makes it.")
  var key: String

  @Option(help: "The certificate that belongs to the key.")
  var cert: String

  @Option(name: .customLong("passphrase-fd"), help: "Read the key's passphrase from this open file descriptor.")
  var passphraseDescriptor: Int32?

  func run() throws {
    let policy = try readPolicy(file)
    let certificate = try Certificate(file: cert)
    let key = try SigningKey(file: key, passphraseDescriptor: passphraseDescriptor)
    let path = "\(file).p7s"
    let earlier = FileStatus(of: path) == nil ? nil : try readApprovals(path)
    try replaceFile(try approval(of: policy, besides: earlier, key, certificate), at: path)
    Console.result("\(Console.harmless(path)): \(certificate.commonName ?? "(no name)") approves \(policy.title)")
    Console.result("policy SHA-256 \(SHA256.hexadecimal(policy.bytes))")
  }
}

struct PolicyDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Says in words what a new policy protects less, and what more, than an old one.",
    discussion: """
      Example:
        cloister-extractor policy diff policies/cms-k11.yaml policies/round-to-5.yaml
      """)

  @Argument(help: "The old policy.")
  var old: String

  @Argument(help: "The new policy.")
  var new: String

  func run() throws {
    let changes = differences(from: try readPolicy(old), to: try readPolicy(new))
    if changes.isEmpty { Console.result("the same rules and tables") }
    for direction in PolicyChange.Direction.allCases {
      let lines = changes.filter { $0.direction == direction }
      if !lines.isEmpty { Console.result("\(direction.rawValue):") }
      for line in lines { Console.result("  \(line.text)") }
    }
  }
}
