internal import Foundation

/// A few tables of a fictional hospital, as text, for tests that each break them in one place.
package struct SmallHospital: Sendable {
  /// The content of each file, by name.
  package var files: [String: String]

  /// MIMIC-III-shaped: 40 patients with one admission each, and patient 99 with 15 admissions, all of one ethnicity.
  /// Patients 1 to 12 were born 300 years before their admission.
  package static let mimicIII: SmallHospital = {
    var patients = "ROW_ID,SUBJECT_ID,GENDER,DOB,DOD,DOD_HOSP,DOD_SSN,EXPIRE_FLAG\n"
    var admissions = """
      ROW_ID,SUBJECT_ID,HADM_ID,ADMITTIME,DISCHTIME,DEATHTIME,ADMISSION_TYPE,ADMISSION_LOCATION,DISCHARGE_LOCATION,\
      INSURANCE,LANGUAGE,RELIGION,MARITAL_STATUS,ETHNICITY,EDREGTIME,EDOUTTIME,DIAGNOSIS,HOSPITAL_EXPIRE_FLAG,\
      HAS_CHARTEVENTS_DATA

      """
    var diagnoses = "ROW_ID,SUBJECT_ID,HADM_ID,SEQ_NUM,ICD9_CODE\n"
    func admit(_ subject: Int, _ admission: Int, _ ethnicity: String) {
      admissions += """
        \(admission),\(subject),\(admission),2110-05-17 10:00:00,2110-05-20 11:00:00,,EMERGENCY,\
        EMERGENCY ROOM ADMIT,HOME,\
        Medicare,ENGL,,MARRIED,\(ethnicity),,,"CHEST PAIN, ""NEW"", ACUTE",0,1

        """
      diagnoses += "1,\(subject),\(admission),1,4280\n2,\(subject),\(admission),2,4019\n"
    }
    for subject in 1...40 {
      patients +=
        "\(subject),\(subject),\(subject % 2 == 0 ? "F" : "M"),\(subject <= 12 ? "1810" : "2050")-01-01 00:00:00,,,,0\n"
      admit(subject, 1000 + subject, "WHITE")
    }
    patients += "99,99,F,2050-01-01 00:00:00,,,,0\n"
    for admission in 0..<15 { admit(99, 2000 + admission, "HISPANIC/LATINO - PUERTO RICAN") }
    return SmallHospital(files: [
      "PATIENTS.csv": patients, "ADMISSIONS.csv": admissions, "DIAGNOSES_ICD.csv": diagnoses,
    ])
  }()

  /// A policy that needs just these tables.
  package static let policy = """
    cloister-policy: 1
    title: Test policy
    owner: Test
    protection: {minimum-patients: 11}
    release:
      - table: [gender]
      - table: [age-band]
      - table: [ethnicity]
      - table: [main-diagnosis]
      - table: [main-diagnosis, diagnosis]

    """

  /// A copy with the first occurrence of a text in one file replaced.
  package func replacing(_ old: String, with new: String, in file: String) -> SmallHospital {
    var copy = self
    if let range = copy.files[file]?.range(of: old) { copy.files[file]?.replaceSubrange(range, with: new) }
    return copy
  }

  /// Writes the tables into `folder` under `name`, and returns that path.
  package func write(to folder: TemporaryFolder, _ name: String = "input") throws -> String {
    for (file, content) in files { try folder.write(content, to: "\(name)/\(file)") }
    return folder.path(name)
  }
}
