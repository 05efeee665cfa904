internal import Shared

/// What `plan` and `extract` have in common: where the records, or the counts of them, are.
struct ReleaseInput: Sendable {
  let source: Source
  /// How many threads read and count.
  let threads: Int

  enum Source: Sendable {
    /// A folder of exported tables.
    case tables(String)
    /// A folder of what a hospital's own engine counted.
    case counts(String)
  }
}

/// The extractor's whole way, read → tally → protect → seal. Each arrow hands over a type that only the step before it
/// can make.
func extract(
  _ input: ReleaseInput, approved: ApprovedPolicy, seal: borrowing Seal, ledgerFile: String?,
  into bundle: consuming OutputFolder, _ signals: HeldSignals
) throws(CloisterError) -> ReleaseSummary {
  let policy = approved.policy
  let ledger = try ledgerFile.map { file throws(CloisterError) in try Ledger(file, site: seal.site) }
  try requireLedger(ledger, for: policy)
  let earlier = try ledger?.earlierReleases() ?? []
  let protected = try protectedStatistics(input, policy, after: earlier)
  let summary = ReleaseSummary(protected, policy)
  try sealBundle(protected, policy: approved, seal: seal, ledger: ledger, after: earlier.last, into: bundle, signals)
  return summary
}

/// Noise is worth what the sum of all releases costs, so that each must be written down.
func requireLedger(_ ledger: Ledger?, for policy: Policy) throws(CloisterError) {
  if let ledger { return try ledger.requireRoom(for: policy.protection.noise) }
  guard policy.protection.noise == nil else {
    throw CloisterError(
      .releaseRefused, "a release with noise needs a ledger, which adds up what all releases cost",
      hint: "name the site's ledger with --ledger; a file that does not exist yet begins one")
  }
}

/// The same way up to the seal: what would leave, and what would not.
func plan(_ input: ReleaseInput, _ policy: Policy, ledgerFile: String?) throws(CloisterError) -> ReleaseSummary {
  let ledger = try ledgerFile.map { file throws(CloisterError) in try Ledger(file, site: nil) }
  try ledger?.requireRoom(for: policy.protection.noise)
  return ReleaseSummary(try protectedStatistics(input, policy, after: try ledger?.earlierReleases() ?? []), policy)
}

/// The SQL by which a hospital's own engine counts what a release needs.
func countsScript(
  policy: Policy, _ schema: SourceSchema, _ dialect: SQLDialect, mapping: SourceMapping, ledgerFile: String?
) throws(CloisterError) -> CountsScript {
  try refuseEvaluation(policy)
  let earlier = try ledgerFile.map { file throws(CloisterError) in try Ledger(file, site: nil).earlierReleases() } ?? []
  var random = SecureRandom()
  return CountsScript(
    policy: policy.counting(earlier), schema: schema, dialect: dialect, mapping: mapping,
    salt: Lots(&random).salt)
}

private func refuseEvaluation(_ policy: Policy) throws(CloisterError) {
  guard !policy.isForEvaluation else {
    throw CloisterError(
      .policyOrKeyWrong, "the policy's tables count what only an evaluation of synthetic records finds out",
      hint: "use cloister-extractor evaluate, or a policy without such tables; policies/README.md says which they are")
  }
}

private func protectedStatistics(
  _ input: ReleaseInput, _ policy: Policy, after earlier: [EarlierRelease]
) throws(CloisterError) -> ProtectedStatistics {
  try refuseEvaluation(policy)
  var random = SecureRandom()
  switch (input.source, policy.protection.noise) {
  case (.tables(let folder), nil):
    let records = try readRecords(folder, policy.counting(earlier), threads: input.threads)
    return try protectedStatistics(records, policy, after: earlier, threads: input.threads)
  case (.tables(let folder), let noise?):
    let records = try readRecords(folder, policy, threads: input.threads)
    let bounded = try boundedTally(records, policy, noise, Lots(&random), threads: input.threads)
    return try protect(bounded, under: policy, &random)
  case (.counts(let folder), nil):
    let counts = try readCounts(CountsFolder(folder), policy: policy.counting(earlier))
    return try protect(counts, under: policy, after: earlier, threads: input.threads)
  case (.counts(let folder), let noise?):
    return try protect(try boundedTally(CountsFolder(folder), policy, noise), under: policy, &random)
  }
}

private func readRecords(_ path: String, _ policy: Policy, threads: Int) throws(CloisterError) -> HospitalRecords {
  let folder = try InputFolder(path, threads: threads)
  for name in folder.doubled { Console.note("note: \(name) is there plain and as .gz; the plain file is read") }
  return try readHospital(folder, policy: policy)
}

/// Counts and protects without noise.
func protectedStatistics(
  _ records: HospitalRecords, _ policy: Policy, after earlier: [EarlierRelease], threads: Int
) throws(CloisterError) -> ProtectedStatistics {
  let counted = policy.counting(earlier)
  let grouped = policy.protection.rollsUpCodes ? rollUpCodes(records, counted, threads: threads) : records
  return try protect(
    tally(grouped, policy: counted, threads: threads), under: policy, after: earlier, threads: threads)
}

func readPolicy(_ path: String) throws(CloisterError) -> Policy {
  let name = Console.harmless(path)
  return try Policy(
    parsing: try readFile(path, name: name, limit: 1 << 16, refusal: .policyOrKeyWrong), file: name)
}

/// What `policy approve` wrote beside a policy.
func readApprovals(_ path: String) throws(CloisterError) -> [UInt8] {
  try readFile(
    path, name: Console.harmless(path), limit: BundleLayout.limits[BundleLayout.approvals] ?? 0,
    refusal: .policyOrKeyWrong)
}

/// What a person at the hospital is told about a release: numbers of cells, no cell.
struct ReleaseSummary: Sendable {
  let guarantee: String
  let schema: SourceSchema
  let losses: [TableLoss]
  /// Tables of the policy that the source can't fill, by name.
  let tablesLeftOut: [String]

  init(_ protected: borrowing ProtectedStatistics, _ policy: Policy) {
    let schema = protected.statistics.schema
    self.schema = schema
    guarantee = protected.guarantee
    losses = protected.losses
    tablesLeftOut = policy.release.filter { !$0.attributes.allSatisfy(schema.holds) }
      .map { PublishedTable.name(of: $0.attributes) }
  }
}
