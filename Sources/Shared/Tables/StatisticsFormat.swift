extension Statistics {
  /// The bytes of `statistics.json`: equal statistics give equal bytes.
  package func formatted() -> String {
    JSONValue.object([
      JSONMember("format", 1),
      JSONMember("schema", .string(schema.rawValue)),
      JSONMember("unit", "admissions"),
      JSONMember("minimum-patients", .integer(minimumPatients)),
      JSONMember("tables", .array(tables.map(\.json))),
      JSONMember("titles", titles.json),
    ]).formatted()
  }

  /// Reads `statistics.json`; refuses anything that format 1 does not define.
  ///
  /// - Throws: `FormatError` with the path of the first error.
  package init(parsing bytes: [UInt8]) throws(FormatError) {
    let document = try StrictObject(
      parsing: bytes, path: "statistics.json",
      names: ["format", "schema", "unit", "minimum-patients", "tables", "titles"])
    guard try document.integer("format") == 1 else { throw document.error("format", "is not 1") }
    guard let schema = SourceSchema(rawValue: try document.string("schema")) else {
      throw document.error("schema", "is neither mimic-iii nor mimic-iv")
    }
    guard try document.string("unit") == "admissions" else { throw document.error("unit", "is not admissions") }
    let minimum = try document.integer("minimum-patients")
    guard minimum >= 0 else { throw document.error("minimum-patients", "is negative") }
    let tables = try document.objects("tables", names: ["name", "attributes", "total", "cells", "suppressed"])
    var read: [PublishedTable] = []
    var names: Set<Set<Attribute>> = []
    for table in tables {
      let published = try PublishedTable(reading: table)
      guard names.insert(Set(published.attributes)).inserted else { throw table.error("name", "appears twice") }
      read.append(published)
    }
    self.init(
      schema: schema, minimumPatients: minimum, tables: read, titles: try CodeTitles(reading: document))
  }
}

extension PublishedTable {
  fileprivate var json: JSONValue {
    .object([
      JSONMember("name", .string(name)),
      JSONMember("attributes", .array(attributes.map { .string($0.rawValue) })),
      JSONMember("total", .optional(total) { .integer($0) }),
      JSONMember(
        "cells",
        .array(
          cells.map { cell in
            .object([
              JSONMember("key", .array(cell.key.map { .string($0) })), JSONMember("count", .integer(cell.count)),
            ])
          })),
      JSONMember("suppressed", .array(suppressed.map { .array($0.map { .string($0) }) })),
    ])
  }

  fileprivate init(reading table: StrictObject) throws(FormatError) {
    var attributes: [Attribute] = []
    for name in try table.strings("attributes") {
      guard let attribute = Attribute(rawValue: name), !attributes.contains(attribute) else {
        throw table.error("attributes", "names an unknown attribute, or the same one twice")
      }
      attributes.append(attribute)
    }
    guard (1...3).contains(attributes.count) else { throw table.error("attributes", "must have 1 to 3 entries") }
    guard try table.string("name") == Self.name(of: attributes) else {
      throw table.error("name", "does not match the attributes")
    }
    var keys: Set<[String]> = []
    var cells: [PublishedCell] = []
    for cell in try table.objects("cells", names: ["key", "count"]) {
      let key = try cell.strings("key")
      let count = try cell.integer("count")
      guard key.count == attributes.count else { throw cell.error("key", "needs one category per attribute") }
      guard keys.insert(key).inserted else { throw cell.error("key", "appears twice") }
      guard (0...maximumCount).contains(count) else { throw cell.error("count", "is not a count of admissions") }
      cells.append(PublishedCell(key: key, count: count))
    }
    let suppressed = try table.stringLists("suppressed")
    for key in suppressed where key.count != attributes.count || !keys.insert(key).inserted {
      throw table.error("suppressed", "names a cell that is published, named twice or from another table")
    }
    let total = try table.optionalInteger("total")
    if let total, !(0...maximumCount).contains(total) { throw table.error("total", "is not a count of admissions") }
    self.init(attributes: attributes, total: total, cells: cells, suppressed: suppressed)
  }
}

/// No site has more admissions than this. The limit keeps sums over a whole bundle far from overflow.
private let maximumCount = 1_000_000_000_000

extension CodeTitles {
  /// The bytes of a file that holds only titles, `{"titles": ...}`.
  package func formatted() -> String { JSONValue.object([JSONMember("titles", json)]).formatted() }

  /// Reads what `formatted` wrote. - Throws: `FormatError` with the path of the first error.
  package init(parsing bytes: [UInt8], path: String) throws(FormatError) {
    try self.init(reading: try StrictObject(parsing: bytes, path: path, names: ["titles"]))
  }

  fileprivate var json: JSONValue {
    .object(
      sorted.map { group, titles in
        JSONMember(group, .object(titles.map { JSONMember($0.code, .string($0.title)) }))
      })
  }

  fileprivate init(reading document: StrictObject) throws(FormatError) {
    self.init()
    let groups = try document.object("titles", names: ["diagnosis", "procedure", "cpt", "lab"], allRequired: false)
    for group in groups.members {
      let titles = try groups.object(group.name, names: nil)
      for title in titles.members { self[group.name, title.name] = try titles.string(title.name) }
    }
  }
}
