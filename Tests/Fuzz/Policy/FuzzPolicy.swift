import Shared

/// Any input must be read as a policy that keeps its exact bytes, or be refused with the place of the mistake.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPolicy(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do throws(CloisterError) {
    let policy = try Policy(parsing: bytes, file: "policy.yaml")
    precondition(policy.bytes == bytes && !policy.release.isEmpty)
  } catch {
    precondition(error.status == .policyOrKeyWrong && error.what.hasPrefix("policy.yaml line "))
  }
  return 0
}
