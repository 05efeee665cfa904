internal import Shared

/// A run's admissions, counted in the same tables as the bundle's.
struct RunCounts: Sendable {
  /// The counts by table, in the bundle's order.
  private(set) var tables: [[[String]: Int]]
  private(set) var admissions = 0
  /// Admissions that equal an earlier one in every category and code.
  private(set) var doubles = 0
  /// Categories and codes that contradict the rest of their admission, by attribute.
  private(set) var contradictions: [Attribute: Int] = [:]
  private(set) var choices = 0
  /// The ids of the patients with each combination of ethnicity and main diagnosis.
  private(set) var quasi: [[String]: Set<Int>] = [:]
  private let shapes: [[Attribute]]
  private let members: GroupMembers
  private let policy: Policy
  private var seen: Set<UInt64> = []

  init(_ statistics: Statistics, under policy: Policy, _ members: GroupMembers) {
    (self.members, self.policy) = (members, policy)
    shapes = statistics.tables.map(\.attributes)
    tables = statistics.tables.map { _ in [:] }
  }

  mutating func add(_ stays: [Stay]) {
    for stay in stays {
      let draft = counted(stay)
      admissions += 1
      let grouped = grouped(draft)
      for place in shapes.indices { for key in keys(shapes[place], grouped) { tables[place][key, default: 0] += 1 } }
      for attribute in Attribute.allCases {
        for choice in draft.categories[attribute].map({ [$0] }) ?? draft.codes[attribute] ?? [] {
          choices += 1
          if implausibility(of: choice, attribute, in: draft) != nil { contradictions[attribute, default: 0] += 1 }
        }
      }
      let main = draft.categories[.mainDiagnosis] ?? ""
      quasi[[draft.categories[.ethnicity] ?? "", main], default: []].insert(stay.patient.id)
      if !seen.insert(Self.fingerprint(draft)).inserted { doubles += 1 }
    }
  }

  /// The draft with the bands that only a finished admission has: those for its numbers of codes and for its place
  /// among the patient's admissions.
  private func counted(_ stay: Stay) -> Draft {
    var draft = stay.draft
    func band(_ attribute: Attribute, _ number: Int) {
      draft.categories[attribute] = policy.bands(of: attribute)?.first { $0.contains(number) }?.label
    }
    let mains = Set(draft.categories[.mainDiagnosis].map { $0 == missingCategory ? [] : [$0] } ?? [])
    band(.diagnosisCountBand, mains.union(draft.codes[.diagnosis] ?? []).count)
    band(.procedureCountBand, draft.codes[.procedure]?.count ?? 0)
    band(.drugCountBand, draft.codes[.drug]?.count ?? 0)
    band(.admissionNumberBand, stay.rank + 1)
    return draft
  }

  /// The draft with the categories under which the bundle counts its codes.
  private func grouped(_ draft: Draft) -> Draft {
    var grouped = members.counted(draft)
    for (attribute, codes) in draft.codes where GroupMembers.nameable.contains(attribute) {
      var categories: Set<String> = []
      for code in codes { categories.insert(members.counted(code, attribute)) }
      grouped.codes[attribute] = Array(categories)
    }
    return grouped
  }

  /// The cells in which an admission is counted: one for each combination of its categories and codes.
  private func keys(_ attributes: [Attribute], _ draft: Draft) -> [[String]] {
    attributes.reduce([[]]) { keys, attribute in
      let categories = draft.categories[attribute].map { [$0] } ?? draft.codes[attribute] ?? []
      return keys.flatMap { key in categories.map { key + [$0] } }
    }
  }

  private static func fingerprint(_ draft: Draft) -> UInt64 {
    var text = ""
    for attribute in Attribute.allCases {
      text += (draft.categories[attribute] ?? draft.codes[attribute]?.inByteOrder().joined(separator: " ") ?? "") + "\n"
    }
    return textHash(text)
  }

  /// The number of combinations of ethnicity and main diagnosis with fewer than k patients: violations of k-anonymity,
  /// as the LLMSYN paper counts them.
  func violations(_ k: Int) -> Int { quasi.count { !$0.value.isEmpty && $0.value.count < k } }
}
