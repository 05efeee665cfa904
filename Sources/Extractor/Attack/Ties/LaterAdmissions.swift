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

  /// A published cell of the last admission numbers covers k patients or more, and as many as it has deaths. Each of
  /// them survived the admission before.
  static let lastNumbersHavePatients = Tie(
    name: "last numbers have patients",
    sentence: "The patients with many admissions had all the earlier ones, and left each of these alive.",
    isOfPatients: true
  ) { tables, release in
    let number = Attribute.admissionNumberBand
    let bands = number.fixedBands ?? []
    guard let before = bands.last(where: { $0.upper == $0.lower }).flatMap({ release.number(of: $0.label, number) }),
      let last = bands.last(where: { $0.upper == nil }).flatMap({ release.number(of: $0.label, number) })
    else { return [] }
    let numbered = inOrder(tables.map { Set($0) }.filter { $0.contains(number) })
    let patients = numbered.flatMap { table in
      inOrder([[], table.intersection([.gender])]).flatMap(release.combinations).flatMap { cell -> [TiedCells] in
        let patients = release.fewestPatients(with: cell.with([number: last]))
        if patients == 0 { return [] }
        let own = cell.with([number: before])
        let ends = release.signsOfDeath.filter { table.contains($0.attribute) }.map { deaths(own, $0) }
        return ([[]] + ends).map { TiedCells(parts: $0, known: patients, wholes: [own], isEqual: false) }
      }
    }
    return patients
      + release.signsOfDeath.flatMap { sign in
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
  /// Two consecutive admission numbers at a time; for each combination of the attributes but age, the cells up to each
  /// age.
  fileprivate func consecutive(_ attributes: Set<Attribute>) -> [(ages: [TiedCell], own: Int, next: Int)] {
    let number = Attribute.admissionNumberBand
    let bands = (number.fixedBands ?? []).filter { $0.upper == $0.lower }
    let numbers = bands.map { self.number(of: $0.label, number) }
    return upToEachAge(attributes).flatMap { ages in
      zip(numbers, numbers.dropFirst()).compactMap { own, next in
        own.flatMap { own in next.map { (ages: ages, own: own, next: $0) } }
      }
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

  /// The fewest patients with some categories: those of one published cell, or of one for each gender.
  fileprivate func fewestPatients(with wanted: TiedCell) -> Int {
    tables.filter { !$0.isCeiling && wanted.attributes.isSubset(of: $0.stay) }.map { table in
      let places = places(table.stay)
      let genders = table.cells.filter { $0.isPublished && $0.admissions > 0 }.compactMap { cell -> Int? in
        let categories = TiedCell(places, cell.stay).categories
        return wanted.categories.allSatisfy { categories[$0] == $1 } ? categories[.gender] ?? 0 : nil
      }
      return Set(genders).count * minimumPatients
    }.max() ?? 0
  }

  private func age(_ category: Int) -> Int { (names[.ageBand]?[category]).flatMap { Band($0)?.lower } ?? .max }
}
