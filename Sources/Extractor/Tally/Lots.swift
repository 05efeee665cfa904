internal import Shared

/// The lots that records draw: SHA-256 of a release's random text and the record's id. A warehouse draws the same lots.
struct Lots: Sendable {
  let salt: String

  init(salt: String) { self.salt = salt }

  /// Makes a fresh random text of 128 bits.
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
