import Shared

/// Any bytes must be read as a key or certificates, or be refused with status 78. Encrypted keys are refused without
/// trying a passphrase, because stretching one takes a fifth of a second.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzKeys(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 0 else { return 0 }
  judge(start[0], Array(UnsafeBufferPointer(start: start + 1, count: count - 1)))
  return 0
}

private func judge(_ kind: UInt8, _ bytes: [UInt8]) {
  do throws(CloisterError) {
    if kind % 2 == 0 {
      let trust = try TrustStore(files: [("certificate.pem", bytes)])
      precondition(trust.names.allSatisfy { !$0.isEmpty })
    } else {
      let key = try SigningKey(pem: bytes, name: "key.pem") { () throws(CloisterError) in
        throw CloisterError(.policyOrKeyWrong, "no passphrase", hint: "")
      }
      precondition((try? key.pem(Passphrase.none()))?.isEmpty == false)
    }
  } catch { precondition(error.status == .policyOrKeyWrong) }
}
