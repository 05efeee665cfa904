/// The end of a message about an unknown name: the name that was probably meant or, if none is near, all known names.
package func knownNames(_ known: [String], nearest name: String) -> String {
  nearestName(known, to: name).map { "did you mean \($0)?" } ?? "known here: \(known.joined(separator: ", "))"
}

/// The known name that was probably meant; nil if none is near.
///
/// A name is near if at most two letters, and fewer than half of them, must be inserted, dropped, replaced or swapped
/// with the next one.
package func nearestName(_ known: [String], to name: String) -> String? {
  let distances = known.map { (name: $0, distance: distance(Array(name.lowercased()), Array($0.lowercased()))) }
  guard let nearest = distances.min(by: { $0.distance < $1.distance }), nearest.distance <= 2,
    2 * nearest.distance < name.count
  else { return nil }
  return nearest.name
}

/// The number of single changes between two texts (optimal string alignment, Boytsov 2011).
private func distance(_ one: [Character], _ other: [Character]) -> Int {
  if one.count > 64 { return Int.max }
  var before: [Int] = []
  var last = Array(0...other.count)
  for (row, letter) in one.enumerated() {
    var next = [row + 1]
    for (column, partner) in other.enumerated() {
      var least = min(last[column + 1] + 1, next[column] + 1, last[column] + (letter == partner ? 0 : 1))
      if row > 0, column > 0, letter == other[column - 1], one[row - 1] == partner {
        least = min(least, before[column - 1] + 1)
      }
      next.append(least)
    }
    (before, last) = (last, next)
  }
  return last[other.count]
}
