import Shared

/// Any bytes are a policy or are refused with a place; a policy that is read twice is the same.
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
