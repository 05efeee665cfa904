internal import Shared

/// How often the codes of one kind begin with a zero. Spreadsheets and data frames read `0389` as the number 389, which
/// is another code, so a table whose codes have lost their zeros gives wrong counts.
struct LeadingZeros: Equatable, Sendable {
  /// `diagnosis` or `procedure`.
  let group: String
  /// How many times admissions have an ICD-9 code that begins with a digit.
  private(set) var uses = 0
  private(set) var usesWithZero = 0
  /// Different codes that no dictionary has.
  private(set) var unknownCodes = 0
  /// Those of them that ICD-9 has with a zero before them, and how many times admissions have one.
  private(set) var codesWithoutZero = 0
  private(set) var usesWithoutZero = 0
  /// Those of the unknown codes that ICD-9 has without the zeros before them.
  private(set) var paddedCodes = 0

  /// - Parameters:
  ///   - uses: for each category, how many admissions have it.
  ///   - titles: the hospital's own dictionary, which may have codes that ICD-9's last version no longer has.
  init(_ group: String, _ uses: [String: Int], _ titles: CodeTitles) {
    self.group = group
    for (category, count) in uses {
      let (version, code) = VersionedCode.parts(category)
      guard version == 9, let first = code.utf8.first, (0x30...0x39).contains(first) else { continue }
      self.uses += count
      if first == UInt8(ascii: "0") { usesWithZero += count }
      // A warehouse counts rare codes under groups, of which only the first digit is known.
      if category.hasSuffix("*") { continue }
      guard titles[group, category] == nil, ShippedDictionary.title(of: code, in: group) == nil else { continue }
      unknownCodes += 1
      let bare = String(code.drop { $0 == "0" })
      if bare != code, ShippedDictionary.title(of: bare, in: group) != nil { paddedCodes += 1 }
      guard ["0", "00"].contains(where: { ShippedDictionary.title(of: $0 + code, in: group) != nil }) else { continue }
      codesWithoutZero += 1
      usesWithoutZero += count
    }
  }

  /// Whether zeros before them explain at least half of the unknown codes.
  ///
  /// In whole tables, no unknown code had become a known one with a zero; in tables of categories, such as 250 for
  /// diabetes, a third did. In tables without leading zeros, all or nearly all do.
  var areMostlyLost: Bool { codesWithoutZero > 0 && codesWithoutZero * 2 >= unknownCodes }

  /// In the real tables that we know, 2 to 7 in 100 codes begin with a zero. Among 400 codes with a share of 2 in 100,
  /// there is none with a probability of 1 in 3,000.
  private static let fewest = 400

  /// What is doubtful about the codes; nil if nothing is.
  ///
  /// - Parameter figure: how a number is written; in a log, small numbers are not given exactly.
  func doubt(_ figure: (Int) -> String = { "\($0)" }) -> String? {
    if uses >= Self.fewest, usesWithZero == 0 {
      return "none of \(figure(uses)) ICD-9 \(group) codes begins with 0, although 2 to 7 in 100 do in real tables"
    }
    if paddedCodes >= 3, paddedCodes * 2 >= unknownCodes {
      return "\(figure(paddedCodes)) different ICD-9 \(group) codes exist only without the zeros before them"
    }
    guard usesWithoutZero >= 5, areMostlyLost else { return nil }
    return
      "\(figure(codesWithoutZero)) different ICD-9 \(group) codes, used \(figure(usesWithoutZero)) times, "
      + "exist only with a zero before them"
  }
}

extension LeadingZeros {
  /// The leading zeros of a dictionary's own codes.
  init(ofCodesIn titles: CodeTitles, _ group: String) {
    self.init(group, Dictionary(uniqueKeysWithValues: titles.codes(in: group).map { ($0, 1) }), CodeTitles())
  }
}
