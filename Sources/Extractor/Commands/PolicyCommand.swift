internal import ArgumentParser
internal import Shared

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Writes, checks, explains, compares and approves policy files.",
    subcommands: [
      PolicyNewCommand.self, PolicyCheckCommand.self, PolicyExplainCommand.self, PolicyDiffCommand.self,
      PolicyApproveCommand.self,
    ])
}

struct PolicyCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Says whether a policy file is valid, and what deserves a second look.",
    discussion: """
      Needs no data. If the file is wrong, shows everything that is wrong in it, each with its line and column, and the
      exit status is 78. Remarks name settings that are allowed but deserve a second look. Example:
        cloister-extractor policy check policies/cms-k11.yaml
      """)

  @Argument(help: "The policy file.")
  var file: String

  @Flag(help: "Print JSON, for scripts.")
  var json = false

  func run() throws {
    let bytes = try readPolicyText(file)
    let name = harmless(file)
    let policy: Policy
    do { policy = try Policy(reading: bytes) } catch {
      if json { Console.result(checked(nil, error.all).compact()) }
      throw report(error, name)
    }
    if json { return Console.result(checked(policy, []).compact()) }
    for remark in policy.remarks { Console.result("\(name) \(remark.place.text): remark: \(remark.text)") }
    Console.result("\(name): the policy is valid")
    Console.result("title: \(policy.title); owner: \(policy.owner)")
    Console.result("counts admissions of patients aged \(policy.cohort.minimumAge) or older")
    Console.result("withholds cells with fewer than \(policy.protection.minimumPatients) different patients")
    Console.result(
      "requires \(policy.protection.approvals == 1 ? "1 approval" : "\(policy.protection.approvals) approvals")")
    Console.result("releases \(policy.release.count) tables; SHA-256 \(SHA256.hexadecimal(policy.bytes))")
  }

  /// Shows several faults, a line for each.
  private func report(_ faults: PolicyFaults, _ name: String) -> CloisterError {
    let hint = "see policies/README.md for every key"
    if faults.all.count == 1 || json { return faults.error(in: name, hint: hint) }
    for fault in faults.all { Console.note("\(name) \(fault.place.text): \(fault.reason)") }
    return CloisterError(.policyOrKeyWrong, "\(name): \(faults.all.count) mistakes, shown above", hint: hint)
  }

  /// - Parameter policy: nil if the file has faults.
  private func checked(_ policy: Policy?, _ faults: [PolicyFault]) -> JSONValue {
    func lines(_ found: [(place: PolicyPlace, text: String)]) -> JSONValue {
      .array(
        found.map { ["line": .integer($0.place.line), "column": .integer($0.place.column), "text": .string($0.text)] })
    }
    return .object([
      JSONMember("file", .string(harmless(file))), JSONMember("valid", .bool(policy != nil)),
      JSONMember("title", .optional(policy?.title) { .string($0) }),
      JSONMember("sha256", .optional(policy) { .string(SHA256.hexadecimal($0.bytes)) }),
      JSONMember("mistakes", lines(faults.map { ($0.place, $0.reason) })),
      JSONMember("remarks", lines((policy?.remarks ?? []).map { ($0.place, $0.text) })),
    ])
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

struct PolicyNewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Asks six questions and writes a policy with comments from your answers.",
    discussion: """
      Needs no data. Enter alone takes the answer in brackets. Read the new policy, change what you like, and let policy
      check look at it before anybody approves it. Example:
        cloister-extractor policy new our-policy.yaml
      """)

  @Argument(help: "The policy file to write; it must not exist.")
  var file: String

  func run() throws {
    try requireNothing(at: file)
    let folder = parentFolder(of: file)
    guard FileStatus(of: folder)?.isFolder == true else {
      throw CloisterError(
        .cannotWrite, "\(harmless(folder)): no such folder", hint: "make the folder first, or choose another name")
    }
    Console.note("Six questions. Where an answer is in brackets, Enter alone takes it.")
    let policy = newPolicy(try answers())
    try replaceFile(Array(policy.utf8), at: file)
    let name = harmless(file)
    Console.result("wrote \(name); what to do next:")
    Console.result("  cloister-extractor policy check \(name)")
    Console.result("  cloister-extractor policy explain \(name)")
    Console.result("  cloister-extractor plan --input TABLES --policy \(name) --html plan.html")
    Console.result("  cloister-extractor policy approve \(name) --key YOUR-KEY.pem --cert YOUR-CERTIFICATE.pem")
  }

  private func answers() throws -> PolicyAnswers {
    var answers = PolicyAnswers()
    answers.title = try line("1. What is the policy's name? Every release will show it.")
    answers.owner = try line("2. Which office answers for it?")
    answers.minimumPatients = try number(
      "3. How many different patients must stand behind each count?", in: 2...1000, usually: answers.minimumPatients)
    if answers.minimumPatients < 11 {
      answers.lowKReason = try line("   Fewer than 11 need a reason in a sentence. Why are they enough?", atLeast: 10)
    }
    answers.minimumAge = try number(
      "4. From what age are patients counted?", in: 0...89, usually: answers.minimumAge)
    let scopes = PolicyAnswers.Scope.allCases
    for (number, scope) in scopes.enumerated() { Console.note("   \(number + 1): \(scope.rawValue)") }
    answers.scope =
      scopes[
        try number("5. What may be told? Choose one of the lines above.", in: 1...scopes.count, usually: scopes.count)
          - 1]
    answers.approvals = try number(
      "6. How many people must approve the policy before anything leaves?", in: 0...9, usually: answers.approvals)
    return answers
  }

  private func line(_ question: String, atLeast shortest: Int = 1) throws -> String {
    while true {
      let text = try answer(question)
      if isPrintable(text, limit: 200), text.utf8.count >= shortest { return text }
      Console.note("   Please answer with a line of \(shortest) to 200 characters.")
    }
  }

  private func number(_ question: String, in range: ClosedRange<Int>, usually usual: Int) throws -> Int {
    while true {
      let text = try answer("\(question) [\(usual)]")
      if text.isEmpty { return usual }
      if let number = Int(text), range.contains(number) { return number }
      Console.note("   Please answer with a number from \(range.lowerBound) to \(range.upperBound).")
    }
  }

  private func answer(_ question: String) throws -> String {
    guard let answer = Console.answer(to: question) else {
      throw CloisterError(
        .wrongArguments, "the input ended before all questions were answered; nothing was written",
        hint: "answer in a terminal, or give a line for each question")
    }
    return answer
  }
}

