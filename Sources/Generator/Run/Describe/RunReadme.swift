internal import Shared

/// The page that explains a run to whoever finds its folder.
func runReadme(_ provenance: Provenance, _ schema: SourceSchema) -> String {
  let admissions = schema == .mimicIII ? "ADMISSIONS.csv" : "hosp/admissions.csv"
  let (diagnoses, code) =
    schema == .mimicIII ? ("DIAGNOSES_ICD.csv", "ICD9_CODE") : ("hosp/diagnoses_icd.csv", "icd_code")
  return """
    # Synthetic admissions in the form of \(schema.title)

    \(provenance.introduction)

    ## What is here

    - `tables/`: every table of the schema. The tables that the hospital's statistics cover have rows; the others have
      only a header.
    - `data-dictionary.csv`: what each column holds, and which are made up. `croissant.json` says the same to programs.
    - `report.html`: who made each choice. `score.html`, once `cloister-generator score` has run: how close the tables
      are to the hospital's statistics.
    - `bundle/`: the hospital's signed statistics. `run.json`, `journal.sqlite`: what `cloister-generator replay` needs
      to make the same tables again.

    ## How they were made, and how to cite them

    Statistics were counted and protected inside the hospital and signed. These records were made from the statistics
    and public medical knowledge alone. Please cite the bundle's digest above and the paper whose method this is:
    \(Provenance.citation)

    ## Load

    Python (pandas):

    ```python
    import pandas
    admissions = pandas.read_csv("tables/\(admissions)")
    # As numbers, codes would lose their leading zeros.
    diagnoses = pandas.read_csv("tables/\(diagnoses)", dtype={"\(code)": str})
    ```

    R:

    ```r
    admissions <- read.csv("tables/\(admissions)")
    diagnoses <- read.csv("tables/\(diagnoses)", colClasses = c(\(code) = "character"))
    ```

    DuckDB:

    ```sql
    CREATE TABLE admissions AS FROM 'tables/\(admissions)';
    ```

    PostgreSQL and other forms (OMOP, FHIR, MEDS, Parquet): `cloister-generator export --help`.

    """
}
