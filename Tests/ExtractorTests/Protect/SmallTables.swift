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
