import Foundation
import TestSupport

/// The policies and views of the warehouse tests.
extension WarehouseTests {
  /// Shipped policies without noise, and policies with what those lack: roll-up, bands of counts, and tables of two
  /// kinds of codes.
  static let policies: [String: String] = {
    var all: [String: String] = [:]
    for name in ["demo", "cms-k11", "round-to-5", "laboratory", "paper"] {
      all[name] = try? String(contentsOfFile: "\(Project.root)/policies/\(name).yaml", encoding: .utf8)
    }
    // The shipped policy's tables, with values counted under their items if they are rare.
    all["laboratory"] = all["laboratory"]?.replacing("roll-up-codes: false", with: "roll-up-codes: true")
    all["rolled"] = """
      cloister-policy: 1
      title: Roll-up
      owner: nobody
      cohort: {minimum-age: 40, exclude-admission-types: [EMERGENCY, missing, "it's \\\\ none"]}
      protection: {minimum-patients: 11, roll-up-codes: true, top-code-age: 80}
      release:
        - table: [main-diagnosis, gender]
          top: 20
        - table: [diagnosis]
          top: 30
        - table: [procedure, died-in-hospital]
          top: 10
        - table: [cpt]
          top: 5
        - table: [drug]
          top: 20
        - table: [diagnosis-count-band, procedure-count-band, drug-count-band]

      """
    all["codes"] = """
      cloister-policy: 1
      title: Two kinds of codes
      owner: nobody
      protection: {minimum-patients: 11}
      release:
        - table: [procedure, gender, drug]
          top: 3
        - table: [diagnosis, procedure]
          top: 5
        - table: [gender, language]
        - table: [language, died-in-hospital]
        - table: [died-in-hospital, gender]

      """
    return all
  }()

  /// A policy that lists its categories, because not every hospital has dictionaries: codes as both sources write them,
  /// and drugs.
  static let listed = """
    cloister-policy: 1
    title: Lists
    owner: nobody
    protection:
      minimum-patients: 11
      noise: {epsilon: 1.0, budget: 1.0, admissions-per-patient: 1, codes-per-admission: 3}
    categories:
      admission-type: [EMERGENCY, URGENT, EW EMER., "it's none"]
      main-diagnosis: ["0389", "41401", "9:0389", "10:A419", "10:I214"]
      diagnosis: ["4019", "4280", "42731", "9:4019", "9:4280", "9:42731", "10:I10", "10:E785", "10:N179"]
      procedure: ["3893", "9604", "966", "9:3893", "10:02HV33Z"]
      drug: [Insulin, Heparin, Furosemide, Potassium Chloride, "Acetaminophen", Metoprolol Tartrate, Docusate Sodium]
    release:
      - table: [gender, age-band]
      - table: [admission-type, admission-number-band]
      - table: [main-diagnosis, died-in-hospital]
      - table: [diagnosis]
      - table: [procedure, length-of-stay-band]
      - table: [drug]

    """

  /// Views that make MIMIC's tables look like OMOP's; the shipped mapping must read them back.
  static let omop = [
    """
    CREATE VIEW person AS SELECT p.subject_id AS person_id, CASE p.gender WHEN 'M' THEN 8507 WHEN 'F' THEN 8532
    ELSE 0 END
    AS gender_concept_id, p.anchor_year - p.anchor_age AS year_of_birth, a.race AS race_source_value FROM patients p
    LEFT JOIN (SELECT subject_id, max(race) AS race FROM admissions GROUP BY subject_id) a ON a.subject_id =
    p.subject_id
    """,
    """
    CREATE VIEW visit_occurrence AS SELECT hadm_id AS visit_occurrence_id, subject_id AS person_id, 9201 AS
    visit_concept_id,
    admittime AS visit_start_datetime, CAST(admittime AS date) AS visit_start_date, dischtime AS visit_end_datetime,
    CAST(dischtime AS date) AS visit_end_date, admission_type AS visit_source_value,
    admission_location AS admitted_from_source_value, discharge_location AS discharged_to_source_value FROM admissions
    """,
    """
    CREATE VIEW death AS SELECT subject_id AS person_id, CAST(max(dischtime) AS date) AS death_date FROM admissions
    WHERE hospital_expire_flag = 1 GROUP BY subject_id
    """,
    """
    CREATE VIEW concept AS SELECT row_number() OVER (ORDER BY kind, icd_version, icd_code) AS concept_id,
    substr(icd_code, 1, 3) || '.' || substr(icd_code, 4) AS concept_code, 'none' AS concept_name, 'Condition'
    AS domain_id,
    CASE WHEN kind = 'd' AND icd_version = 9 THEN 'ICD9CM' WHEN kind = 'd' THEN 'ICD10CM' WHEN icd_version = 9
    THEN 'ICD9Proc'
    ELSE 'ICD10PCS' END AS vocabulary_id
    FROM (SELECT 'd' AS kind, icd_version, icd_code FROM diagnoses_icd UNION SELECT 'p', icd_version, icd_code
    FROM procedures_icd) AS codes
    """,
    """
    CREATE VIEW condition_occurrence AS SELECT d.subject_id AS person_id, d.hadm_id AS visit_occurrence_id,
    c.concept_id AS condition_source_concept_id, CASE WHEN d.seq_num = 1 THEN 32902 ELSE 32908 END AS
    condition_status_concept_id
    FROM diagnoses_icd d JOIN concept c ON replace(c.concept_code, '.', '') = d.icd_code
    AND c.vocabulary_id = CASE d.icd_version WHEN 9 THEN 'ICD9CM' ELSE 'ICD10CM' END
    """,
    """
    CREATE VIEW procedure_occurrence AS SELECT d.subject_id AS person_id, d.hadm_id AS visit_occurrence_id,
    c.concept_id AS procedure_source_concept_id FROM procedures_icd d JOIN concept c
    ON replace(c.concept_code, '.', '') = d.icd_code AND c.vocabulary_id = CASE d.icd_version WHEN 9 THEN
    'ICD9Proc' ELSE 'ICD10PCS' END
    """,
    """
    CREATE VIEW drug_exposure AS SELECT subject_id AS person_id, hadm_id AS visit_occurrence_id, drug AS
    drug_source_value
    FROM prescriptions
    """,
  ]
}
