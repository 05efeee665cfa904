internal import Shared

/// A diagnosis or procedure as other data models name it: a code and the system that it belongs to.
struct CodedCategory: Sendable {
  /// Without dots, as in MIMIC.
  let code: String
  let system: System

  enum System: Sendable {
    case icd9Diagnoses, icd10Diagnoses, icd9Procedures, icd10Procedures, cpt

    /// The name of the vocabulary in OHDSI's Athena.
    var omop: String {
      switch self {
      case .icd9Diagnoses: "ICD9CM"
      case .icd10Diagnoses: "ICD10CM"
      case .icd9Procedures: "ICD9Proc"
      case .icd10Procedures: "ICD10PCS"
      case .cpt: "CPT4"
      }
    }

    /// The URI that identifies the system in FHIR (https://terminology.hl7.org).
    var fhir: String {
      switch self {
      case .icd9Diagnoses: "http://hl7.org/fhir/sid/icd-9-cm"
      case .icd10Diagnoses: "http://hl7.org/fhir/sid/icd-10-cm"
      case .icd9Procedures: "http://terminology.hl7.org/CodeSystem/icd9cm-procedures"
      case .icd10Procedures: "http://www.cms.gov/Medicare/Coding/ICD10"
      case .cpt: "http://www.ama-assn.org/go/cpt"
      }
    }
  }

  init(_ category: String, _ attribute: Attribute, _ schema: SourceSchema) {
    let (version, code) = schema == .mimicIV ? VersionedCode.parts(category) : (9, category)
    self.code = code
    system =
      switch attribute {
      case .cpt: .cpt
      case .procedure: version == 10 ? .icd10Procedures : .icd9Procedures
      default: version == 10 ? .icd10Diagnoses : .icd9Diagnoses
      }
  }

  /// The code with the dot that ICD writes.
  var dotted: String {
    let length: Int
    switch system {
    case .icd9Diagnoses: length = code.hasPrefix("E") ? 4 : 3
    case .icd10Diagnoses: length = 3
    case .icd9Procedures: length = 2
    case .icd10Procedures, .cpt: return code
    }
    return code.count > length ? "\(code.prefix(length)).\(code.dropFirst(length))" : code
  }
}

extension SyntheticPatient {
  /// The day of birth for other data models than MIMIC-III's. Of the oldest, whose day of birth is 300 years back, only
  /// a year is left: that of somebody at the lower end of the band.
  var birthDay: String {
    isOldest ? "\((Int(Stay.year(admitted)) ?? 0) - age)" : Stay.day(born)
  }

  /// The beginning of that day or year.
  var birthTime: String { "\(birthDay)\(isOldest ? "-01-01" : "") 00:00:00" }
}
