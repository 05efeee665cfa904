internal import Shared

/// The input of `plan` and `extract`: where the records or their counts are.
struct ReleaseInput: Sendable {
  let source: Source
  /// The number of threads that read and count.
  let threads: Int
  /// What separates the fields of the exported tables.
  var separator = CSVSeparator.comma
  let progress: Progress

  enum Source: Sendable {
    /// A folder of exported tables.
    case tables(String)
    /// A folder of counts that a hospital's own database computed.
    case counts(String)
  }
}

/// Runs an extraction: read → tally → protect → seal. Each step takes a type that only the step before it can make.
func extract(_ input: ReleaseInput, _ release: consuming PreparedRelease) throws(CloisterError) -> SealedRelease {
  let policy = release.policy
  let past = try PastReleases(release.ledgerFile, site: release.seal.site, isSealing: true, for: policy)
  let counts = try countedCells(input, policy, after: past)
  let minimum = policy.protection.noise == nil ? policy.protection.minimumPatients : nil
  if !release.seal.codesAreConfirmed { try requireWholeCodes(counts.report, minimum: minimum) }
  let protected = try protect(
    counts, under: policy, after: past.releases, drawnWith: release.secret, input)
  let summary = ReleaseSummary(
    protected, policy, report: counts.report, notes: counts.report.notesForLog(minimum: minimum))
  return SealedRelease(
    summary: summary, ending: try sealBundle(protected, release, after: past), number: past.ledger?.next.sequence)
}

/// Runs the same steps except the seal, and returns a summary of what would be published and what would not.
///
/// - Parameter secret: the site's secret; nil if there is none yet, so that another one is drawn for the release.
func plan(
  _ input: ReleaseInput, _ policy: Policy, ledgerFile: String?, drawnWith secret: SiteSecret?
) throws(CloisterError) -> ReleaseSummary {
  let past = try PastReleases(ledgerFile, site: nil, isSealing: false, for: policy)
  let counts = try countedCells(input, policy, after: past)
  let protected = try protect(
    counts, under: policy, after: past.releases, drawnWith: secret ?? .fresh(), input)
  let mayDiffer = secret == nil && policy.protection.noise == nil
  let notes = counts.report.notes + (mayDiffer ? [drawsDiffer] : [])
  return ReleaseSummary(protected, policy, report: counts.report, notes: notes)
}

/// Refuses codes that seem to have lost their leading zeros, unless the user says that they are whole.
///
/// - Throws: status 65.
private func requireWholeCodes(_ report: DataReport, minimum: Int?) throws(CloisterError) {
  guard let doubt = report.doubtsForLog(minimum: minimum).first else { return }
  throw CloisterError(
    .inputRefused, "\(doubt); did the export change leading zeros?",
    hint: "export the codes as text; if they are whole as they are, repeat with --codes-are-whole, which the manifest "
      + "records")
}

/// What `plan` says if it had to make up a secret.
private let drawsDiffer =
  "the cells withheld to protect others were drawn with a secret made up for this plan, so a release will withhold "
  + "others; to see the release's own, give the ledger of an earlier one"

/// Reads and tallies: returns the raw counts that a release and its comparison with earlier releases need.
private func countedCells(
  _ input: ReleaseInput, _ policy: Policy, after past: PastReleases
) throws(CloisterError) -> RawCounts {
  try refuseEvaluation(policy)
  let kept = past.releases.codeCategories(for: policy)
  var random = SecureRandom()
  switch (input.source, policy.protection.noise) {
  case (.tables(let path), let noise):
    let folder = try InputFolder(path, separator: input.separator, threads: input.threads, input.progress)
    let counted = try policy.counting(past.releases.about(folder.schema))
    let records = try readHospital(folder, policy: counted)
    let report = DataReport(records, ignored: folder.doubled)
    guard let noise else {
      return .exact(
        groupedTally(records, policy: counted, keeping: kept[records.schema] ?? .none, threads: input.threads), report)
    }
    return .bounded(try boundedTally(records, policy, noise, Lots(&random), threads: input.threads), report)
  case (.counts(let path), nil):
    let folder = try CountsFolder(path, keeping: kept, input.progress)
    let earlier = past.releases.about(try readSchema(folder, policy))
    let tally = try readCounts(folder, policy: try policy.counting(earlier))
    return .exact(tally, DataReport(tally))
  case (.counts(let path), let noise?):
    let bounded = try boundedTally(CountsFolder(path, input.progress), policy, noise)
    return .bounded(bounded, DataReport(bounded.tally))
  }
}

/// The counts, in the form that one of the two protections takes, with what was found in the input.
private enum RawCounts {
  case exact(Tally, DataReport)
  case bounded(BoundedTally, DataReport)

  var report: DataReport {
    switch self {
    case .exact(_, let report), .bounded(_, let report): report
    }
  }
}

private func protect(
  _ counts: RawCounts, under policy: Policy, after earlier: [EarlierRelease], drawnWith secret: SiteSecret,
  _ input: ReleaseInput
) throws(CloisterError) -> ProtectedStatistics {
  switch counts {
  case .exact(let tally, _):
    return try protect(
      tally, under: policy, after: earlier, drawnWith: secret, threads: input.threads, input.progress)
  case .bounded(let tally, _):
    var random = SecureRandom()
    return try protect(tally, under: policy, &random)
  }
}

/// Refuses a policy with tables that only an evaluation can fill.
///
/// - Throws: status 78.
func refuseEvaluation(_ policy: Policy) throws(CloisterError) {
  guard !policy.isForEvaluation else {
    throw CloisterError(
      .policyOrKeyWrong, "the policy has tables that only an evaluation of synthetic records can fill",
      hint: "use cloister-extractor evaluate, or a policy without them; docs/evaluation.md lists their attributes")
  }
}

/// The outcome of a release, with its summary.
struct SealedRelease: Sendable {
  let summary: ReleaseSummary
  let ending: SealEnding
  /// The release's number in the ledger; nil without one.
  let number: Int?
}

extension DataReport {
  /// What counts from a warehouse tell: only the codes.
  fileprivate init(_ tally: Tally) {
    var uses: [String: [String: Int]] = [:]
    for attribute in [Attribute.mainDiagnosis, .diagnosis, .procedure] {
      let tables = tally.tables.filter { $0.request.attributes.contains(attribute) }
      guard let table = tables.min(by: { $0.request.attributes.count < $1.request.attributes.count }),
        let axis = table.request.attributes.firstIndex(of: attribute), let group = attribute.titleGroup
      else { continue }
      for cell in table.cells {
        uses[group, default: [:]][table.categories[axis][Int(cell.ids[axis])], default: 0] += cell.admissions
      }
    }
    self.init(tally.schema, admissions: tally.admissions, uses: uses, tally.titles)
  }
}
