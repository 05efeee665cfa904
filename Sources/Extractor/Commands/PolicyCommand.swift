internal import ArgumentParser
internal import Shared

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Checks, explains, compares and approves policy files.",
    subcommands: [
      PolicyCheckCommand.self, PolicyExplainCommand.self, PolicyDiffCommand.self, PolicyApproveCommand.self,
    ])
}

struct PolicyCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Says whether a policy file is valid, and what deserves a second look.",
    discussion: """
      Needs no data. If the file is wrong, gives the line and column, and the exit status is 78. Remarks name settings
      that are allowed but deserve a second look. Example:
        cloister-extractor policy check policies/cms-k11.yaml
      """)

  @Argument(help: "The policy file.")
  var file: String

  func run() throws {
    let policy = try readPolicy(file)
    let name = harmless(file)
    for remark in policy.remarks {
      Console.result("\(name) line \(remark.place.line), column \(remark.place.column): remark: \(remark.text)")
    }
    Console.result("\(name): the policy is valid")
    Console.result("title: \(policy.title); owner: \(policy.owner)")
    Console.result("counts admissions of patients aged \(policy.cohort.minimumAge) or older")
    Console.result("withholds cells with fewer than \(policy.protection.minimumPatients) different patients")
    Console.result("releases \(policy.release.count) tables; SHA-256 \(SHA256.hexadecimal(policy.bytes))")
  }
}

struct PolicyExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explains in plain English what a policy publishes and how it protects the counts.",
    discussion: """
      Needs no data. If the policy adds noise, also shows how much one patient can
      change each table and how large the noise is. Example:
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
    abstract: "Adds your signature to a policy, to show that you have read and approve it.",
    discussion: """
      Signs the file's exact bytes. FILE.p7s holds the signatures of all approvers, and anyone can check them:
        openssl cms -verify -binary -inform DER -in FILE.p7s -content FILE -CAfile approvers.pem -out /dev/null
      Example:
        cloister-extractor policy approve policies/cms-k11.yaml \\
          --key officer/signer.key.pem --cert officer/signer.cert.pem
      """)

  @Argument(help: "The policy file.")
  var file: String

  @Option(help: "Your key, made with keygen.")
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
    Console.result("\(harmless(path)): \(certificate.commonName ?? "(no name)") approves \(policy.title)")
    Console.result("policy SHA-256 \(SHA256.hexadecimal(policy.bytes))")
  }
}

struct PolicyDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Explains where a new policy protects less than an old one, and where it protects more.",
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
    if changes.isEmpty { Console.result("both policies have the same rules and tables") }
    for direction in PolicyChange.Direction.allCases {
      let lines = changes.filter { $0.direction == direction }
      if !lines.isEmpty { Console.result("\(direction.rawValue):") }
      for line in lines { Console.result("  \(line.text)") }
    }
  }
}
