import Shared

/// The first byte says what the others are: a manifest, statistics, a signature, approvals or a time stamp. A manifest
/// or statistics that can be read must read the same after it is written out again. If nobody is trusted, no signature
/// or time stamp may be accepted.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBundle(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 0 else { return 0 }
  let bytes = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
  switch start[0] % 5 {
  case 0:
    guard let manifest = try? Manifest(parsing: bytes) else { break }
    precondition((try? Manifest(parsing: Array(manifest.formatted().utf8))) == manifest)
  case 1:
    guard let statistics = try? Statistics(parsing: bytes) else { break }
    precondition((try? Statistics(parsing: Array(statistics.formatted().utf8))) == statistics)
  case 2:
    precondition((try? DetachedSignature.verify(bytes, over: [], trusting: nobody())) == nil)
  case 3:
    precondition((try? DetachedSignature.verifyAll(bytes, over: [], trusting: nobody())) == nil)
  default:
    precondition((try? Timestamp.verify(bytes, over: [], trusting: nobody())) == nil)
  }
  return 0
}

private func nobody() -> TrustStore {
  guard let nobody = try? TrustStore(files: []) else { fatalError("an empty store can always be made") }
  return nobody
}
