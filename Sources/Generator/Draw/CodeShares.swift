internal import Shared

/// The share of admissions that have each code, overall and for each main diagnosis.
struct CodeShares: Sendable {
  private let atLarge: List
  private let byMain: [String: List]

  /// Codes in byte order, with their shares.
  struct List: Sendable {
    let codes: [String]
    let shares: [Double]
    let limits: [CodeLimits]

    init(_ counts: [String: Double], of admissions: Double, _ attribute: Attribute) {
      let sorted = counts.inByteOrder()
      codes = sorted.map(\.key)
      shares = sorted.map { admissions > 0 ? min(1, $0.value / admissions) : 0 }
      limits = codes.map { CodeLimits(of: $0, attribute) }
    }

    /// Draws each code independently, with its share as the probability.
    ///
    /// - Parameter main: the main diagnosis, a code that is not drawn.
    func draw(for draft: Draft, without main: String?, _ random: inout SeededRandom) -> [String] {
      // A group holds other codes than the main diagnosis too.
      let left = main.flatMap { CodeGroups.isGroup($0, .mainDiagnosis) ? nil : codes.firstIndex(of: $0) }
      var drawn: [String] = []
      for place in shares.indices where place != left && random.unit() < shares[place] && limits[place].fit(draft) {
        drawn.append(codes[place])
      }
      return drawn.shuffled(using: &random)
    }
  }

  /// - Parameters:
  ///   - counts: the number of admissions with each code, overall.
  ///   - rows: the published counts for each main diagnosis.
  ///   - mains: the number of admissions with each main diagnosis.
  ///   - usual: the most admissions with a code that a main diagnosis has if its cell is withheld.
  ///   - hasOwnTable: whether the counts cover all admissions, not only those with a published main diagnosis.
  init(
    _ attribute: Attribute, _ counts: [String: Double], _ admissions: Double, _ rows: [[String]: [String: Double]],
    _ mains: [String: Double], usual: Double, hasOwnTable: Bool
  ) {
    // The part of a code's count that no main diagnosis accounts for is spread evenly over the admissions whose main
    // diagnosis has no published cell for the code.
    var left = counts
    var others = counts.mapValues { _ in admissions }
    for (main, row) in rows {
      for (code, count) in row {
        left[code, default: count] -= count
        others[code, default: admissions] -= mains[main[0]] ?? 0
      }
    }
    let outside = admissions - rows.keys.reduce(0) { $0 + (mains[$1[0]] ?? 0) }
    let named = Set(rows.values.flatMap(\.keys))
    let guesses = left.reduce(into: [String: Leftover]()) { guesses, entry in
      let size = others[entry.key] ?? 0
      guard entry.value > 0, size > 0 else { return }
      let isGuessed = hasOwnTable && named.contains(entry.key) && outside > 0
      let told = isGuessed ? rows.filter { $0.value[entry.key] == nil }.map { mains[$0.key[0]] ?? 0 } : []
      guesses[entry.key] = Leftover(
        entry.value, sizes: told, outside: isGuessed ? outside : 0, of: size, usual: usual,
        overall: (counts[entry.key] ?? 0) / max(admissions, 1))
    }
    // If the attribute has a table of its own, admissions with other main diagnoses get the remainder.
    let rest = guesses.mapValues { min(1, $0.shareOutside) * admissions }.filter { $0.value > 0 }
    atLarge = List(hasOwnTable && !rows.isEmpty ? rest : counts, of: admissions, attribute)
    byMain = rows.reduce(into: [:]) { lists, row in
      let size = mains[row.key[0]] ?? admissions
      let guessed = guesses.filter { row.value[$0.key] == nil }.mapValues { $0.count(of: size) }
      lists[row.key[0]] = List(row.value.merging(guessed) { own, _ in own }, of: size, attribute)
    }
  }

  func knows(_ main: String) -> Bool { byMain[main] != nil }

  func list(_ main: String) -> List { byMain[main] ?? atLarge }
}

extension CodeLimits {
  func fit(_ draft: Draft) -> Bool {
    self == .none
      || breach(gender: draft.categories[.gender], age: draft.categories[.ageBand].flatMap(Band.init)) == nil
  }
}

/// How often a code occurs where its cell is withheld, given what the published cells leave of all its admissions.
///
/// Most cells are withheld because they cover fewer than k patients. If some categories have no published cell with any
/// code, they may have what is left beyond that, as long as the code isn't much commoner there than overall. What is
/// left then is shared by all.
struct Leftover: Sendable {
  private let share: Double
  private let usual: Double
  private let extra: Double
  /// The share of admissions with the code in the categories without a published cell.
  let shareOutside: Double

  /// - Parameters:
  ///   - count: the admissions with the code that are left.
  ///   - sizes: the admissions of each category whose cell with the code is withheld, though others are published.
  ///   - outside: the admissions of the categories without a published cell; 0 if withheld cells are not thought small.
  ///   - size: all admissions that `count` is about.
  ///   - usual: the count that a cell is thought to have at most if it is withheld.
  ///   - overall: the share of all admissions that have the code.
  init(_ count: Double, sizes: [Double], outside: Double, of size: Double, usual: Double, overall: Double) {
    share = count / size
    guard outside > 0 else {
      (self.usual, extra, shareOutside) = (.infinity, 0, share)
      return
    }
    self.usual = usual
    let small = sizes.reduce(0) { [share] in $0 + min(usual, share * $1) }
    let most = outside * min(1, 2 * overall)
    let told = sizes.reduce(0, +)
    extra = told > 0 ? max(0, count - small - most) / told : 0
    shareOutside = min(count - small, told > 0 ? most : count) / outside
  }

  /// The admissions with the code in a category of this size whose cell is withheld.
  func count(of size: Double) -> Double { min(size, min(usual, share * size) + extra * size) }
}

extension Statistics {
  /// What a withheld cell is thought to count: half of the largest count that too few patients can have.
  var usualWithheldCount: Double { Double(max(1, minimumPatients - 1)) / 2 }
}
