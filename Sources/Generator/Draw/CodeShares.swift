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
    func draw(for draft: Draft, without main: String, _ random: inout SeededRandom) -> [String] {
      let left = codes.firstIndex(of: main)
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
  ///   - hasOwnTable: whether the counts cover all admissions, not only those with a published main diagnosis.
  init(
    _ attribute: Attribute, _ counts: [String: Double], _ admissions: Double, _ rows: [[String]: [String: Double]],
    _ mains: [String: Double], hasOwnTable: Bool
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
    // If the attribute has a table of its own, admissions with other main diagnoses get this remainder.
    if hasOwnTable, !rows.isEmpty {
      let rest = left.reduce(into: [String: Double]()) { rest, entry in
        let size = others[entry.key] ?? 0
        if entry.value > 0, size > 0 { rest[entry.key] = min(1, entry.value / size) * admissions }
      }
      atLarge = List(rest, of: admissions, attribute)
    } else {
      atLarge = List(counts, of: admissions, attribute)
    }
    byMain = rows.reduce(into: [:]) { lists, row in
      let size = mains[row.key[0]] ?? admissions
      var filled = row.value
      for (code, count) in left where filled[code] == nil && count > 0 {
        let share = others[code].map { $0 > 0 ? count / $0 : 0 } ?? 0
        if share > 0 { filled[code] = min(1, share) * size }
      }
      lists[row.key[0]] = List(filled, of: size, attribute)
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