struct PolicyApproveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Adds your signature to a policy, to show that you have read and approve it.",
    discussion: """
      Shows the rules and the tables, and signs the file's exact bytes once you have typed yes. FILE.p7s holds the
      signatures of all approvers, and anyone can check them:
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

  @Flag(help: "Don't ask, for scripts in which a person has answered already.")
  var yes = false

  func run() throws {
    let policy = try readPolicy(file)
    let certificate = try Certificate(file: cert)
    let key = try SigningKey(file: key, passphraseDescriptor: passphraseDescriptor)
    let path = "\(file).p7s"
    let earlier = FileStatus(of: path) == nil ? nil : try readApprovals(path)
    // Made before the question, so that nobody reads the rules only to learn that the key is wrong.
    let signatures = try approval(of: policy, besides: earlier, key, certificate)
    if !yes { try ask(about: policy) }
    try replaceFile(signatures, at: path)
    Console.result("\(harmless(path)): \(certificate.commonName ?? "(no name)") approves \(policy.title)")
    Console.result("policy SHA-256 \(SHA256.hexadecimal(policy.bytes))")
  }

  private func ask(about policy: Policy) throws {
    for sentence in try explain(policy).sentences { Console.result(sentence) }
    guard Console.answer(to: "Do you approve these rules? Type yes to sign:")?.lowercased() == "yes" else {
      throw CloisterError(
        .wrongArguments, "\(harmless(file)): not approved, so nothing was written",
        hint: "type yes to approve; in a script, --yes gives the answer of the person who read the rules")
    }
  }
}
