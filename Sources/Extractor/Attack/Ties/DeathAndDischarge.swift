internal import Shared

extension Tie {
  /// An admission whose discharge location means death ends in a death in hospital, and the other way around.
  static let deathAndDischarge = Tie(
    name: "death and discharge",
    sentence: "The admissions that end in death are discharged to a location that means death.",
    connected: (.diedInHospital, .dischargeLocation)
  ) { tables, release in
    let (death, location) = (Attribute.diedInHospital, Attribute.dischargeLocation)
    guard let died = release.number(of: "1", death), let survived = release.number(of: "0", death) else { return [] }
    let names = release.names[location] ?? []
    let deadly = release.locationsOfDeath
    let others = names.indices.filter { !deadly.contains($0) }
    // An outsider who knows the source's word for a death takes it to be the only one; a location that nobody can name
    // may be one that people leave alive.
    let isComplete = release.others(location) == nil
    var relations: [TiedCells] = []
    for cell in contexts(of: [death], and: [location], in: tables).flatMap(release.combinations) {
      func all(_ locations: [Int]) -> [TiedCell] { locations.map { cell.with([location: $0]) } }
      if !deadly.isEmpty { relations.append(.equal(all(deadly), cell.with([death: died]))) }
      if !others.isEmpty {
        let whole = cell.with([death: survived])
        relations.append(isComplete ? .equal(all(others), whole) : .atMost(all(others), whole))
      }
    }
    for cell in inner([death, location], in: tables).flatMap(release.combinations) {
      guard let place = cell.categories[location] else { continue }
      let impossible = deadly.contains(place) ? survived : died
      if place < names.count, cell.categories[death] == impossible { relations.append(.empty(cell)) }
    }
    return relations
  }
}

extension AttackedRelease {
  /// The discharge locations that mean death, in the words of MIMIC-III and MIMIC-IV.
  fileprivate var locationsOfDeath: [Int] {
    ["DEAD/EXPIRED", "DIED", "EXPIRED"].compactMap { number(of: $0, .dischargeLocation) }
  }

  /// The attributes that tell whether an admission ended in death, each with the categories that say so.
  var signsOfDeath: [(attribute: Attribute, categories: [Int])] {
    let signs: [(Attribute, [Int])] = [
      (.diedInHospital, number(of: "1", .diedInHospital).map { [$0] } ?? []), (.dischargeLocation, locationsOfDeath),
    ]
    return signs.filter { !$0.1.isEmpty }
  }
}
