internal import Shared

extension Tie {
  /// Admissions of the type NEWBORN are births, so all of these patients are in the youngest age band.
  static let newborns = Tie(
    name: "newborns", sentence: "The patients of admissions of the type NEWBORN are in the youngest age band.",
    connected: (.admissionType, .ageBand)
  ) { tables, release in
    let (type, age) = (Attribute.admissionType, Attribute.ageBand)
    guard let newborn = release.number(of: "NEWBORN", type),
      let youngest = release.names[age]?.firstIndex(where: { Band($0)?.lower == 0 })
    else { return [] }
    let apart = contexts(of: [type], and: [age], in: tables).flatMap(release.combinations).map { cell in
      TiedCells.atMost([cell.with([type: newborn])], cell.with([age: youngest]))
    }
    let both = inner([type, age], in: tables).flatMap(release.combinations)
      .filter { $0.categories[type] == newborn && $0.categories[age] != youngest }
    return apart + both.map(TiedCells.empty)
  }

  /// A birth is the first admission of its patient.
  static let newbornsComeFirst = Tie(
    name: "newborns come first", sentence: "An admission of the type NEWBORN is its patient's first.",
    connected: (.admissionType, .admissionNumberBand)
  ) { tables, release in
    let (type, number) = (Attribute.admissionType, Attribute.admissionNumberBand)
    guard let newborn = release.number(of: "NEWBORN", type), let first = release.number(of: "1", number) else {
      return []
    }
    let apart = contexts(of: [type], and: [number], in: tables).flatMap(release.combinations).map { cell in
      TiedCells.atMost([cell.with([type: newborn])], cell.with([number: first]))
    }
    let both = inner([type, number], in: tables).flatMap(release.combinations)
      .filter { $0.categories[type] == newborn && $0.categories[number] != first }
    return apart + both.map(TiedCells.empty)
  }
}
