internal import Shared

/// Writes the SQL with which a hospital's own database counts what a release needs.
func countsScript(
  policy: Policy, _ schema: SourceSchema, _ dialect: SQLDialect, mapping: SourceMapping, ledgerFile: String?
) throws(CloisterError) -> CountsScript {
  try refuseEvaluation(policy)
  let earlier = try ledgerFile.map { file throws(CloisterError) in try Ledger(file, site: nil).earlierReleases() } ?? []
  var random = SecureRandom()
  return CountsScript(
    policy: try policy.counting(earlier.about(schema)), schema: schema, dialect: dialect, mapping: mapping,
    kept: earlier.codeCategories(for: policy)[schema] ?? .none, salt: Lots(&random).salt)
}
