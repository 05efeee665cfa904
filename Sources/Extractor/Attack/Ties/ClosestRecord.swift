internal import Shared

extension Tie {
  /// Where a synthetic record is a copy, no other real record can be closer.
  static let closestRecord = Tie(
    name: "closest record", sentence: "No real record is closer to an admission than a synthetic copy of it.",
    connected: (.closestRecord, .closestRecordBand)
  ) { tables, release in
    let (closest, distance) = (Attribute.closestRecord, Attribute.closestRecordBand)
    guard let real = release.number(of: "real", closest), let copied = release.number(of: "0", distance) else {
      return []
    }
    let apart = contexts(of: [closest], and: [distance], in: tables).flatMap(release.combinations).map { cell in
      TiedCells.atMost([cell.with([closest: real]), cell.with([distance: copied])], cell)
    }
    let both = inner([closest, distance], in: tables).flatMap(release.combinations)
      .filter { $0.categories[closest] == real && $0.categories[distance] == copied }
    return apart + both.map(TiedCells.empty)
  }
}
