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
  /// For each number of admissions from 1, how many patients have at least that many so far.
  private var made: [Int]
  private var nextPatient = 0

  /// A run's admissions in the order of their numbers, as many at a time as are linked with one another.
  static func windows(of admissions: Int) -> [Range<Int>] {
    stride(from: 0, to: admissions, by: 10_000).map { $0..<min($0 + 10_000, admissions) }
  }

  init(_ statistics: Statistics, seed: UInt64) {
    self.seed = seed
    atLeast = Self.shares(statistics)
    made = atLeast.map { _ in 0 }
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
      guard let band = Band(cell.key[axis]), let upper = band.upper else { continue }
      for number in band.lower...upper {
        counts[number, default: 0] += Double(cell.count) / Double(upper - band.lower + 1)
      }
    }
    for cell in table.cells {
      guard let band = Band(cell.key[axis]), band.upper == nil, cell.count > 0 else { continue }
      let further = furtherPatients(Double(cell.count), before: counts[band.lower - 1])
      for (offset, count) in further.enumerated() { counts[band.lower + offset, default: 0] += count }
    }
    guard let first = counts[1], first > 0 else { return [1] }
    var shares: [Double] = []
    for number in 1...(counts.keys.max() ?? 1) {
      shares.append(min(shares.last ?? 1, (counts[number] ?? between(counts, number)) / first))
    }
    return shares
  }

  /// How many patients have each of the admission numbers in an open band, which holds all further admissions of its
  /// patients.
  ///
  /// - Parameters:
  ///   - admissions: the admissions in the band.
  ///   - before: the patients with the number before the band. Each further number has the same part of the patients
  ///     with the one before it; if they are not known, half of them.
  private static func furtherPatients(_ admissions: Double, before: Double?) -> [Double] {
    let ratio = before.map { admissions / (admissions + $0) } ?? 0.5
    var left = admissions
    var counts: [Double] = []
    while left > admissions / 1000, counts.count < 200 {
      counts.append(left * (1 - ratio))
      left *= ratio
    }
    return counts
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
    for group in groups.inByteOrder() { patients += link(group.value) }
    patients.sort { ($0.map(\.number).min() ?? 0) < ($1.map(\.number).min() ?? 0) }
    return patients.flatMap { admissions in
      nextPatient += 1
      return Stay.all(of: admissions, patient: nextPatient - 1, seed: seed)
    }
  }

  /// Divides the admissions of similar people among patients.
  ///
  /// A patient gets a further admission if too few patients have had as many until now. The last patient of a group
  /// may get fewer than that, because the group has no more; later patients make up for it.
  private mutating func link(_ group: [Draft]) -> [[Draft]] {
    var deaths = group.filter(\.died)[...]
    var survivals = group.filter { !$0.died }[...]
    var patients: [[Draft]] = []
    while let first = deaths.first ?? survivals.first {
      var random = SeededRandom(seed: seed, .linking, of: first.number)
      let draw = random.unit()
      var wanted = 1
      while wanted < atLeast.count, Double(made[wanted]) + draw < atLeast[wanted] * Double(made[0] + 1) { wanted += 1 }
      let last = deaths.isEmpty ? [] : [deaths.removeFirst()]
      let others = survivals.prefix(wanted - last.count)
      survivals.removeFirst(others.count)
      for place in 0..<(others.count + last.count) { made[place] += 1 }
      patients.append(others + last)
    }
    return patients
  }
}

extension Draft {
  /// Whether the patient dies during the stay.
  var died: Bool { categories[.diedInHospital].map { $0 == "1" } ?? isDeath(categories[.dischargeLocation] ?? "") }
}
