/// The content of `statistics.json`, format 1: tables of counts of admissions, and nothing else.
///
/// Being a `Statistics` says nothing about protection: the extractor's `ProtectedStatistics` and the generator's
/// `VerifiedBundle` are the types that do.
package struct Statistics: Equatable, Sendable {
  package var schema: SourceSchema
  /// A cell with fewer distinct patients is not here.
  package var minimumPatients: Int
  package var tables: [PublishedTable]
  package var titles: CodeTitles

  package init(schema: SourceSchema, minimumPatients: Int, tables: [PublishedTable], titles: CodeTitles) {
    self.schema = schema
    self.minimumPatients = minimumPatients
    self.tables = tables
    self.titles = titles
  }

  /// How many admissions the tables of single-valued attributes count, as far as one tells.
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
  /// Admissions that the table counts; nil where it would give a withheld cell away.
  package var total: Int?
  package var cells: [PublishedCell]
  /// Withheld cells whose categories are public; any other withheld cell is not even named.
  package var suppressed: [[String]]

  package init(attributes: [Attribute], total: Int?, cells: [PublishedCell], suppressed: [[String]]) {
    self.attributes = attributes
    self.total = total
    self.cells = cells
    self.suppressed = suppressed
  }

  package var name: String { Self.name(of: attributes) }

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

/// What codes mean, by group (`diagnosis`, `procedure`, `cpt`): public dictionaries' words, for published codes only.
package struct CodeTitles: Equatable, Sendable {
  private var groups: [String: [String: String]] = [:]

  package init() {}

  package subscript(group: String, code: String) -> String? {
    get { groups[group]?[code] }
    set { groups[group, default: [:]][code] = newValue }
  }

  /// Every code that a group has a title of, in byte order.
  package func codes(in group: String) -> [String] { (groups[group] ?? [:]).keys.sorted() }

  /// The title of an attribute's category; nil where none is known.
  package func title(of category: String, _ attribute: Attribute) -> String? {
    attribute.titleGroup.flatMap { self[$0, attribute.titledCode(category)] }
  }

  /// All titles, groups and codes in byte order.
  package var sorted: [(group: String, titles: [(code: String, title: String)])] {
    groups.sorted { $0.key < $1.key }.map { group, titles in
      (group, titles.sorted { $0.key < $1.key }.map { (code: $0.key, title: $0.value) })
    }
  }
}
