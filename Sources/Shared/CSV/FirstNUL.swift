internal import Glibc

/// The place of the first NUL byte among the first `count` bytes; nil if there is none. Text never has one.
func firstNUL(in bytes: [UInt8], count: Int) -> Int? {
  unsafe bytes.withUnsafeBytes { bytes in
    guard let start = bytes.baseAddress, let found = unsafe memchr(start, 0, count) else { return nil }
    return unsafe UnsafeRawPointer(found) - start
  }
}
