internal import Shared

extension Tie {
  /// A patient with a later admission also had the one before it, at the same age or younger. Therefore, for each age,
  /// the patients up to that age with one admission number are among those with the previous number.
  ///
  /// Limit: applies only to admission numbers with a band of their own, because a wider band can count several
  /// admissions of the same patient.
  static let laterAdmissions = Tie(
    name: "later admissions",
    sentence: "A patient's later admission follows an earlier one at the same age or younger.",
    isOfPatients: true
  ) { tables, release in
    let number = Attribute.admissionNumberBand
    return lasting(contexts(of: [number], and: [number], in: tables)).flatMap { set in
      release.consecutive(set).map { ages, own, next in
        TiedCells(
          parts: ages.map { $0.with([number: next]) }, wholes: ages.map { $0.with([number: own]) }, isEqual: false)
      }
    }
  }

  /// A patient who dies during an admission has no later one: for each admission number, the patients who died and
  /// those who were admitted again are different patients.
  static let deathEndsTheStays = Tie(
    name: "death ends the stays", sentence: "A patient who died during an admission has no later admission.",
    isOfPatients: true
  ) { tables, release in
    let number = Attribute.admissionNumberBand
    return release.signsOfDeath.flatMap { sign in
      lasting(contexts(of: [number, sign.attribute], and: [number], in: tables)).flatMap { set in
        release.consecutive(set).map { ages, own, next in
          TiedCells(
            parts: ages.flatMap { [$0.with([number: next])] + deaths($0.with([number: own]), sign) },
            wholes: ages.map { $0.with([number: own]) }, isEqual: false)
        }
      }
    }
  }

  /// Each later admission follows one that its patient survived.
  static let laterAdmissionsFollowSurvival = Tie(
    name: "later admissions follow survival", sentence: "A patient survives every admission that another one follows.",
    isOfPatients: true
  ) { tables, release in
    let number = Attribute.admissionNumberBand
    let later = (number.fixedBands ?? []).filter { $0.lower > 1 }.compactMap { release.number(of: $0.label, number) }
    if later.isEmpty { return [] }
    return release.signsOfDeath.flatMap { sign in
      lasting(contexts(of: [number], and: [sign.attribute], in: tables)).flatMap { set in
        release.upToEachAge(set).map { ages in
          TiedCells(
            parts: ages.flatMap { age in later.map { age.with([number: $0]) } + deaths(age, sign) }, wholes: ages,
            isEqual: false)
        }
      }
    }
  }

  /// A published cell covers k patients or more, and a withheld one that can't be empty at least one. Each of them had
  /// all the admissions before it, at the same age or younger, and left each of these alive.
  static let patientsHadEarlierAdmissions = Tie(
    name: "patients had earlier admissions",
    sentence: "The patients of a published cell had a first admission and all those before the one that is counted.",
    isOfPatients: true
  ) { tables, release in
    let number = Attribute.admissionNumberBand
    let numbered = inOrder(tables.map { Set($0) }.filter { $0.contains(number) })
    if numbered.isEmpty { return [] }
    let known = release.knownPatients
    return numbered.flatMap { table in
      let signs = release.signsOfDeath.filter { table.contains($0.attribute) }
      return lasting([table, []]).flatMap(release.upToEachAge).flatMap { ages in
        release.singleNumbers.flatMap { own -> [TiedCells] in
          let wholes = ages.map { $0.with([number: own]) }
          let all = release.fewest(known, after: own, orAny: own == release.singleNumbers.first, ages)
          let survivors = release.fewest(known, after: own, orAny: false, ages)
          return [([], all)].filter { $0.1 > 0 }
            .map { TiedCells(parts: $0, known: $1, wholes: wholes, isEqual: false) }
            + signs.filter { _ in survivors > 0 }.map { sign in
              TiedCells(parts: wholes.flatMap { deaths($0, sign) }, known: survivors, wholes: wholes, isEqual: false)
            }
        }
      }
    }
  }

  /// By rule 2, no patient has more than half of the admissions of a published gender. So the patients with a fourth
  /// admission have only so many later ones.
  ///
  /// Limit: only for genders with few admissions, where this tells something.
  static let nobodyHasMostAdmissions = Tie(
    name: "nobody has most admissions",
    sentence: "No patient has more than half of the admissions of a published gender.", isOfPatients: true
  ) { tables, release in
    let number = Attribute.admissionNumberBand
    guard let before = release.singleNumbers.last, let last = release.lastNumber else { return [] }
    let most = release.mostOfOnePatient
    // Without gender, any of the genders can be the one with more, so each must be known.
    let any = (0..<release.size(.gender)).map { most[$0] ?? .max }.max() ?? .max
    return lasting(tables.map { Set($0) }.filter { $0.contains(number) }).flatMap(release.combinations)
      .compactMap { cell in
        let later = max(0, (cell.categories[.gender].map { most[$0] ?? .max } ?? any) - release.singleNumbers.count)
        guard later <= mostLaterAdmissions else { return nil }
        return TiedCells(
          parts: [cell.with([number: last])],
          wholes: Array(repeating: cell.with([number: before]), count: later), isEqual: false)
      }
  }

  private static let mostLaterAdmissions = 20

