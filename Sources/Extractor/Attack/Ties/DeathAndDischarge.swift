internal import Shared

extension Tie {
  /// An admission whose discharge location means death ends in a death in hospital, and the other way around.
  static let deathAndDischarge = Tie(
    name: "death and discharge",
    sentence: "The admissions that end in death are discharged to a location that means death."
  ) { tables, release in
    let (death, location) = (Attribute.diedInHospital, Attribute.dischargeLocation)
    guard let died = release.number(of: "1", death), let survived = release.number(of: "0", death) else { return [] }
    let named = locationsOfDeath.compactMap { release.number(of: $0, location) }
    if named.isEmpty { return [] }
    // A location that nobody can name may mean death too.
    let isComplete = release.others(location) == nil
    var relations: [TiedCells] = []
    for cell in contexts(of: [death], and: [location], in: tables).flatMap(release.combinations) {
      let parts = named.map { cell.with([location: $0]) }
      relations.append(isComplete ? .equal(parts, cell.with([death: died])) : .atMost(parts, cell.with([death: died])))
    }
    for cell in inner([death, location], in: tables).flatMap(release.combinations) {
      guard let place = cell.categories[location] else { continue }
      if named.contains(place), cell.categories[death] == survived { relations.append(.empty(cell)) }
      if isComplete, !named.contains(place), cell.categories[death] == died { relations.append(.empty(cell)) }
    }
    return relations
  }

  /// The words of MIMIC-III and MIMIC-IV for a death.
  private static let locationsOfDeath = ["DEAD/EXPIRED", "DIED", "EXPIRED"]
}
