/// The content of `statistics.json`, format 1: tables of admission counts, with titles for their codes.
///
/// This type says nothing about protection; the extractor's `ProtectedStatistics` and the generator's `VerifiedBundle`
/// do.
package struct Statistics: Equatable, Sendable {
  package var schema: SourceSchema
  /// The policy's minimum: cells with fewer distinct patients are withheld.
  package var minimumPatients: Int
  package var tables: [PublishedTable]
  package var titles: CodeTitles

  package init(schema: SourceSchema, minimumPatients: Int, tables: [PublishedTable], titles: CodeTitles) {
    self.schema = schema
    self.minimumPatients = minimumPatients
    self.tables = tables
    self.titles = titles
  }

  /// The largest number of admissions in any table of single-valued attributes: the table's total or, if none is
  /// published, the sum of its cells.
  package var admissions: Int {
    tables.filter { $0.attributes.allSatisfy { !$0.isMultiValued } }
      .map { table in table.total ?? table.cells.reduce(0) { $0 + $1.count } }.max() ?? 0
  }

  /// The table over exactly these attributes, in any order.
  package func table(over attributes: Set<Attribute>) -> PublishedTable? {
    tables.first { Set($0.attributes) == attributes }
  }
}

/// One published table: counts of admissions by the categories of 1 to 3 attributes.
package struct PublishedTable: Equatable, Sendable {
  package var attributes: [Attribute]
  /// The sum of all cells; nil if any cell is withheld or counts are rounded.
  package var total: Int?
  package var cells: [PublishedCell]
  /// The withheld cells whose categories are all public; no other withheld cell is named.
  package var suppressed: [[String]]

  package init(attributes: [Attribute], total: Int?, cells: [PublishedCell], suppressed: [[String]]) {
    self.attributes = attributes
    self.total = total
    self.cells = cells
    self.suppressed = suppressed
  }

  package var name: String { Self.name(of: attributes) }

  /// The name where only letters, digits and hyphens can stand, as in links and names of files.
  package var plainName: String { attributes.map(\.rawValue).joined(separator: "-by-") }

  package static func name(of attributes: [Attribute]) -> String {
    attributes.map(\.rawValue).joined(separator: " x ")
  }
}

/// One published cell: a category for each of the table's attributes, and how many admissions have them all.
package struct PublishedCell: Equatable, Sendable {
  package let key: [String]
  package let count: Int

  package init(key: [String], count: Int) {
    self.key = key
    self.count = count
  }
}

/// Titles of codes from public dictionaries, by group (`diagnosis`, `procedure`, `cpt`, `lab`). A bundle holds only
/// those of published codes.
package struct CodeTitles: Equatable, Sendable {
  private var groups: [String: [String: String]] = [:]

  package init() {}

  package subscript(group: String, code: String) -> String? {
    get { groups[group]?[code] }
    set { groups[group, default: [:]][code] = newValue }
  }

  /// Every code that has a title in the group, in byte order.
  package func codes(in group: String) -> [String] { (groups[group] ?? [:]).keys.inByteOrder() }

  /// The title of an attribute's category; nil if none is known.
  package func title(of category: String, _ attribute: Attribute) -> String? {
    attribute.titleGroup.flatMap { self[$0, attribute.titledCode(category)] }
  }

  /// All titles, with groups and codes in byte order.
  package var sorted: [(group: String, titles: [(code: String, title: String)])] {
    groups.inByteOrder().map { group, titles in
      (group, titles.inByteOrder().map { (code: $0.key, title: $0.value) })
    }
  }
}