  /// Each patient who dies in one of the last admissions had survived the admission before.
  static let deathsInLastNumbers = Tie(
    name: "deaths in last numbers",
    sentence: "Each death in one of the last admissions is another patient, who left the admission before alive.",
    isOfPatients: true
  ) { tables, release in
    let number = Attribute.admissionNumberBand
    guard let before = release.singleNumbers.last, let last = release.lastNumber else { return [] }
    return release.signsOfDeath.flatMap { sign in
      lasting(contexts(of: [number, sign.attribute], and: [number, sign.attribute], in: tables)).flatMap { set in
        release.upToEachAge(set).map { ages in
          TiedCells(
            parts: ages.flatMap { deaths($0.with([number: last]), sign) + deaths($0.with([number: before]), sign) },
            wholes: ages.map { $0.with([number: before]) }, isEqual: false)
        }
      }
    }
  }

  /// The admissions of a cell that ended in death.
  private static func deaths(_ cell: TiedCell, _ sign: (attribute: Attribute, categories: [Int])) -> [TiedCell] {
    sign.categories.map { cell.with([sign.attribute: $0]) }
  }

  /// Attributes other than gender can differ from one admission to the next, and age only grows.
  private static func lasting(_ contexts: [Set<Attribute>]) -> [Set<Attribute>] {
    inOrder(contexts.flatMap { [$0.intersection([.gender]), $0.intersection([.gender, .ageBand])] })
  }
}

extension AttackedRelease {
  /// The categories of the admission numbers that have a band of their own, in order.
  fileprivate var singleNumbers: [Int] {
    (Attribute.admissionNumberBand.fixedBands ?? []).filter { $0.upper == $0.lower }
      .compactMap { number(of: $0.label, .admissionNumberBand) }
  }

  /// The category of all later admission numbers.
  fileprivate var lastNumber: Int? {
    (Attribute.admissionNumberBand.fixedBands ?? []).last { $0.upper == nil }
      .flatMap { number(of: $0.label, .admissionNumberBand) }
  }

  /// For each gender whose admissions are published, the most that one patient can have.
  fileprivate var mostOfOnePatient: [Int: Int] {
    guard let table = tables.first(where: { $0.attributes == [.gender] }) else { return [:] }
    return table.cells.filter { $0.isPublished && $0.admissions > 0 }.reduce(into: [:]) { most, cell in
      most[cell.stay] = shown(cell).high / 2
    }
  }

  /// Two consecutive admission numbers at a time; for each combination of the attributes but age, the cells up to each
  /// age.
  fileprivate func consecutive(_ attributes: Set<Attribute>) -> [(ages: [TiedCell], own: Int, next: Int)] {
    upToEachAge(attributes).flatMap { ages in
      zip(singleNumbers, singleNumbers.dropFirst()).map { (ages: ages, own: $0, next: $1) }
    }
  }

  /// For each combination of the attributes but age, the cells up to each age.
  fileprivate func upToEachAge(_ attributes: Set<Attribute>) -> [[TiedCell]] {
    let ages = (names[.ageBand] ?? []).indices.sorted { age($0) < age($1) }
    return combinations(attributes.subtracting([.ageBand])).flatMap { cell in
      if !attributes.contains(.ageBand) { return [[cell]] }
      return ages.indices.map { last in ages[...last].map { cell.with([.ageBand: $0]) } }
    }
  }

  /// What a cell tells about its patients and the order of their admissions, as far as it can be named.
  func patients(_ cell: TiedCell) -> TiedCell {
    TiedCell(
      categories: cell.categories.filter { Tie.attributesOfPatients.contains($0.key) && isNamed($0.value, $0.key) })
  }

  /// The admission numbers, genders and ages at which there are patients for certain, with the fewest of them.
  fileprivate var knownPatients: [TiedCell: Int] {
    var known: [TiedCell: Int] = [:]
    for categories in populated { known[TiedCell(categories: categories)] = 1 }
    for table in tables where !table.isCeiling && !Tie.attributesOfPatients.isDisjoint(with: table.stay) {
      let places = places(table.stay)
      let shown = Set(table.cells.lazy.filter { $0.isPublished && $0.admissions > 0 }.map(\.stay))
      for place in shown { known[patients(TiedCell(places, place))] = minimumPatients }
    }
    return known
  }

  /// The fewest patients at some ages, of one gender if the cells have one, who had an admission after a given number.
  ///
  /// - Parameters:
  ///   - known: the patients of which there are some for certain.
  ///   - orAny: whether admissions of an unknown number count too.
  ///   - ages: the cells of these ages; a single one without age stands for all ages.
  fileprivate func fewest(_ known: [TiedCell: Int], after number: Int, orAny: Bool, _ ages: [TiedCell]) -> Int {
    let wanted = ages[0].categories[.gender]
    let isAnyAge = ages[0].categories[.ageBand] == nil
    let young = Set(ages.compactMap { $0.categories[.ageBand] })
    // Patients of different genders are different patients; -1 stands for an unknown gender.
    var most: [Int: Int] = [:]
    for (cell, patients) in known {
      let (gender, age) = (cell.categories[.gender], cell.categories[.ageBand])
      let isLater = cell.categories[.admissionNumberBand].map { $0 > number || orAny } ?? orAny
      guard isLater, wanted == nil || gender == wanted, isAnyAge || age.map(young.contains) ?? false else { continue }
      most[gender ?? -1] = max(most[gender ?? -1] ?? 0, patients)
    }
    let unknown = most.removeValue(forKey: -1) ?? 0
    return max(unknown, most.values.reduce(0, +))
  }

  private func age(_ category: Int) -> Int { (names[.ageBand]?[category]).flatMap { Band($0)?.lower } ?? .max }
}
