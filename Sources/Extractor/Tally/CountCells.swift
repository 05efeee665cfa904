internal import Shared

/// Counts one table's cells.
///
/// A table with few possible cells is counted in an array of all of them, with one stretch of patients for each thread.
/// Any other table is counted one category of its longest axis at a time, so that the cells of that category fit into
/// the processor's cache. Admissions are grouped by patient, so each cell need only remember its last patient.
func cells(_ patients: [UInt32], _ axes: [TableAxis], threads: Int) -> [TalliedCell] {
  let all = CellPlaces(axes)
  if all.size == 0 || patients.isEmpty { return [] }
  if all.size <= smallTable {
    let stretches = patientStretches(patients, threads)
    let parts = sideBySide(stretches.count, threads: threads) { number in
      var counts = CellCounts(all.size)
      for admission in stretches[number] {
        all.forEach(of: admission) { counts.add($0, patient: patients[admission]) }
      }
      return counts
    }
    return joined(parts, all)
  }
  let longest = longestAxis(axes)
  let postings = Postings(axes[longest], admissionCount: patients.count)
  var others = axes
  others.remove(at: longest)
  let rest = CellPlaces(others)
  let stretches = postings.stretches(threads)
  let parts = sideBySide(stretches.count, threads: threads) { number in
    var counts = CellCounts(rest.size)
    var cells: [TalliedCell] = []
    for id in stretches[number] {
      for admission in postings.admissions[postings.starts[id]..<postings.starts[id + 1]] {
        rest.forEach(of: Int(admission)) { counts.add($0, patient: patients[Int(admission)]) }
      }
      counts.drain { place, count in
        cells.append(TalliedCell(ids: rest.ids(place).inserting(UInt32(id), at: longest), count))
      }
    }
    return cells
  }
  return parts.flatMap { $0 }
}

/// Tables with at most this many possible cells are counted in one pass.
private let smallTable = 1 << 16

/// The single-valued axis with the most categories if the other axes then fit into an array; else the longest axis.
private func longestAxis(_ axes: [TableAxis]) -> Int {
  func longest(_ isWanted: (TableAxis) -> Bool) -> Int? {
    axes.indices.filter { isWanted(axes[$0]) }.max { axes[$0].names.count < axes[$1].names.count }
  }
  if let single = longest({ !$0.isMultiValued }) {
    let rest = CellPlaces(axes.indices.filter { $0 != single }.map { axes[$0] })
    if rest.size <= CellCounts.mostInArray { return single }
  }
  return longest { _ in true } ?? 0
}

/// Divides the admissions into stretches, without splitting any patient's admissions.
private func patientStretches(_ patients: [UInt32], _ count: Int) -> [Range<Int>] {
  var starts = [0]
  for number in 1..<max(1, count) {
    var start = max(patients.count / count * number, starts[number - 1])
    while start > 0, start < patients.count, patients[start] == patients[start - 1] { start += 1 }
    starts.append(start)
  }
  return zip(starts, starts.dropFirst() + [patients.count]).map { $0..<$1 }.filter { !$0.isEmpty }
}

/// Adds up the counts of all threads, each of which counted different patients.
private func joined(_ parts: [CellCounts], _ places: CellPlaces) -> [TalliedCell] {
  var sums: [Int: CellCount] = [:]
  var parts = parts
  for part in parts.indices {
    parts[part].drain { place, count in
      let sum = sums[place] ?? CellCount()
      sums[place] = CellCount(
        admissions: sum.admissions + count.admissions, patients: sum.patients + count.patients,
        largest: max(sum.largest, count.largest))
    }
  }
  return sums.map { place, sum in TalliedCell(ids: places.ids(place), sum) }
}

/// Numbers the possible cells of some axes; the first axis varies slowest.
struct CellPlaces {
  private let axes: [TableAxis]
  private let radix: MixedRadix

  init(_ axes: [TableAxis]) {
    self.axes = axes
    radix = MixedRadix(axes.map(\.names.count))
  }

  var size: Int { radix.count }

  /// The categories of a cell.
  func ids(_ place: Int) -> SIMD4<UInt32> {
    var ids = SIMD4<UInt32>()
    radix.forEachDigit(of: place) { ids[$0] = UInt32($1) }
    return ids
  }

  /// The place of a cell.
  func place(_ ids: SIMD4<UInt32>) -> Int { radix.place { Int(ids[$0]) } }

  /// Calls `body` with the place of each of the admission's cells.
  @inline(__always)
  func forEach(of admission: Int, _ body: (Int) -> Void) {
    if axes.isEmpty { return body(0) }
    let sizes = radix.sizes
    for first in axes[0].ids(admission) {
      if axes.count == 1 {
        body(Int(first))
        continue
      }
      for second in axes[1].ids(admission) {
        let place = Int(first) &* sizes[1] &+ Int(second)
        if axes.count == 2 {
          body(place)
          continue
        }
        for third in axes[2].ids(admission) { body(place &* sizes[2] &+ Int(third)) }
      }
    }
  }
}

extension SIMD4<UInt32> {
  /// A copy with `value` inserted as lane `place`; the lanes from there on move up.
  fileprivate func inserting(_ value: UInt32, at place: Int) -> SIMD4<UInt32> {
    var result = self
    for lane in (place + 1..<4).reversed() { result[lane] = self[lane - 1] }
    result[place] = value
    return result
  }
}
