internal import COpenSSL

/// OpenSSL's stream over bytes in memory. It is freed when the value is destroyed.
@safe package struct MemoryBIO: ~Copyable {
  package let raw: OpaquePointer

  /// A stream to write into.
  package init() {
    guard let bio = unsafe BIO_new(BIO_s_mem()) else { fatalError("out of memory") }
    unsafe raw = bio
  }

  /// A stream that reads the bytes.
  package init(reading bytes: [UInt8]) {
    self.init()
    let written = unsafe bytes.withUnsafeBytes { unsafe BIO_write(raw, $0.baseAddress, Int32($0.count)) }
    precondition(bytes.isEmpty || written == bytes.count, "out of memory")
  }

  deinit { unsafe BIO_free(raw) }

  /// The bytes that were written into the stream.
  package var bytes: [UInt8] {
    var start: UnsafeMutablePointer<CChar>?
    let count = unsafe cossl_bio_bytes(raw, &start)
    guard let start = unsafe start, count > 0 else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
  }
}
