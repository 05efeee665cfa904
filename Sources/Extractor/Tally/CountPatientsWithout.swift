/// For each cell and each of its codes, counts the patients who have everything else that the cell names but not the
/// code: "all but two patients with pneumonia got penicillin" is a count of two patients.
///
/// Checks only cells that could be published, and keeps only small numbers.
///
/// - Parameter minimum: a number of patients is small if it is less than this.
func countPatientsWithout(
  _ cells: inout [TalliedCell], _ patients: [UInt32], _ axes: [TableAxis], minimum: Int, threads: Int
) {
  for axis in axes.indices where axes[axis].isMultiValued {
    var rest = axes
    let codes = rest.remove(at: axis)
    let places = CellPlaces(rest)
    let suspects = Suspects(cells, axis, wholes(patients, rest, places, threads: threads), places, minimum: minimum)
    for (cell, count) in suspects.patientsWithout(patients, codes, places) where count < minimum {
      cells[cell].patientsWithout = min(count, cells[cell].patientsWithout ?? count)
    }
  }
}

/// The counts of the cells without the axis, by place.
private func wholes(_ patients: [UInt32], _ axes: [TableAxis], _ places: CellPlaces, threads: Int) -> [Int: CellCount] {
  if axes.isEmpty {
    let people = zip(patients, patients.dropFirst()).reduce(patients.isEmpty ? 0 : 1) { $0 + ($1.0 == $1.1 ? 0 : 1) }
    return [0: CellCount(admissions: patients.count, patients: people)]
  }
  return Extractor.cells(patients, axes, threads: threads).reduce(into: [:]) { $0[places.place($1.ids)] = $1.count }
}

/// Cells for which, judging by sums alone, few patients could lack a code.
private struct Suspects {
  /// The suspected cells, each with its code. The key is the cell's place without the code.
  private var byPlace: [Int: [(code: UInt32, cell: Int)]] = [:]

  init(_ cells: [TalliedCell], _ axis: Int, _ wholes: [Int: CellCount], _ places: CellPlaces, minimum: Int) {
    for (number, cell) in cells.enumerated() where cell.patients >= minimum {
      let place = places.place(cell.ids.removing(axis))
      guard let whole = wholes[place], whole.admissions > cell.admissions else { continue }
      // Patients who have no admission with the code are among those to count; if there are enough of them, skip the
      // cell.
      if whole.patients - cell.patients >= minimum { continue }
      byPlace[place, default: []].append((code: cell.ids[axis], cell: number))
    }
  }

  /// - Returns: by cell, the number of patients with an admission that lacks only the code.
  func patientsWithout(_ patients: [UInt32], _ codes: TableAxis, _ places: CellPlaces) -> [Int: Int] {
    var counts: [Int: (patients: Int, last: UInt32)] = [:]
    if byPlace.isEmpty { return [:] }
    for admission in patients.indices {
      places.forEach(of: admission) { place in
        for (code, cell) in byPlace[place] ?? [] where !codes.ids(admission).contains(code) {
          if let count = counts[cell], count.last == patients[admission] { continue }
          counts[cell] = ((counts[cell]?.patients ?? 0) + 1, patients[admission])
        }
      }
    }
    return counts.mapValues(\.patients)
  }
}

extension SIMD4<UInt32> {
  /// A copy without the lane; the lanes after it move down.
  fileprivate func removing(_ lane: Int) -> SIMD4<UInt32> {
    var result = self
    for place in lane..<3 { result[place] = self[place + 1] }
    result[3] = 0
    return result
  }
}
