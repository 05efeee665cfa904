internal import COpenSSL

/// SHA-256 of bytes that arrive in pieces.
@safe package final class RunningDigest {
  private let context: OpaquePointer?

  package init() {
    unsafe context = EVP_MD_CTX_new()
    let isBegun = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    precondition(isBegun, "libcrypto has no SHA-256")
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  package func add(_ bytes: [UInt8]) {
    let status = unsafe bytes.withUnsafeBytes { input in
      unsafe EVP_DigestUpdate(context, input.baseAddress, input.count)
    }
    precondition(status == 1, "the digest can't go on")
  }

  /// The digest of everything added, as 64 lower-case hexadecimal digits. Nothing can be added afterwards.
  package func hexadecimal() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    let status = unsafe EVP_DigestFinal_ex(context, &digest, nil)
    precondition(status == 1, "the digest can't be ended")
    return SHA256.hexadecimal(of: digest)
  }
}
