internal import Shared

/// Reads and verifies a bundle, and refuses one that is older than the last release accepted from its site.
///
/// - Parameters:
///   - memory: the file that remembers accepted releases; nil for the default file.
///   - mostStatistics: the largest `statistics.json` to read, in MiB.
/// - Returns: the bundle, and a note about it for the user, or nil if there is no note.
func acceptedBundle(
  _ path: String, _ trust: Trust, memory: String?, mostStatistics: Int
) throws(CloisterError) -> (bundle: VerifiedBundle, note: String?) {
  let bundle = try verifyBundle(try UnverifiedBundle(path, mostStatistics: mostStatistics), trust)
  var sites = try SiteMemory(memory, isToBeWritten: true)
  return (bundle, try sites.accept(bundle))
}
