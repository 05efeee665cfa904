internal import Shared

/// The counts of a code that nothing has shown to be hidden so far.
struct CodeDoubts {
  /// By the attributes of the table's stays.
  var places: [[Attribute]: Set<Int>] = [:]
  /// Whether the withheld part of a sum is among them.
  var isSum = false

  var isEmpty: Bool { places.isEmpty && !isSum }
}
