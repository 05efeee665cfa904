internal import Shared

/// What each column of a run's tables holds, for people and for programs.
struct DataDictionary: Sendable {
  let schema: SourceSchema
  /// The files that have rows, by their paths.
  let filled: Set<String>

  struct Column: Sendable {
    let name: String
    let type: ColumnType
    let note: String
  }

  /// The files of a schema, each with its columns.
  var files: [(path: String, columns: [Column])] {
    let tables = outputTables(schema).map { ($0.path, $0.header) }
    let dictionaries = codeDictionaries(schema).map { ($0.path, $0.header) }
    return (tables + dictionaries).map { path, header in
      let table = path.split(separator: "/").last?.split(separator: ".").first?.lowercased() ?? ""
      let columns = header.map { name in
        let note = Self.notes["\(table).\(name.lowercased())"] ?? Self.notes[name.lowercased()]
        return Column(
          name: name, type: ColumnType(name, schema),
          note: filled.contains(path) ? note ?? "empty: no bundle covers it" : "empty: the table has no rows")
      }
      return (path, columns)
    }
  }

  /// `data-dictionary.csv`.
  func csv() -> [UInt8] {
    files.reduce(into: CSVLine.bytes(["table", "column", "type", "content"])) { bytes, file in
      for column in file.columns {
        CSVLine.append([file.path, column.name, column.type.rawValue, column.note], to: &bytes)
      }
    }
  }

  private static let notes: [String: String] = {
    let lines = String(decoding: PackageResources.ColumnNotes_txt, as: UTF8.self).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
    return Dictionary(
      uniqueKeysWithValues: lines.compactMap { line in
        line.firstIndex(of: ";").map { (String(line[..<$0]), String(line[line.index($0, offsetBy: 2)...])) }
      })
  }()
}
