internal import Shared

/// The forms in which the admissions of a run can be exported.
enum ExportForm: String, CaseIterable, Sendable {
  case mimic, omop, fhir, meds, parquet, duckdb
  case postgresDump = "postgres-dump"

  /// Whether DuckDB writes the form's files.
  var needsDuckDB: Bool { self == .meds || self == .parquet || self == .duckdb }
}

struct ExportOptions: Sendable {
  let form: ExportForm
  let out: String
  /// Whether text files are compressed; nil for what the form's users expect.
  let isCompressed: Bool?
  /// The folder of vocabularies from Athena, for OMOP.
  let vocabulary: String?
  /// The program or Python with DuckDB; nil to look for one.
  let duckDB: String?

  /// Whether text files are compressed: MIMIC-IV's users and PostgreSQL's expect it.
  func compresses(_ schema: SourceSchema) -> Bool {
    isCompressed ?? (form == .postgresDump || form == .mimic && schema == .mimicIV)
  }
}

/// Writes the admissions of a finished run in another form. The folder appears whole or not at all.
///
/// The admissions are made again from the journal, as for the run's own tables, so changed tables are not exported.
///
/// - Throws: status 65 if the run is not finished, or a vocabulary can't be used; 66 if DuckDB or a vocabulary is
///   missing; 73 if a file can't be written.
func export(_ run: RunFolder, _ options: ExportOptions, _ progress: Progress) async throws {
  try requireNothing(at: options.out)
  try run.requireFinished()
  let form = options.form
  let duckDB = form.needsDuckDB ? try DuckDB(options.duckDB) : nil
  let concepts = try options.vocabulary.map { folder in try OMOPConcepts(athena: folder) } ?? OMOPConcepts()
  let parts = try RunParts(run, plans: false)
  let provenance = run.settings.provenance
  let folder = try OutputFolder(options.out)
  let statistics = run.bundle.statistics
  let set = tables(statistics.schema, parts.book, options, concepts, provenance)
  let writer = try TableWriter(set, in: folder)
  var linker = PatientLinker(statistics, seed: run.settings.seed)
  for numbers in PatientLinker.windows(of: run.settings.admissions) {
    try Task.checkCancellation()
    try await writer.add(linker.stays(try run.journal.drafts(numbers)))
    progress("\(numbers.upperBound) of \(run.settings.admissions) admissions")
  }
  _ = try writer.finish(in: folder, statistics.titles, parts.book)
  progress("\(form.rawValue): writing")
  let schema = statistics.schema
  let files = SQLText(folder: folder.aside)
  let database = MIMICDatabase(schema: schema)
  switch form {
  case .mimic, .fhir: break
  case .omop:
    _ = try set.write(cdmSource(provenance, concepts), to: "cdm_source.csv", in: folder)
  case .meds:
    for path in ["data", "data/train", "data/tuning", "data/held_out", "metadata"] {
      try makeFolder("\(folder.aside)/\(path)")
    }
    try duckDB?.run(MEDSEvents.script(files))
    try folder.write(Array(MEDSEvents.metadata(provenance).formatted().utf8), to: "metadata/dataset.json")
  case .parquet:
    for module in database.modules { try makeFolder("\(folder.aside)/\(module)") }
    try duckDB?.run(database.parquet(files, provenance))
  case .duckdb: try duckDB?.run(database.duckDB(files, "mimic.duckdb", provenance))
  case .postgresDump:
    try writeDump(database, provenance, in: folder, isCompressed: options.compresses(schema))
  }
  removeTree("\(folder.aside)/csv")
  try folder.write(Array(exportReadme(options, schema, provenance).utf8), to: "README.md")
  try folder.publish()
  progress(nil)
}

/// What is written from the stays: the form's own files, or CSV that the form is then made from.
private func tables(
  _ schema: SourceSchema, _ book: CodeBook, _ options: ExportOptions, _ concepts: OMOPConcepts,
  _ provenance: Provenance
) -> TableSet {
  let isCompressed = options.compresses(schema)
  switch options.form {
  case .mimic: return .mimic(schema, in: "", isCompressed: isCompressed)
  case .parquet, .duckdb, .postgresDump: return .mimic(schema, in: "csv/")
  case .omop:
    return TableSet(
      tables: omopTables(schema, concepts), dictionaries: [], folder: "", isCompressed: isCompressed)
  case .fhir:
    let resources = FHIRResources(schema, provenance) { book.title(of: $0, $1) }
    return TableSet(tables: resources.tables, dictionaries: [], folder: "", isCompressed: isCompressed)
  case .meds:
    let events = MEDSEvents(schema: schema)
    return TableSet(tables: events.tables, dictionaries: events.dictionaries, folder: "csv/", isCompressed: false)
  }
}

/// OMOP's table about the data set itself.
private func cdmSource(_ provenance: Provenance, _ concepts: OMOPConcepts) -> [UInt8] {
  let day = String(provenance.created.prefix(10))
  return CSVLine.bytes([
    "cdm_source_name", "cdm_source_abbreviation", "cdm_holder", "source_description", "source_documentation_reference",
    "cdm_etl_reference", "source_release_date", "cdm_release_date", "cdm_version", "cdm_version_concept_id",
    "vocabulary_version",
  ])
    + CSVLine.bytes([
      "Synthetic admissions from statistics of \(provenance.site)", "synthetic", provenance.site,
      provenance.fullDescription, "", provenance.generator, day, day, "v5.4", "756265", concepts.version,
    ])
}

/// Writes the tables in `csv/` as one script for psql.
private func writeDump(
  _ database: MIMICDatabase, _ provenance: Provenance, in folder: borrowing OutputFolder, isCompressed: Bool
) throws(CloisterError) {
  let name = "mimic.sql\(isCompressed ? ".gz" : "")"
  let file = TableFile(name, try folder.begin(name))
  try file.append(Array(database.postgreSQL(provenance).utf8))
  for copy in database.copies {
    try file.append(Array(copy.begin.utf8))
    let rows = try readFile(
      "\(folder.aside)/csv/\(copy.file)", name: copy.file, limit: Int.max - 1, refusal: .inputRefused)
    for start in stride(from: 0, to: rows.count, by: 1 << 24) {
      try file.append(Array(rows[start..<min(start + 1 << 24, rows.count)]))
    }
    try file.append(Array(copy.end.utf8))
  }
  try file.append(Array(database.keys.utf8))
  _ = try file.close()
}
