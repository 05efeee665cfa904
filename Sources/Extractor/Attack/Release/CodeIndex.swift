internal import Shared

/// A code or, for tables of several codes, a combination of codes.
struct AttackedCode: Hashable, Sendable {
  let attributes: [Attribute]
  /// See `codeNames`.
  let number: Int
}

/// The positions of each code's cells in the tables that count codes.
struct CodeIndex {
  private var columns: [Int: [Int: Range<Int>]] = [:]
  private let release: AttackedRelease

  init(_ release: AttackedRelease) {
    self.release = release
    for (number, table) in release.tables.enumerated() where !table.codes.isEmpty {
      var ranges: [Int: Range<Int>] = [:]
      var begin = 0
      let cells = table.cells
      for end in cells.indices.map({ $0 + 1 }) where end == cells.count || cells[end].code != cells[begin].code {
        ranges[cells[begin].code] = begin..<end
        begin = end
      }
      columns[number] = ranges
    }
  }

  /// Numbers the combinations of codes of these attributes.
  func names(_ attributes: [Attribute]) -> Places { release.codeNames(attributes) }

  /// The numbers of all codes, or combinations of codes, that have cells in any of the tables.
  func codes(of tables: [Int]) -> [Int] { Set(tables.flatMap { columns[$0]?.keys.map { $0 } ?? [] }).sorted() }

  func cells(_ table: Int, _ code: Int) -> Range<Int> { columns[table]?[code] ?? 0..<0 }

  /// The same for a combination of codes, given by the number of each attribute's code.
  func cells(_ table: Int, _ codes: [Attribute: Int]) -> Range<Int> {
    let attributes = release.tables[table].codes
    return cells(table, names(attributes).place(attributes.map { codes[$0] ?? 0 }))
  }
}

extension AttackedRelease {
  /// Numbers the combinations of codes of these attributes.
  func codeNames(_ attributes: [Attribute]) -> Places {
    Places(attributes, sizes: attributes.map { names[$0]?.count ?? 0 })
  }
}
