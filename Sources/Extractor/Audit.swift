internal import Shared

/// Reads a bundle's statistics and policy, and attacks the statistics with no other information.
///
/// - Throws: status 66 if a file is missing, 76 if a file breaks the format or the tables contradict each other, 78 if
///   the policy is invalid.
func attackBundle(_ path: String, _ progress: @escaping Progress) throws(CloisterError) -> AttackReport {
  let policy = try Policy(parsing: try file(BundleLayout.policy, of: path), file: BundleLayout.policy)
  let statisticsBytes = try file(BundleLayout.statistics, of: path)
  let statistics: Statistics
  do throws(FormatError) {
    statistics = try Statistics(parsing: statisticsBytes)
  } catch {
    throw CloisterError(
      .bundleRefused, "\(BundleLayout.statistics): \(error.text)", hint: "the bundle is damaged; ask for it again")
  }
  if let noise = policy.protection.noise {
    return AttackReport(
      tables: statistics.tables.count, cells: statistics.tables.reduce(0) { $0 + $1.cells.count },
      minimumPatients: statistics.minimumPatients, exposures: [], narrowest: [], epsilon: noise.epsilon)
  }
  let findings = attack(statistics, under: policy, AttackProgress(progress))
  guard let findings else {
    throw CloisterError(
      .bundleRefused, "the tables contradict each other: no counts fit all of them",
      hint: "ask for the bundle again; it was changed, or not made by this version of cloister-extractor")
  }
  return AttackReport(
    tables: statistics.tables.count, cells: statistics.tables.reduce(0) { $0 + $1.cells.count },
    minimumPatients: statistics.minimumPatients,
    exposures: findings.exposures.sorted {
      ($0.high - $0.low, ByteOrdered($0.what)) < ($1.high - $1.low, ByteOrdered($1.what))
    },
    narrowest: findings.narrowest, epsilon: nil)
}

private func file(_ name: String, of bundle: String) throws(CloisterError) -> [UInt8] {
  try readFile(
    "\(bundle)/\(name)", name: harmless(bundle, file: name), limit: BundleLayout.limits[name] ?? 0,
    refusal: .bundleRefused)
}
