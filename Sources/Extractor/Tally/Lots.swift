internal import Shared

/// Lots that records draw, by a random text of a release: SHA-256 of that text and what the record is called. A warehouse draws the same.
struct Lots: Sendable {
  let salt: String

  init(salt: String) { self.salt = salt }

  /// With a fresh text of 128 random bits.
  init(_ random: inout some RandomNumberGenerator) {
    let bits: [UInt64] = [random.next(), random.next()]
    self.init(
      salt: bits.map { String(repeating: "0", count: $0.leadingZeroBitCount / 4) + String($0, radix: 16) }.joined())
  }

  func lot(_ admission: Int) -> UInt64 { SHA256.leadingBits(Array("\(salt):\(admission)".utf8)) }

  func lot(_ admission: Int, _ attribute: Attribute, code: String) -> UInt64 {
    SHA256.leadingBits(Array("\(salt):\(admission):\(attribute.rawValue):\(code)".utf8))
  }
}
