internal import Yams

/// A site's own names for the source's tables and columns: tables and SQL expressions that replace MIMIC's names.
package struct SourceMapping: Equatable, Sendable {
  /// The source whose tables are mapped: `mimic-iii` or `mimic-iv`; nil for both.
  package let source: SourceSchema?
  /// The database schema of tables that the mapping does not name; nil for the connection's default.
  package let databaseSchema: String?
  /// Keyed by the source's own table names, in lower case.
  package let tables: [String: Table]

  package struct Table: Equatable, Sendable {
    /// The text after FROM; nil for the table's own name.
    package let from: String?
    /// SQL expressions, keyed by the source's own column names; a column that is not listed keeps its name.
    package let columns: [String: String]
    /// Whether the database lacks this table.
    package let isAbsent: Bool
  }

  /// MIMIC's own names.
  package static let none = SourceMapping(source: nil, databaseSchema: nil, tables: [:])

  private init(source: SourceSchema?, databaseSchema: String?, tables: [String: Table]) {
    self.source = source
    self.databaseSchema = databaseSchema
    self.tables = tables
  }

  /// Reads a mapping file strictly.
  ///
  /// - Parameters:
  ///   - schema: the source whose tables are wanted.
  ///   - columns: the columns that may be mapped, by table.
  ///   - mayBeAbsent: the tables that a database need not have.
  /// - Throws: status 78 with the line and column.
  package init(
    parsing bytes: [UInt8], file: String, for schema: SourceSchema, columns: [String: [String]], mayBeAbsent: [String]
  ) throws(CloisterError) {
    do throws(PolicyFaults) {
      let root: Node
      do { root = try composeStrictYAML(bytes) } catch { throw PolicyFaults(all: [error]) }
      let faults = PolicyFaultList()
      let mapping = PolicyMapping(
        root, what: "the mapping", keys: ["cloister-mapping", "title", "source", "database-schema", "tables"], faults)
      _ = mapping.integer("cloister-mapping", in: 1...1)
      let sources = Dictionary(uniqueKeysWithValues: SourceSchema.allCases.map { ($0.rawValue, Optional($0)) })
      let stated = mapping.choice("source", sources, default: nil)
      if let stated, stated != schema {
        mapping.note("source", "is \(stated.rawValue), but --schema names a different source")
      }
      source = stated
      databaseSchema = mapping.sql("database-schema")
      tables = Self.tables(mapping, columns, mayBeAbsent)
      try faults.end()
    } catch {
      throw error.error(in: file, hint: "see docs/warehouse.md on mappings, and the example in examples/mappings/")
    }
  }

  private static func tables(
    _ mapping: PolicyMapping, _ columns: [String: [String]], _ mayBeAbsent: [String]
  ) -> [String: Table] {
    guard let node = mapping.node("tables") else { return [:] }
    let named = PolicyMapping(node, what: "tables", keys: columns.keys.inByteOrder(), mapping.faults)
    var tables: [String: Table] = [:]
    for (name, known) in columns.inByteOrder() {
      guard let node = named.node(name) else { continue }
      let table = PolicyMapping(node, what: name, keys: ["from", "columns", "absent"], mapping.faults)
      let isAbsent = table.choice("absent", ["true": true, "false": false], default: false)
      if isAbsent, !mayBeAbsent.contains(name) {
        table.note("absent", "is only for tables of titles; remove what needs \(name) from the policy")
      }
      var expressions: [String: String] = [:]
      if let node = table.node("columns") {
        let given = PolicyMapping(node, what: "the columns of \(name)", keys: known, mapping.faults)
        for column in known { expressions[column] = given.sql(column) }
      }
      tables[name] = Table(from: table.sql("from"), columns: expressions, isAbsent: isAbsent)
    }
    return tables
  }
}

extension PolicyMapping {
  /// A piece of SQL that cannot end a statement or contain a comment; nil if the key is missing.
  fileprivate func sql(_ key: String) -> String? {
    guard node(key) != nil else { return nil }
    let text = text(key)
    if text.isEmpty || text.utf8.count > 4096 {
      note(key, "must be 1 to 4096 bytes of SQL")
    } else if [";", "--", "/*"].contains(where: { text.contains($0) }) {
      note(key, "must be a name or an expression, without semicolons or comments")
    }
    return text
  }
}
