internal import Shared

/// One output table: the source's own file name and header, and the rows that one stay adds.
struct OutputTable: Sendable {
  let path: String
  let header: [String]
  /// The stay's rows, without the row number that MIMIC-III puts first.
  let rows: @Sendable (Stay) -> [[String]]
  /// The attribute that fills the table; nil for tables that always stand.
  let attribute: Attribute?

  init(
    _ path: String, _ header: String, for attribute: Attribute? = nil, rows: @escaping @Sendable (Stay) -> [[String]]
  ) {
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

/// The run's tables as paths under `tables/` and bytes. Tables whose attribute the bundle does not know are left out.
func tableFiles(
  _ drafts: [Draft], _ statistics: Statistics, seed: UInt64, sampler: Sampler
) -> [(path: String, bytes: [UInt8])] {
  let schema = statistics.schema
  let stays = drafts.map { Stay($0, seed: seed) }
  let tables = outputTables(schema).filter { $0.attribute.map(sampler.knows) ?? true }.map { table in
    file(table.path, table.header, stays.lazy.flatMap(table.rows), schema)
  }
  return tables
    + dictionaries(schema).map { dictionary in
      let titles = statistics.titles.sorted.first { $0.group == dictionary.group }?.titles ?? []
      return file(dictionary.path, dictionary.header, titles.map(dictionary.row), schema)
    }
}

private func file(
  _ path: String, _ header: [String], _ rows: some Sequence<[String]>, _ schema: SourceSchema
) -> (path: String, bytes: [UInt8]) {
  var text = CSVLine.formatted(header)
  var rowID = 0
  for row in rows {
    rowID += 1
    text += CSVLine.formatted(schema == .mimicIII ? ["\(rowID)"] + row : row)
  }
  return (path: path, bytes: Array(text.utf8))
}

/// A table of what codes mean, filled from the bundle's titles.
private struct Dictionary {
  let path: String
  let header: [String]
  let group: String
  let row: (_ code: String, _ title: String) -> [String]
}

private func dictionaries(_ schema: SourceSchema) -> [Dictionary] {
  let groups = [(name: "DIAGNOSES", group: "diagnosis"), (name: "PROCEDURES", group: "procedure")]
  switch schema {
  case .mimicIII:
    return groups.map { name, group in
      Dictionary(
        path: "D_ICD_\(name).csv", header: ["ROW_ID", "ICD9_CODE", "SHORT_TITLE", "LONG_TITLE"], group: group
      ) { [$0, String($1.prefix(24)), $1] }
    }
  case .mimicIV:
    return groups.map { name, group in
      Dictionary(
        path: "hosp/d_icd_\(name.lowercased()).csv", header: ["icd_code", "icd_version", "long_title"], group: group
      ) { category, title in
        let (version, code) = VersionedCode.parts(category)
        return [code, "\(version)", title]
      }
    }
  }
}
