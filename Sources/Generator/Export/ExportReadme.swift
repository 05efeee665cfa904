internal import Shared

/// The page that goes with exported admissions: what they are, how they were made, and how to load them.
func exportReadme(_ options: ExportOptions, _ schema: SourceSchema, _ provenance: Provenance) -> String {
  """
  # \(title(options.form, schema))

  \(provenance.introduction)

  How they were made: statistics were counted and protected inside the hospital and signed (the bundle above); records
  were made from the statistics and public medical knowledge alone. Please cite the bundle's digest and the paper whose
  method this is: \(Provenance.citation)

  ## Load

  ```
  \(snippet(options, schema))
  ```

  """
}

private func title(_ form: ExportForm, _ schema: SourceSchema) -> String {
  switch form {
  case .mimic: "Synthetic admissions as a release of \(schema.title)"
  case .omop: "Synthetic admissions in OMOP CDM 5.4"
  case .fhir: "Synthetic admissions in FHIR R4"
  case .meds: "Synthetic admissions in MEDS 0.4"
  case .parquet: "Synthetic admissions as Parquet, with the tables of \(schema.title)"
  case .duckdb: "Synthetic admissions as a DuckDB database, with the tables of \(schema.title)"
  case .postgresDump: "Synthetic admissions as a PostgreSQL dump, with the tables of \(schema.title)"
  }
}

/// A command that loads a part of the files; it runs in their folder.
private func snippet(_ options: ExportOptions, _ schema: SourceSchema) -> String {
  let suffix = options.compresses(schema) ? ".gz" : ""
  func pandas(_ call: String) -> String { "python3 -c 'import pandas; print(pandas.\(call))'" }
  switch options.form {
  case .mimic:
    return pandas("read_csv(\"\(schema == .mimicIII ? "ADMISSIONS" : "hosp/admissions").csv\(suffix)\")")
  case .omop: return pandas("read_csv(\"visit_occurrence.csv\(suffix)\")")
  case .fhir: return pandas("read_json(\"Patient.ndjson\(suffix)\", lines=True)")
  case .meds: return pandas("read_parquet(\"data/train/0.parquet\")")
  case .parquet: return pandas("read_parquet(\"\(schema == .mimicIII ? "" : "hosp/")admissions.parquet\")")
  case .duckdb:
    return "python3 -c 'import duckdb; print(duckdb.connect(\"mimic.duckdb\").sql(\"FROM provenance\"))'"
  case .postgresDump:
    let load = "psql -v ON_ERROR_STOP=1 -d synthetic"
    return "createdb synthetic\n" + (suffix.isEmpty ? "\(load) -f mimic.sql" : "gunzip -c mimic.sql.gz | \(load)")
  }
}
