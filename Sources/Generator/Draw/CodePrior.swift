internal import Shared
internal import Synchronization

/// How often codes occur in hospitals at large. A bundle doesn't say which codes of a group occur, so this public
/// knowledge decides which of them are likely.
///
/// A file holds sections, such as `[diagnosis 9]` or `[drug]`. Each line of a section holds the beginning of a code and
/// a number. A diagnosis has two numbers: as the main diagnosis and as another one. If several lines match a code, the
/// one with the longest beginning applies. A line's number is divided among its codes. Unspecified codes and the first
/// treatment of an injury get more of it.
final class CodePrior: Sendable {
  private let rates: [String: [String: (main: Double, other: Double)]]
  /// What has been computed for a whole classification.
  private let found = Mutex<[String: [(main: Double, other: Double)]]>([:])

  /// The rate of a code that no line matches.
  private static let rareRate = 0.0005

  /// The prior that is built into the program.
  static let builtIn: CodePrior = {
    guard let prior = try? CodePrior(parsing: PackageResources.Prior_txt, name: "Prior.txt") else {
      preconditionFailure("the built-in prior is malformed")
    }
    return prior
  }()

  /// - Throws: status 65, with the line, if the text is malformed.
  init(parsing bytes: [UInt8], name: String) throws(CloisterError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CloisterError(.inputRefused, "\(name): the file is not UTF-8", hint: "save it as UTF-8")
    }
    var rates: [String: [String: (main: Double, other: Double)]] = [:]
    var section: String?
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      if line.isEmpty || line.hasPrefix("#") { continue }
      if line.hasPrefix("["), line.hasSuffix("]") {
        section = String(line.dropFirst().dropLast())
        guard Self.sections.contains(section ?? "") else { throw Self.error(name, number, "this section is unknown") }
        continue
      }
      guard let section else { throw Self.error(name, number, "there is no section before this line") }
      let isDiagnosis = section.hasPrefix("diagnosis")
      var words = line.split(separator: " ", omittingEmptySubsequences: false)[...]
      var numbers: [Double] = []
      while numbers.count < (isDiagnosis ? 2 : 1), let word = words.popLast() {
        guard let rate = Double(word), rate.isFinite, rate >= 0 else {
          throw Self.error(name, number, "a number is missing, negative or not a number")
        }
        numbers.insert(rate, at: 0)
      }
      let code = words.joined(separator: " ")
      guard !code.isEmpty else { throw Self.error(name, number, "the code is missing") }
      rates[section, default: [:]][code] = (numbers[0], numbers[numbers.count - 1])
    }
    self.rates = rates
  }

  private static let sections = ["diagnosis 9", "diagnosis 10", "procedure 9", "procedure 10", "drug"]

  private static func error(_ name: String, _ line: Int, _ what: String) -> CloisterError {
    CloisterError(
      .inputRefused, "\(name) line \(line + 1): \(what)",
      hint: "write sections such as [diagnosis 9] with lines such as 428 28 125; docs/runs.md shows an example")
  }

  /// The names in a section, with their numbers.
  func names(in section: String) -> [(name: String, rate: Double)] {
    (rates[section] ?? [:]).inByteOrder().map { (name: $0.key, rate: $0.value.main) }
  }

  /// How often each code of a whole classification occurs in 1,000 admissions.
  ///
  /// - Parameter asMain: whether to use the rates for main diagnoses.
  func rates(of codes: [(code: String, title: String)], in section: String, asMain: Bool) -> [Double] {
    let rates = found.withLock { $0[section] } ?? computedRates(of: codes, in: section)
    found.withLock { $0[section] = rates }
    return rates.map { asMain ? $0.main : $0.other }
  }

  private func computedRates(
    of codes: [(code: String, title: String)], in section: String
  ) -> [(main: Double, other: Double)] {
    let known = rates[section] ?? [:]
    let longest = known.keys.map(\.utf8.count).max() ?? 0
    var lines: [String] = []
    var sums: [String: Double] = [:]
    let factors = codes.map { code, title in
      let beginnings = (0..<min(longest, code.utf8.count)).lazy.map { String(code.prefix(longest - $0)) }
      lines.append(beginnings.first { known[$0] != nil } ?? "")
      let factor = Self.factor(title)
      sums[lines[lines.count - 1], default: 0] += factor
      return factor
    }
    return zip(lines, factors).map { line, factor in
      guard let rate = known[line], let sum = sums[line], sum > 0 else {
        return (Self.rareRate * factor, Self.rareRate * factor)
      }
      return (max(rate.main, 1e-6) * factor / sum, max(rate.other, 1e-6) * factor / sum)
    }
  }

  /// How much more often than its neighbours a code is used, judging by its title. Works on bytes, because a dictionary
  /// has 97,000 titles and searching texts would take seconds.
  private static func factor(_ title: String) -> Double {
    let text = title.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 0x20 : $0 }
    func contains(_ part: String) -> Bool {
      let last = text.count - part.utf8.count
      return last >= 0 && (0...last).contains { text[$0...].starts(with: part.utf8) }
    }
    func hasSuffix(_ part: String) -> Bool { text.suffix(part.utf8.count).elementsEqual(part.utf8) }
    let isVague = ["unspecified", "not otherwise specified", "without mention of", "without complication"]
      .contains(where: contains)
    let isOther = text.split(separator: UInt8(ascii: " ")).contains { $0.elementsEqual("other".utf8) }
    var factor = isVague ? 6 : isOther ? 2 : 1.0
    if hasSuffix("initial encounter") { factor *= 10 }
    if contains("subsequent encounter") { factor *= 0.3 }
    if hasSuffix("sequela") { factor *= 0.2 }
    return factor
  }
}
