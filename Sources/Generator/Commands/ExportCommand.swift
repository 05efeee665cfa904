internal import ArgumentParser
internal import Shared

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a finished run's admissions in the form of another data model or program.",
    discussion: """
      mimic: a whole release with every table of the schema, as MIMIC's own loaders expect it (MIMIC-IV's compressed).
      omop: OMOP CDM 5.4. fhir: FHIR R4 as NDJSON. meds: MEDS 0.4. parquet, duckdb, postgres-dump: MIMIC's tables.
      meds, parquet and duckdb need DuckDB. Examples:
        cloister-generator export run/ --to mimic --out release/
        cloister-generator export run/ --to fhir --out fhir/
      """)

  @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
  var path: String

  @Option(help: ArgumentHelp("The form to write.", valueName: "form"))
  var to: ExportForm

  @Option(help: ArgumentHelp("The folder to create; it must not exist.", valueName: "folder"))
  var out: String

  @Flag(
    inversion: .prefixedNo, help: "Compress text files; default: only those of MIMIC-IV's release and of a dump.")
  var gzip: Bool?

  @Option(help: "For omop: the folder of vocabularies downloaded from OHDSI's Athena; default: concept 0 for codes.")
  var vocabulary: String?

  @Option(
    name: .customLong("duckdb"), help: "The program duckdb, or a Python that has the module; default: on the PATH.")
  var duckDB: String?

  func validate() throws {
    if vocabulary != nil, to != .omop { throw ValidationError("--vocabulary is only for --to omop") }
    if gzip != nil, to.needsDuckDB {
      throw ValidationError("--gzip and --no-gzip are not for --to \(to.rawValue), whose files are not text")
    }
  }

  func run() async throws {
    let folder = try RunFolder(opening: path, isLooking: true)
    let options = ExportOptions(form: to, out: out, isCompressed: gzip, vocabulary: vocabulary, duckDB: duckDB)
    try await export(folder, options, Console.progress)
    try folder.journal.close()
    Console.result(
      "\(harmless(out)): \(folder.settings.admissions) synthetic admissions; its README.md says how to load them")
  }
}

extension ExportForm: ExpressibleByArgument {}

struct ExportTablesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export-tables",
    abstract: "Writes a bundle's tables of counts as CSV, one file for each table.",
    discussion: """
      The bundle is verified first, as by verify. The count of a withheld cell is empty if its
      categories are public; other withheld cells are not named. Example:
        cloister-generator export-tables bundle/ --trust site.cert.pem --to csv --out counts/
      """)

  @Argument(help: "The bundle's folder.")
  var bundle: String

  @OptionGroup var options: TrustOptions

  @Option(help: ArgumentHelp("The form to write.", valueName: "form"))
  var to = Form.csv

  @Option(help: ArgumentHelp("The folder to create; it must not exist.", valueName: "folder"))
  var out: String

  enum Form: String, CaseIterable, ExpressibleByArgument { case csv }

  func run() throws {
    try requireNothing(at: out)
    let (verified, note) = try acceptedBundle(
      bundle, options.trusted, memory: options.memory, mostStatistics: options.mostStatistics)
    if let note { Console.note("note: \(note)") }
    let folder = try OutputFolder(out)
    for table in verified.statistics.tables { try folder.write(table.csv(), to: "\(table.plainName).csv") }
    try folder.publish()
    Console.result("\(harmless(out)): \(verified.statistics.tables.count) tables")
  }
}
