internal import Shared

extension SourceTable {
  /// The table's name in SQL and in a mapping.
  var sqlName: String { rawValue.lowercased() }

  /// All columns of the table that the extractor may read.
  func columns(_ schema: SourceSchema) -> [String] {
    let isThird = schema == .mimicIII
    let code = isThird ? ["icd9_code"] : ["icd_code", "icd_version"]
    switch self {
    case .patients: return ["subject_id", "gender"] + (isThird ? ["dob"] : ["anchor_age", "anchor_year"])
    case .admissions:
      return ["subject_id", "hadm_id", "admittime", "dischtime", "admission_type"]
        + Attribute.allCases.filter { schema.holds($0) && $0 != .admissionType }.compactMap {
          admissionColumn(of: $0, schema)
        }
    case .diagnoses: return ["subject_id", "hadm_id", "seq_num"] + code
    case .procedures: return ["subject_id", "hadm_id"] + code
    case .cptEvents: return ["subject_id", "hadm_id", "cpt_cd"]
    case .prescriptions: return ["subject_id", "hadm_id", "drug"]
    case .labEvents: return ["subject_id", "hadm_id", "itemid", "flag", "valuenum"]
    case .diagnosisTitles, .procedureTitles: return code + ["long_title"]
    case .labItems: return ["itemid", "label", "fluid"]
    }
  }
}

/// Reads a mapping file for a source. - Throws: status 66 or 78.
func readMapping(_ path: String, _ schema: SourceSchema) throws(CloisterError) -> SourceMapping {
  let name = harmless(path)
  let bytes = try readFile(path, name: name, limit: 1 << 16, refusal: .policyOrKeyWrong)
  let columns = SourceTable.allCases.map { ($0.sqlName, $0.columns(schema)) }
  return try SourceMapping(
    parsing: bytes, file: name, for: schema, columns: Dictionary(uniqueKeysWithValues: columns),
    mayBeAbsent: [SourceTable.diagnosisTitles, .procedureTitles, .labItems].map(\.sqlName))
}
