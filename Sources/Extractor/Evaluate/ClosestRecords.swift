internal import Shared

/// The searched record that is closest to a given record.
struct ClosestRecord: Sendable {
  /// Its index among the searched records; -1 if there was none.
  let place: Int
  /// The Jaccard distance: the share of features that only one of the two records has, among the features that at least
  /// one of them has. It is 1 if they share none.
  let distance: Double
}

/// Finds the record closest to each row by comparing every row with every record.
///
/// - Parameters:
///   - mask: the features to compare.
///   - isExcluded: whether to leave out a pair, such as two admissions of one patient.
func closestRecords(
  to rows: [FeatureBits], among others: [FeatureBits], mask: FeatureBits, threads: Int,
  isExcluded: @escaping @Sendable (_ row: Int, _ other: Int) -> Bool = { _, _ in false }
) -> [ClosestRecord] {
  let candidates = others.map { $0 & mask }
  let sizes = candidates.map(\.ones)
  let shares = stride(from: 0, to: rows.count, by: 256).map { $0..<min($0 + 256, rows.count) }
  return sideBySide(shares.count, threads: threads) { share in
    shares[share].map { row in
      let wanted = rows[row] & mask
      let size = wanted.ones
      var place = -1
      var most = (shared: 0, either: 1)
      for other in candidates.indices {
        // Two records share no more features than the smaller one has.
        let bound = min(size, sizes[other])
        if place >= 0, bound * most.either <= most.shared * max(size, sizes[other]) { continue }
        let shared = (wanted & candidates[other]).ones
        let either = size + sizes[other] - shared
        guard place < 0 || shared * most.either > most.shared * either, !isExcluded(row, other) else { continue }
        place = other
        most = (shared, max(either, 1))
      }
      return ClosestRecord(place: place, distance: 1 - Double(most.shared) / Double(most.either))
    }
  }.flatMap { $0 }
}
