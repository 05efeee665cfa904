internal import Shared

/// MIMIC's tables as a database has them: named and typed, with their keys.
struct MIMICDatabase: Sendable {
  let schema: SourceSchema

  /// A table or dictionary, and the file that holds it.
  private struct Table {
    let file: String
    let columns: [String]

    /// In lower case, after the name of its module if it has one: `hosp.admissions`.
    var name: String { file.lowercased().replacing(".csv", with: "").replacing("/", with: ".") }
  }

  private var tables: [Table] {
    outputTables(schema).map { Table(file: $0.path, columns: $0.header) }
      + codeDictionaries(schema).map { Table(file: $0.path, columns: $0.header) }
  }

  private func columns(_ table: Table) -> [(name: String, type: ColumnType)] {
    table.columns.map { ($0.lowercased(), ColumnType($0, schema)) }
  }

  /// Commands for DuckDB that write each table as Parquet, from CSV in the same folder.
  func parquet(_ folder: SQLText, _ provenance: Provenance) -> String {
    let facts = provenance.facts.map { "\(SQLText.name($0.name)): \(SQLText.quoted($0.value))" }
    return tables.map { table in
      "COPY (FROM \(reader(table, folder))) TO "
        + "\(folder.path(table.file.lowercased().replacing(".csv", with: ".parquet"))) "
        + "(FORMAT parquet, COMPRESSION zstd, KV_METADATA {\(facts.joined(separator: ", "))});\n"
    }.joined()
  }

  /// Commands for DuckDB that make a database file.
  func duckDB(_ folder: SQLText, _ file: String, _ provenance: Provenance) -> String {
    var script = "ATTACH \(folder.path(file)) AS made;\nUSE made;\n"
    for module in modules { script += "CREATE SCHEMA \(module);\n" }
    for table in tables {
      script +=
        "CREATE TABLE made.\(table.name.contains(".") ? "" : "main.")\(table.name) AS "
        + "FROM \(reader(table, folder));\n"
    }
    let facts = provenance.facts.map { "(\(SQLText.quoted($0.name)), \(SQLText.quoted($0.value)))" }
    return script + "CREATE TABLE made.main.provenance AS SELECT * FROM (VALUES \(facts.joined(separator: ", "))) "
      + "t(name, value);\nUSE memory;\nDETACH made;\n"
  }

  private func reader(_ table: Table, _ folder: SQLText) -> String {
    let types = columns(table).map { "\(SQLText.quoted($0.name)): \(SQLText.quoted($0.type.rawValue))" }
    return "read_csv(\(folder.path("csv/\(table.file)")), header = true, quote = '\"', "
      + "columns = {\(types.joined(separator: ", "))})"
  }

  /// The modules into which the schema divides its tables.
  var modules: [String] { schema == .mimicIV ? ["hosp", "icu"] : [] }

  /// The commands before the rows of a PostgreSQL dump, and for each table those that begin and end its rows.
  func postgreSQL(_ provenance: Provenance) -> String {
    var script = "-- \(provenance.description)\n"
    for fact in provenance.facts { script += "-- \(fact.name): \(fact.value)\n" }
    script += "SET client_encoding = 'UTF8';\nBEGIN;\n"
    for module in modules { script += "CREATE SCHEMA \(module);\n" }
    for table in tables {
      let columns = columns(table).map { "  \(SQLText.name($0.name)) \($0.type.rawValue)" }
      script += "CREATE TABLE \(table.name) (\n\(columns.joined(separator: ",\n"))\n);\n"
      script +=
        "COMMENT ON TABLE \(table.name) IS "
        + "\(SQLText.quoted("\(provenance.description) Bundle SHA-256 \(provenance.bundle)."));\n"
    }
    return script
  }

  /// Each table's file with the commands before and after its rows, for a script that holds them all.
  var copies: [(file: String, begin: String, end: String)] {
    tables.map { ($0.file, "COPY \($0.name) FROM stdin WITH (FORMAT csv, HEADER true);\n", "\\.\n") }
  }

  /// The commands after the rows: the keys, which the rows are checked against.
  var keys: String {
    let (hosp, icd) = schema == .mimicIV ? ("hosp.", "icd_code, icd_version") : ("", "icd9_code")
    var script = """
      ALTER TABLE \(hosp)patients ADD PRIMARY KEY (subject_id);
      ALTER TABLE \(hosp)admissions ADD PRIMARY KEY (hadm_id);
      ALTER TABLE \(hosp)d_icd_diagnoses ADD PRIMARY KEY (\(icd));
      ALTER TABLE \(hosp)d_icd_procedures ADD PRIMARY KEY (\(icd));
      ALTER TABLE \(hosp)d_labitems ADD PRIMARY KEY (itemid);
      ALTER TABLE \(hosp)admissions ADD FOREIGN KEY (subject_id) REFERENCES \(hosp)patients;
      ALTER TABLE \(hosp)labevents ADD FOREIGN KEY (itemid) REFERENCES \(hosp)d_labitems;

      """
    let events = ["diagnoses_icd", "procedures_icd", "prescriptions", "labevents"]
    for table in events + (schema == .mimicIII ? ["cptevents"] : ["pharmacy"]) {
      script += "ALTER TABLE \(hosp)\(table) ADD FOREIGN KEY (hadm_id) REFERENCES \(hosp)admissions;\n"
    }
    return script + "COMMIT;\n"
  }
}
