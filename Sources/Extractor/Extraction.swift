internal import Shared

/// What `plan` and `extract` have in common: where the records are and what the policy says.
struct ReleaseInput: Sendable {
  let folder: String
  /// How many threads read and count.
  let threads: Int
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

private func protectedStatistics(
  _ input: ReleaseInput, _ policy: Policy, after earlier: [EarlierRelease]
) throws(CloisterError) -> ProtectedStatistics {
  guard !policy.isForEvaluation else {
    throw CloisterError(
      .policyOrKeyWrong, "the policy's tables count what only an evaluation of synthetic records finds out",
      hint: "use cloister-extractor evaluate, or a policy without such tables; policies/README.md says which they are")
  }
  let counted = policy.counting(earlier)
  let folder = try InputFolder(input.folder, threads: input.threads)
  for name in folder.doubled { Console.note("note: \(name) is there plain and as .gz; the plain file is read") }
  let records = try readHospital(folder, policy: counted)
  guard let noise = policy.protection.noise else {
    return try protectedStatistics(records, policy, after: earlier, threads: input.threads)
  }
  var random = SecureRandom()
  let bounded = try boundedTally(records, policy, noise, Lots(&random), threads: input.threads)
  return try protect(bounded, under: policy, &random)
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
