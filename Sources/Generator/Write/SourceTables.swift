internal import Shared

/// One output table: the source's own file name and header, and the rows that one stay adds.
struct OutputTable: Sendable {
  let path: String
  let header: [String]
  /// The stay's rows, without the row number that MIMIC-III puts first.
  let rows: @Sendable (Stay) -> [[String]]
  /// The attribute that fills the table; nil for tables that always stand.
  let attribute: Attribute?

  init(_ path: String, _ header: String, for attribute: Attribute? = nil, rows: @escaping @Sendable (Stay) -> [[String]]) {
    self.path = path
    self.header = header.split(separator: " ").map(String.init)
    self.attribute = attribute
    self.rows = rows
  }
}

/// The tables of a schema, in the source's file names, headers and formats, so that tools made for MIMIC read them.
func outputTables(_ schema: SourceSchema) -> [OutputTable] {
  schema == .mimicIII ? mimicIIITables : mimicIVTables
}

/// Writes all tables of a run under `tables/`. Tables whose attribute the bundle does not know are left out.
func writeTables(_ drafts: [Draft], schema: SourceSchema, seed: UInt64, sampler: Sampler) -> [(path: String, bytes: [UInt8])] {
  let stays = drafts.map { Stay($0, seed: seed) }
  return outputTables(schema).filter { $0.attribute.map(sampler.knows) ?? true }.map { table in
    var text = CSVLine.formatted(table.header)
    var rowID = 0
    for stay in stays {
      for row in table.rows(stay) {
        rowID += 1
        text += CSVLine.formatted(schema == .mimicIII ? ["\(rowID)"] + row : row)
      }
    }
    return (path: table.path, bytes: Array(text.utf8))
  }
}
