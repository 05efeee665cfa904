internal import Shared

/// Assigns admissions to patients. If the bundle says how many admissions patients have, one patient can get several,
/// as in the source.
///
/// The admissions stay as they were drawn, so no table's counts change. All admissions of a patient agree in gender,
/// age band, ethnicity, language and religion, and the bundle's `admission-number-band` determines how many a patient
/// gets. If a patient dies, the death is always in the last admission.
struct PatientLinker {
  private let seed: UInt64
  /// For each number of admissions from 1, the share of patients who have at least that many.
  private let atLeast: [Double]
  private var nextPatient = 0

  /// How many admissions are linked at a time, in the order of their numbers.
  static let window = 10_000

  init(_ statistics: Statistics, seed: UInt64) {
    self.seed = seed
    atLeast = Self.shares(statistics)
  }

  /// Computes the shares from the table of `admission-number-band` or, if there is none, from the smallest table that
  /// includes this attribute.
  private static func shares(_ statistics: Statistics) -> [Double] {
    let tables = statistics.tables.filter { $0.attributes.contains(.admissionNumberBand) }
    guard let table = tables.min(by: { $0.attributes.count < $1.attributes.count }),
      let axis = table.attributes.firstIndex(of: .admissionNumberBand),
      table.attributes.allSatisfy({ !$0.isMultiValued })
    else { return [1] }
    var counts: [Int: Double] = [:]
    for cell in table.cells {
      guard let band = Band(cell.key[axis]) else { continue }
      // An open band holds all further admissions of its patients. Each further admission number is assumed to have
      // half as many patients as the one before.
      let width = band.upper.map { $0 - band.lower + 1 } ?? 8
      let weights = (0..<width).map { band.upper == nil ? 1 / Double(1 << $0) : 1 }
      for (offset, weight) in weights.enumerated() {
        counts[band.lower + offset, default: 0] += Double(cell.count) * weight / weights.reduce(0, +)
      }
    }
    guard let first = counts[1], first > 0 else { return [1] }
    var shares: [Double] = []
    for number in 1...(counts.keys.max() ?? 1) {
      shares.append(min(shares.last ?? 1, (counts[number] ?? between(counts, number)) / first))
    }
    return shares
  }

  /// The count for a number whose band is withheld, interpolated linearly between the nearest known counts.
  private static func between(_ counts: [Int: Double], _ number: Int) -> Double {
    guard let below = counts.keys.filter({ $0 < number }).max(), let above = counts.keys.filter({ $0 > number }).min(),
      let less = counts[below], let more = counts[above]
    else { return 0 }
    return less + (more - less) * Double(number - below) / Double(above - below)
  }

  /// The stays of the next admissions, ordered by patient and then by time.
  mutating func stays(_ drafts: [Draft]) -> [Stay] {
    var groups: [String: [Draft]] = [:]
    for draft in drafts {
      let likeness: [Attribute] = [.gender, .ageBand, .ethnicity, .language, .religion]
      groups[likeness.map { draft.categories[$0] ?? "" }.joined(separator: "\n"), default: []].append(draft)
    }
    var patients: [[Draft]] = []
    for group in groups.values { patients += link(group) }
    // Patients are sorted by their lowest admission number, because the groups have no fixed order.
    patients.sort { ($0.map(\.number).min() ?? 0) < ($1.map(\.number).min() ?? 0) }
    return patients.flatMap { admissions in
      nextPatient += 1
      return Stay.all(of: admissions, patient: nextPatient - 1, seed: seed)
    }
  }

  /// Divides the admissions of similar people among patients.
  private func link(_ group: [Draft]) -> [[Draft]] {
    var deaths = group.filter(\.died)[...]
    var survivals = group.filter { !$0.died }[...]
    var patients: [[Draft]] = []
    while let first = deaths.first ?? survivals.first {
      var random = SeededRandom(seed: seed, .linking, of: first.number)
      let draw = random.unit()
      let wanted = max(1, atLeast.count { $0 > draw })
      let last = deaths.isEmpty ? [] : [deaths.removeFirst()]
      let others = survivals.prefix(wanted - last.count)
      survivals.removeFirst(others.count)
      patients.append(others + last)
    }
    return patients
  }
}

extension Draft {
  /// Whether the patient dies during the stay.
  var died: Bool { categories[.diedInHospital].map { $0 == "1" } ?? isDeath(categories[.dischargeLocation] ?? "") }
}
