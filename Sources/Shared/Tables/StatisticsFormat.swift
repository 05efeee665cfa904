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
    let file = "statistics.json"
    var stream = JSONStream(bytes, file: file)
    var (schema, minimum, tables, titles) = (SourceSchema.mimicIII, 0, [PublishedTable](), CodeTitles())
    var names: Set<Set<Attribute>> = []
    try stream.object(file, names: ["format", "schema", "unit", "minimum-patients", "tables", "titles"]) {
      (stream, name) throws(FormatError) in
      let path = "\(file).\(name)"
      func require(_ isRight: Bool, _ reason: String) throws(FormatError) {
        if !isRight { throw FormatError(path: path, reason: reason) }
      }
      switch name {
      case "format": try require(try stream.integer(path) == 1, "is not 1")
      case "schema":
        let known = SourceSchema(rawValue: try stream.string(path))
        try require(known != nil, "is neither mimic-iii nor mimic-iv")
        schema = known ?? schema
      case "unit": try require(try stream.string(path) == "admissions", "is not admissions")
      case "minimum-patients":
        minimum = try stream.integer(path)
        try require(minimum >= 0, "is negative")
      case "tables":
        try stream.array(path) { (stream, number) throws(FormatError) in
          let table = try PublishedTable(reading: &stream, path: "\(path)[\(number)]")
          guard names.insert(Set(table.attributes)).inserted else {
            throw FormatError(path: "\(path)[\(number)].name", reason: "appears twice")
          }
          tables.append(table)
        }
      default: titles = try CodeTitles(reading: &stream, path: path)
      }
    }
    try stream.end()
    self.init(schema: schema, minimumPatients: minimum, tables: tables, titles: titles)
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

  fileprivate init(reading stream: inout JSONStream, path: String) throws(FormatError) {
    var (attributes, total, cells, suppressed) = ([Attribute](), Int?.none, [PublishedCell](), [[String]]())
    var name = ""
    try stream.object(path, names: ["name", "attributes", "total", "cells", "suppressed"]) {
      (stream, member) throws(FormatError) in
      switch member {
      case "name": name = try stream.string("\(path).name")
      case "attributes": attributes = try Self.attributes(&stream, "\(path).attributes")
      case "total": total = try stream.optionalInteger("\(path).total")
      case "cells":
        try stream.array("\(path).cells") { (stream, number) throws(FormatError) in
          cells.append(try PublishedCell(reading: &stream, path: "\(path).cells[\(number)]"))
        }
      default:
        try stream.array("\(path).suppressed") { (stream, number) throws(FormatError) in
          suppressed.append(try stream.strings("\(path).suppressed[\(number)]"))
        }
      }
    }
    guard name == Self.name(of: attributes) else {
      throw FormatError(path: "\(path).name", reason: "does not match the attributes")
    }
    if let total, !(0...maximumCount).contains(total) {
      throw FormatError(path: "\(path).total", reason: "is not a count of admissions")
    }
    try Self.requireKeys(cells, suppressed, attributes.count, path)
    self.init(attributes: attributes, total: total, cells: cells, suppressed: suppressed)
  }

  private static func attributes(_ stream: inout JSONStream, _ path: String) throws(FormatError) -> [Attribute] {
    var attributes: [Attribute] = []
    for name in try stream.strings(path) {
      guard let attribute = Attribute(published: name), !attributes.contains(attribute) else {
        throw FormatError(path: path, reason: "names an unknown attribute, or the same one twice")
      }
      attributes.append(attribute)
    }
    guard (1...3).contains(attributes.count) else { throw FormatError(path: path, reason: "must have 1 to 3 entries") }
    return attributes
  }

  /// Requires that each cell has a key of its own, with one category for each attribute.
  private static func requireKeys(
    _ cells: [PublishedCell], _ suppressed: [[String]], _ count: Int, _ path: String
  ) throws(FormatError) {
    var keys: Set<[String]> = []
    keys.reserveCapacity(cells.count + suppressed.count)
    for (number, cell) in cells.enumerated() {
      guard cell.key.count == count else {
        throw FormatError(path: "\(path).cells[\(number)].key", reason: "needs one category per attribute")
      }
      guard keys.insert(cell.key).inserted else {
        throw FormatError(path: "\(path).cells[\(number)].key", reason: "appears twice")
      }
    }
    for key in suppressed where key.count != count || !keys.insert(key).inserted {
      throw FormatError(
        path: "\(path).suppressed", reason: "names a cell that is published, named twice or from another table")
    }
  }
}

extension PublishedCell {
  fileprivate init(reading stream: inout JSONStream, path: @autoclosure () -> String) throws(FormatError) {
    var (key, count) = ([String](), 0)
    try stream.object(path(), names: ["key", "count"]) { (stream, member) throws(FormatError) in
      if member == "key" {
        key = try stream.strings("\(path()).key")
      } else {
        count = try stream.integer("\(path()).count")
      }
    }
    guard (0...maximumCount).contains(count) else {
      throw FormatError(path: "\(path()).count", reason: "is not a count of admissions")
    }
    self.init(key: key, count: count)
  }
}

/// No site has more admissions than this. The limit keeps sums over a whole bundle far from overflow.
private let maximumCount = 1_000_000_000_000

extension CodeTitles {
  /// The bytes of a file that holds only titles, `{"titles": ...}`.
  package func formatted() -> String { JSONValue.object([JSONMember("titles", json)]).formatted() }

  /// Reads what `formatted` wrote. - Throws: `FormatError` with the path of the first error.
  package init(parsing bytes: [UInt8], path: String) throws(FormatError) {
    var stream = JSONStream(bytes, file: path)
    var titles = CodeTitles()
    try stream.object(path, names: ["titles"]) { (stream, _) throws(FormatError) in
      titles = try CodeTitles(reading: &stream, path: "\(path).titles")
    }
    try stream.end()
    self = titles
  }

  fileprivate var json: JSONValue {
    .object(
      sorted.map { group, titles in
        JSONMember(group, .object(titles.map { JSONMember($0.code, .string($0.title)) }))
      })
  }

  fileprivate init(reading stream: inout JSONStream, path: String) throws(FormatError) {
    var titles = CodeTitles()
    try stream.object(path, names: ["diagnosis", "procedure", "cpt", "lab"], allRequired: false) {
      (stream, group) throws(FormatError) in
      try stream.object("\(path).\(group)", names: nil) { (stream, code) throws(FormatError) in
        titles[group, code] = try stream.string("\(path).\(group)")
      }
    }
    self = titles
  }
}
