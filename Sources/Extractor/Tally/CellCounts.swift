/// The counts of one cell.
struct CellCount: Equatable, Sendable {
  var admissions = 0
  /// Distinct patients with those admissions.
  var patients = 0
  /// The most admissions that any one patient has in the cell.
  var largest = 0
}

/// Counts of cells by their place among all possible cells: in an array of all places or, if there are too many, in an
/// index of the places that occur.
struct CellCounts: Sendable {
  private var counts: [Count]
  /// With the array, the places that hold a count; with the index, the place of each entry.
  private var touched: [Int] = []
  private var index: IntegerIndex<UInt32>?

  /// The most places for which an array is used; a larger one would not be faster.
  static let mostInArray = 1 << 22

  private struct Count: Sendable {
    var admissions: UInt32 = 0
    var patients: UInt32 = 0
    var lastPatient: UInt32 = 0
    /// The number of admissions of the last patient, and the largest number of any earlier patient.
    var run: UInt32 = 0
    var longestRun: UInt32 = 0
  }

  /// - Parameter size: the number of possible places.
  init(_ size: Int) {
    let isSmall = size <= Self.mostInArray
    counts = [Count](repeating: Count(), count: isSmall ? size : 0)
    index = isSmall ? nil : IntegerIndex(filler: 0)
  }

  /// Counts an admission of the patient. Add all of a patient's admissions before the next patient's.
  @inline(__always)
  mutating func add(_ place: Int, patient: UInt32) {
    let entry = index == nil ? place : entry(place)
    if counts[entry].admissions == 0 {
      if index == nil { touched.append(place) }
      counts[entry] = Count(admissions: 1, patients: 1, lastPatient: patient, run: 1)
      return
    }
    counts[entry].admissions += 1
    if counts[entry].lastPatient != patient {
      counts[entry].patients += 1
      counts[entry].lastPatient = patient
      counts[entry].longestRun = max(counts[entry].longestRun, counts[entry].run)
      counts[entry].run = 0
    }
    counts[entry].run += 1
  }

  private mutating func entry(_ place: Int) -> Int {
    if let entry = index?[place] { return Int(entry) }
    _ = index?.insert(place, UInt32(counts.count))
    counts.append(Count())
    touched.append(place)
    return counts.count - 1
  }

  /// Passes every cell with a count to `body`, and resets the cell.
  mutating func drain(_ body: (_ place: Int, _ counted: CellCount) -> Void) {
    for (number, place) in touched.enumerated() {
      let entry = index == nil ? place : number
      let count = counts[entry]
      body(
        place,
        CellCount(
          admissions: Int(count.admissions), patients: Int(count.patients),
          largest: Int(max(count.longestRun, count.run))))
      counts[entry] = Count()
    }
    touched.removeAll(keepingCapacity: true)
    if index != nil { (counts, index) = ([], IntegerIndex(filler: 0)) }
  }
}
