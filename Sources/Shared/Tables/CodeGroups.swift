/// The groups under which a rare code is counted: first its ICD category, for example `428*`, then its chapter, for
/// example `390-459*`. A drug has one group, its class, for example `Opioids*`; a laboratory value has the group of its
/// item, for example `50912:*`.
///
/// A group counts only those of its codes that are not counted individually. Sources: the tables of contents of
/// ICD-9-CM, ICD-10-CM, ICD-10-PCS and CPT; for drugs, our own `DrugClasses`.
package enum CodeGroups {
  /// The groups from narrowest to widest; none for a category without a classification.
  package static func groups(of category: String, _ attribute: Attribute) -> [String] {
    if attribute == .drug { return DrugClasses.group(of: category).map { [$0] } ?? [] }
    if attribute == .lab { return [LabCategory.group(of: LabCategory.item(of: category))] }
    let (version, code) = VersionedCode.parts(category)
    let prefix = category.hasSuffix(":\(code)") ? "\(version):" : ""
    let names: [String]
    switch (attribute, version) {
    case (.mainDiagnosis, 10), (.diagnosis, 10): names = icd10Diagnosis(code)
    case (.mainDiagnosis, _), (.diagnosis, _): names = icd9Diagnosis(code)
    case (.procedure, 10): names = [String(code.prefix(3)), String(code.prefix(1))]
    case (.procedure, _): names = icd9Procedure(code)
    case (.cpt, _): names = cpt(code)
    default: names = []
    }
    return names.map { "\(prefix)\($0)*" }
  }

  /// Whether a category is a group of codes, or `other`, rather than a code.
  package static func isGroup(_ category: String, _ attribute: Attribute) -> Bool {
    if category == otherCategory { return true }
    return attribute == .drug ? DrugClasses.isGroup(category) : attribute.isCode && category.hasSuffix("*")
  }

  private static func icd9Diagnosis(_ code: String) -> [String] {
    if code.hasPrefix("E") { return [String(code.prefix(4)), "E000-E999"] }
    if code.hasPrefix("V") { return [String(code.prefix(3)), "V01-V91"] }
    return [String(code.prefix(3)), range(of: String(code.prefix(3)), icd9DiagnosisChapters)]
  }

  private static func icd9Procedure(_ code: String) -> [String] {
    [String(code.prefix(2)), range(of: String(code.prefix(2)), icd9ProcedureChapters)]
  }

  private static func icd10Diagnosis(_ code: String) -> [String] {
    [String(code.prefix(3)), range(of: String(code.prefix(3)), icd10DiagnosisChapters)]
  }

  private static func cpt(_ code: String) -> [String] {
    if code.hasSuffix("F") { return ["0001F-9007F"] }
    return code.utf8.allSatisfy { (0x30...0x39).contains($0) } ? [range(of: code, cptSections)] : []
  }

  /// The last range that begins at or before the code. All ranges in a list begin with a code of the same length.
  private static func range(of code: String, _ ranges: [String]) -> String {
    ranges.last { $0.prefix { $0 != "-" } <= code } ?? ranges[0]
  }
}

package let icd9DiagnosisChapters = [
  "001-139", "140-239", "240-279", "280-289", "290-319", "320-389", "390-459", "460-519", "520-579", "580-629",
  "630-679", "680-709", "710-739", "740-759", "760-779", "780-799", "800-999",
]

package let icd9ProcedureChapters = [
  "00-00", "01-05", "06-07", "08-16", "17-17", "18-20", "21-29", "30-34", "35-39", "40-41", "42-54", "55-59", "60-64",
  "65-71", "72-75", "76-84", "85-86", "87-99",
]

package let icd10DiagnosisChapters = [
  "A00-B99", "C00-D49", "D50-D89", "E00-E89", "F01-F99", "G00-G99", "H00-H59", "H60-H95", "I00-I99", "J00-J99",
  "K00-K95", "L00-L99", "M00-M99", "N00-N99", "O00-O9A", "P00-P96", "Q00-Q99", "R00-R99", "S00-T88", "U00-U85",
  "V00-Y99", "Z00-Z99",
]

package let cptSections = [
  "00100-01999", "10004-69990", "70010-79999", "80047-89398", "90281-99199", "99202-99499", "99500-99607",
]
