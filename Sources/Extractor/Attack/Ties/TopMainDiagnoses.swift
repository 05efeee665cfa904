internal import Shared

extension Tie {
  /// No main diagnosis beyond a table's top has more admissions than the rarest within it. For other codes, and for
  /// tables of main diagnoses alone, the bounds of a code are enough.
  static let topMainDiagnoses = Tie(
    name: "top main diagnoses", sentence: "The published main diagnoses are those with the most admissions."
  ) { tables, release in
    let main = Attribute.mainDiagnosis
    let ranked = release.tables.filter { $0.codes.isEmpty && $0.stay.count > 1 && $0.stay.contains(main) }
    return ranked.filter { $0.mostBeyondTop != nil }.flatMap { table in
      (release.names[main] ?? []).indices.compactMap { number in
        table.mostBeyondTop(number).map { most in
          TiedCells(parts: [TiedCell(categories: [main: number])], wholes: [], knownWhole: most, isEqual: false)
        }
      }
    }
  }
}
