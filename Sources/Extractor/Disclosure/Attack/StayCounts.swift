internal import Shared

/// One way in which all stays can be: the true counts, or, to an outsider, some that fit. What is open given these counts is open.
final class StayCounts {
  private let release: AttackedRelease
  private let tables: [(places: Places, counts: [Int])]

  /// - Parameter grid: the tables of stays, narrowed.
  /// - Returns: nil where no solution was found within the work that is allowed.
  init?(_ release: AttackedRelease, _ grid: GridAttack) {
    self.release = release
    if release.knowsTruth {
      tables = release.tables.filter { $0.codes.isEmpty && !$0.isCeiling }.map { table in
        var counts = [Int](repeating: 0, count: release.places(table.stay).count)
        for cell in table.cells { counts[cell.stay] += cell.admissions }
        return (release.places(table.stay), counts)
      }
    } else {
      guard let solved = grid.someSolution() else { return nil }
      tables = solved
    }
  }

  /// How many admissions are at each place; nil where no table tells.
  func counts(_ stay: [Attribute]) -> [Int]? {
    let places = release.places(stay)
    guard let table = tables.first(where: { Set(stay).isSubset(of: $0.places.attributes) }) else { return nil }
    var sums = [Int](repeating: 0, count: places.count)
    for (place, target) in table.places.projection(to: places).enumerated() { sums[target] += table.counts[place] }
    return sums
  }

  /// The release with the tables of stays published as they are in these counts, without rounding: who knows less of them can't bound
  /// a withheld cell more closely.
  private(set) lazy var exactRelease: AttackedRelease = {
    var exact = release
    for number in exact.tables.indices where exact.tables[number].codes.isEmpty && !exact.tables[number].isCeiling {
      let counts = counts(exact.tables[number].stay) ?? []
      for cell in exact.tables[number].cells.indices where exact.tables[number].cells[cell].isPublished {
        exact.tables[number].cells[cell].admissions = counts[exact.tables[number].cells[cell].stay]
        exact.tables[number].cells[cell].isKnownExactly = true
      }
    }
    return exact
  }()
}
