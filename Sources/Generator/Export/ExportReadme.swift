internal import Shared

/// The page that goes with exported admissions: what they are, how they were made, and how to load them.
func exportReadme(_ form: ExportForm, _ provenance: Provenance) -> String {
  """
  # \(form.title)

  \(provenance.description)

  \(provenance.facts.map { "- \($0.name): \($0.value)" }.joined(separator: "\n"))

  How they were made: statistics were counted and protected inside the hospital and signed (the bundle above); records
  were made from the statistics and public medical knowledge alone. Please cite the bundle's digest and the paper whose
  method this is: \(Provenance.citation)

  ## Load

  ```
  \(form.snippet)
  ```

  """
}

extension ExportForm {
  fileprivate var title: String {
    switch self {
    case .mimic: "Synthetic admissions as a MIMIC release"
    case .omop: "Synthetic admissions in OMOP CDM 5.4"
    case .fhir: "Synthetic admissions in FHIR R4"
    case .meds: "Synthetic admissions in MEDS 0.4"
    case .parquet: "Synthetic admissions as Parquet"
    case .duckdb: "Synthetic admissions as a DuckDB database"
    case .postgresDump: "Synthetic admissions as a PostgreSQL dump"
    }
  }

  fileprivate var snippet: String {
    switch self {
    case .mimic:
      "python3 -c 'import glob, pandas; print(pandas.read_csv(glob.glob(\"**/[Aa][Dd][Mm]ISSIONS.csv*\")[0]))'"
    case .omop: "python3 -c 'import pandas; print(pandas.read_csv(\"visit_occurrence.csv\"))'"
    case .fhir: "python3 -c 'import pandas; print(pandas.read_json(\"Patient.ndjson\", lines=True))'"
    case .meds: "python3 -c 'import pandas; print(pandas.read_parquet(\"data/train/0.parquet\"))'"
    case .parquet: "duckdb -c \"SELECT count(*) FROM '*/admissions.parquet'\""
    case .duckdb: "duckdb mimic.duckdb -c 'SELECT * FROM provenance'"
    case .postgresDump: "createdb synthetic && gunzip -c mimic.sql.gz | psql -v ON_ERROR_STOP=1 -d synthetic"
    }
  }
}
