internal import Shared

/// Opens a bundle: reads it, verifies it, and refuses one that is older than what was accepted of its site before.
///
/// - Parameter memory: the file that remembers what was accepted; nil: the usual one.
func acceptedBundle(_ path: String, _ trust: Trust, memory: String?) throws(CloisterError) -> VerifiedBundle {
  let bundle = try verifyBundle(try UnverifiedBundle(path), trust)
  var sites = try SiteMemory(memory)
  if let note = try sites.accept(bundle) { Console.note("note: \(note)") }
  return bundle
}
