import Shared

@testable import Extractor

extension SiteSecret {
  /// A secret for tests: the same number always draws the same.
  static func test(_ number: Int = 1) -> SiteSecret { SiteSecret("test \(number)", fileSHA256: nil) }
}

extension TalliedTable {
  /// A table of counts by one or two attributes, row by row, with one patient per admission.
  init(_ request: Policy.TableRequest, _ categories: [[String]], counts: [Int]) {
    let columns = categories.count == 2 ? categories[1].count : 1
    let cells = counts.enumerated().filter { $1 > 0 }.map { place, count in
      TalliedCell(
        ids: SIMD4(UInt32(place / columns), UInt32(place % columns), 0, 0),
        CellCount(admissions: count, patients: count, largest: 1))
    }
    self.init(request: request, categories: categories, cells: cells)
  }
}

/// Tables of two attributes with their margins.
enum SmallTables {
  /// The equations between a table's cells and its margins. The cells are numbered first, then the row sums, then the
  /// column sums.
  static func gridSums(rows: Int, columns: Int) -> [(parts: [Int], whole: [Int])] {
    let cells = rows * columns
    return (0..<rows).map { row in (parts: (0..<columns).map { row * columns + $0 }, whole: [cells + row]) }
      + (0..<columns).map { column in
        (parts: (0..<rows).map { $0 * columns + column }, whole: [cells + rows + column])
      }
  }

  /// The counts of a table, its row sums and its column sums.
  static func withMargins(_ counts: [Int], rows: Int, columns: Int) -> [Int] {
    counts + (0..<rows).map { row in (0..<columns).reduce(0) { $0 + counts[row * columns + $1] } }
      + (0..<columns).map { column in (0..<rows).reduce(0) { $0 + counts[$1 * columns + column] } }
  }
}
