internal import COpenSSL

/// SHA-256 (FIPS 180-4) by OpenSSL.
package enum SHA256 {
  /// The digest of the bytes as 64 lower-case hexadecimal digits.
  package static func hexadecimal(_ bytes: [UInt8]) -> String { hexadecimal(of: digest(bytes)) }

  /// Whether a text has the form of a digest.
  package static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// The first 64 bits of the digest, most significant byte first.
  package static func leadingBits(_ bytes: [UInt8]) -> UInt64 {
    digest(bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// HMAC-SHA256 (RFC 2104) of the bytes, as 64 lower-case hexadecimal digits.
  package static func authentication(of bytes: [UInt8], key: [UInt8]) -> String {
    var code = [UInt8](repeating: 0, count: 32)
    let made = unsafe key.withUnsafeBytes { key in
      unsafe bytes.withUnsafeBufferPointer { input in
        unsafe code.withUnsafeMutableBufferPointer { output in
          unsafe EVP_Q_mac(
            nil, "HMAC", nil, "SHA256", nil, key.baseAddress, key.count, input.baseAddress, input.count,
            output.baseAddress, output.count, nil)
        }
      }
    }
    precondition(unsafe made != nil, "libcrypto has no HMAC")
    return hexadecimal(of: code)
  }

  private static func digest(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    let status = unsafe bytes.withUnsafeBytes { input in
      unsafe digest.withUnsafeMutableBytes { output in
        unsafe EVP_Q_digest(
          nil, "SHA256", nil, input.baseAddress, input.count,
          output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
      }
    }
    precondition(status == 1, "libcrypto has no SHA-256")
    return digest
  }

  static func hexadecimal(of digest: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
