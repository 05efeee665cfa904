internal import Shared

/// What a code tells about stays by attributes of two of its tables.
extension CodeGroupAttack {
  /// The pairs of the code's tables, without the one of all its admissions, whose attributes a table of stays has
  /// together.
  static func connected(
    _ release: AttackedRelease, _ tables: [Int], _ ceilings: Ceilings
  ) -> [(first: Int, second: Int, places: Places)] {
    tables.indices.flatMap { one in
      tables[..<one].compactMap { other in
        let (first, second) = (release.tables[other].stay, release.tables[tables[one]].stay)
        let both = Attribute.allCases.filter { first.contains($0) || second.contains($0) }
        guard both.count > max(first.count, second.count) else { return nil }
        let places = release.places(both)
        return ceilings.lows(places) == nil ? nil : (other, tables[one], places)
      }
    }
  }

  /// The fewest admissions at places of `connected`: of all admissions with the code, those at two places can't miss
  /// each other if they are more than all (Fréchet 1951).
  func staysTogether(_ code: Int) -> [(attributes: [Attribute], place: Int, low: Int)] {
    guard !connected.isEmpty, let margin = group.first(where: { release.tables[$0].stay.isEmpty }),
      let total = index.cells(margin, code).first.map({ release.tables[margin].cells[$0] }), total.isPublished
    else { return [] }
    let all = release.shown(total).high
    func published(_ table: Int) -> [(categories: [Int], low: Int)] {
      let places = release.places(release.tables[table].stay)
      return index.cells(table, code).map { release.tables[table].cells[$0] }.filter(\.isPublished)
        .map { (places.categories($0.stay), release.shown($0).low) }
    }
    var found: [(attributes: [Attribute], place: Int, low: Int)] = []
    for (first, second, places) in connected {
      let (one, other) = (release.tables[first].stay, release.tables[second].stay)
      let partners = published(second)
      for cell in published(first) {
        for partner in partners where cell.low + partner.low > all {
          var known: [Attribute: Int] = [:]
          for (attribute, category) in zip(one, cell.categories) { known[attribute] = category }
          let agree = zip(other, partner.categories).allSatisfy { known[$0] == nil || known[$0] == $1 }
          if !agree { continue }
          for (attribute, category) in zip(other, partner.categories) { known[attribute] = category }
          let place = places.place(places.attributes.map { known[$0] ?? 0 })
          found.append((places.attributes, place, cell.low + partner.low - all))
        }
      }
    }
    return found
  }
}
