internal import Shared

extension Tie {
  /// A patient with a later admission also had the one before it, at the same age or younger. Therefore, for each age,
  /// the patients up to that age with one admission number are among those with the previous number.
  ///
  /// Limit: applies only to admission numbers with a band of their own, because a wider band can count several
  /// admissions of the same patient.
  static let laterAdmissions = Tie(
    name: "later admissions", sentence: "A patient's later admission follows an earlier one at the same age or younger."
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
    name: "death ends the stays", sentence: "A patient who died during an admission has no later admission."
  ) { tables, release in
    let (number, death) = (Attribute.admissionNumberBand, Attribute.diedInHospital)
    guard let died = release.number(of: "1", death) else { return [] }
    return lasting(contexts(of: [number, death], and: [number], in: tables)).flatMap { set in
      release.consecutive(set).map { ages, own, next in
        TiedCells(
          parts: ages.flatMap { [$0.with([number: own, death: died]), $0.with([number: next])] },
          wholes: ages.map { $0.with([number: own]) }, isEqual: false)
      }
    }
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
    let ages = (names[.ageBand] ?? []).indices.sorted { age($0) < age($1) }
    return combinations(attributes.subtracting([.ageBand])).flatMap { cell in
      zip(numbers, numbers.dropFirst()).flatMap { own, next -> [(ages: [TiedCell], own: Int, next: Int)] in
        guard let own, let next else { return [] }
        if !attributes.contains(.ageBand) { return [([cell], own, next)] }
        return ages.indices.map { last in (ages[...last].map { cell.with([.ageBand: $0]) }, own, next) }
      }
    }
  }

  private func age(_ category: Int) -> Int { (names[.ageBand]?[category]).flatMap { Band($0)?.lower } ?? .max }
}
