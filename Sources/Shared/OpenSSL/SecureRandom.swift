internal import COpenSSL

/// Random numbers from OpenSSL, seeded by the operating system, taken in blocks of 4 KiB and wiped as they are used.
///
/// Callers cannot set a seed, so nobody can draw the same noise again and subtract it. Two threads must not use a value
/// at the same time.
@safe package final class SecureRandom: RandomNumberGenerator {
  private var block = [UInt64](repeating: 0, count: 512)
  private var used = 512

  package init() {}

  deinit { for place in block.indices { block[place] = 0 } }

  package func next() -> UInt64 {
    if used == block.count { refill() }
    defer {
      block[used] = 0
      used += 1
    }
    return block[used]
  }

  private func refill() {
    let status = unsafe block.withUnsafeMutableBytes { bytes in
      unsafe RAND_bytes(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(bytes.count))
    }
    precondition(status == 1, "the operating system provides no randomness")
    used = 0
  }
}
