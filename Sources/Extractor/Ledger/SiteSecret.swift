internal import Shared

/// The site's secret, with which it draws which cells are withheld to protect others. Whoever knows the program and
/// the release, but not the secret, can't run the choice backwards. The secret also authenticates the ledger's lines.
///
/// The secret is kept beside the ledger, so that all of a site's releases draw alike. It is a file of 64 hexadecimal
/// digits that only its owner may read.
struct SiteSecret: Sendable {
  private let key: [UInt8]
  /// SHA-256 of the file that holds the secret, as it appears in the manifest; nil if the secret is not kept.
  let fileSHA256: String?

  private static let digits = 64

  /// A secret for one run, which is not kept.
  static func fresh() -> SiteSecret {
    SiteSecret(randomText(), fileSHA256: nil)
  }

  /// The secret of a ledger that is about to get a release. Makes it on first use.
  ///
  /// - Throws: status 77 if the secret is missing although the ledger has releases; 78 if other users may read the
  ///   secret or the file doesn't hold one; 73 if it can't be written.
  static func begun(beside ledger: String) throws(CloisterError) -> SiteSecret {
    if let kept = try kept(beside: ledger) { return kept }
    try writeNewFile(Array((randomText() + "\n").utf8), to: file(beside: ledger), permissions: 0o600)
    return try SiteSecret(file: file(beside: ledger))
  }

  /// The secret of a ledger; nil if the ledger has no releases and no secret yet.
  ///
  /// - Throws: status 77 if the secret is missing although the ledger has releases; 78 if other users may read the
  ///   secret or the file doesn't hold one.
  static func kept(beside ledger: String) throws(CloisterError) -> SiteSecret? {
    let file = file(beside: ledger)
    if FileStatus(of: file) != nil { return try SiteSecret(file: file) }
    guard FileStatus(of: ledger)?.size ?? 0 == 0 else {
      throw CloisterError(
        .releaseRefused, "\(harmless(file)): the site's secret is missing, but the ledger has releases",
        hint: "restore the file from a backup; docs/disclosure-rules.md, rule 8, says what to do if it is lost")
    }
    return nil
  }

  static func file(beside ledger: String) -> String { "\(ledger).secret" }

  private static func randomText() -> String {
    let random = SecureRandom()
    let bytes = (0..<4).map { _ in random.next() }.flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    return SHA256.hexadecimal(bytes)
  }

  init(_ text: String, fileSHA256: String?) {
    key = Array(text.utf8)
    self.fileSHA256 = fileSHA256
  }

  private init(file path: String) throws(CloisterError) {
    let name = harmless(path)
    let bytes = try readFile(path, name: name, limit: 1 << 10, isSecret: true, refusal: .policyOrKeyWrong)
    let key = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
    guard key.count == Self.digits, key.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
      throw CloisterError(
        .policyOrKeyWrong, "\(name): this is not a site's secret, which has \(Self.digits) hexadecimal digits",
        hint: "restore the file from a backup")
    }
    self.init(String(decoding: key, as: UTF8.self), fileSHA256: SHA256.hexadecimal(bytes))
  }

  /// A code that only somebody with the secret can compute for these bytes.
  func authentication(of bytes: [UInt8]) -> String {
    let own = Array(SHA256.hexadecimal(key + Array("ledger".utf8)).utf8)
    return SHA256.authentication(of: bytes, key: own)
  }

  /// A number over 0 and under 1 for a purpose and a name: always the same with the same secret, and unpredictable
  /// without it.
  func unit(_ purpose: String, _ name: String) -> Double {
    let bits = SHA256.leadingBits(key + Array(purpose.utf8) + [0] + Array(name.utf8))
    return (Double(bits >> 12) + 0.5) * 0x1p-52
  }
}
