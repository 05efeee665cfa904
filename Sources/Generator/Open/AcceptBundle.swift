internal import Shared

/// Opens a bundle: reads it, verifies it, and refuses one that is older than what was accepted of its site before.
///
/// - Parameter memory: the file that remembers what was accepted; nil: the usual one.
/// - Returns: the bundle, and what a person should know of it, nil for nothing.
func acceptedBundle(
  _ path: String, _ trust: Trust, memory: String?
) throws(CloisterError) -> (bundle: VerifiedBundle, note: String?) {
  let bundle = try verifyBundle(try UnverifiedBundle(path), trust)
  var sites = try SiteMemory(memory)
  return (bundle, try sites.accept(bundle))
}
