internal import Shared

/// Which patients can have a code, according to the code's classification: some codes apply only to one sex, to
/// newborns or to pregnancy.
///
/// Sources: the chapters of ICD-9-CM, ICD-10-CM, ICD-10-PCS and CPT, and the age and sex edits of CMS's Medicare Code
/// Editor (newborn: age 0; maternity: ages 9 to 64).
struct CodeLimits: Equatable, Sendable {
  private(set) var sex: String?
  private(set) var isNewborns = false
  private(set) var isMaternity = false

  /// No limits: anyone can have the code.
  static let none = CodeLimits()

  init() {}

  init(of category: String, _ attribute: Attribute) {
    let (version, code) = VersionedCode.parts(category)
    switch (attribute, version) {
    case (.mainDiagnosis, 10), (.diagnosis, 10): icd10Diagnosis(code)
    case (.mainDiagnosis, _), (.diagnosis, _): icd9Diagnosis(code)
    case (.procedure, 10): icd10Procedure(code)
    case (.procedure, _): icd9Procedure(code)
    case (.cpt, _): cpt(code)
    default: break
    }
  }

  /// Why the patient can't have the code; nil if the patient can, or if not enough is settled to tell.
  func breach(gender: String?, age: Band?) -> String? {
    if let sex, let gender, gender != sex, gender == "F" || gender == "M" {
      return sex == "F" ? "is for women only" : "is for men only"
    }
    guard let age else { return nil }
    if isNewborns, age.lower > 0 { return "is for newborns only" }
    if isMaternity, age.lower > 64 || (age.upper ?? Int.max) < 9 { return "is for women of childbearing age only" }
    return nil
  }

  private mutating func maternity() {
    sex = "F"
    isMaternity = true
  }

  private mutating func icd9Diagnosis(_ code: String) {
    let category = String(code.prefix(3))
    if isIn(category, "760", "779") || isIn(category, "V29", "V39") { isNewborns = true }
    if isIn(category, "630", "679") || ["V22", "V23", "V24", "V27", "V28"].contains(category) { maternity() }
    if isIn(category, "614", "629") || isIn(category, "179", "184") || isIn(category, "218", "221")
      || isIn(category, "256", "256") || code.hasPrefix("6271") || category == "174"
    {
      sex = "F"
    }
    if isIn(category, "600", "608") || isIn(category, "185", "187") || ["175", "222", "257"].contains(category) {
      sex = "M"
    }
    let fourth = String(code.prefix(4))
    if isIn(fourth, "2331", "2333") || isIn(fourth, "2360", "2363") { sex = "F" }
    if isIn(fourth, "2334", "2336") || isIn(fourth, "2364", "2366") { sex = "M" }
  }

  private mutating func icd10Diagnosis(_ code: String) {
    let category = String(code.prefix(3))
    if isIn(category, "P00", "P96") || category == "Z38" { isNewborns = true }
    if code.hasPrefix("O") || isIn(category, "Z33", "Z34") || category == "Z37" || category == "Z3A" { maternity() }
    if isIn(category, "N70", "N98") || isIn(category, "C51", "C58") || isIn(category, "D25", "D28")
      || category == "D06"
    {
      sex = "F"
    }
    if isIn(category, "N40", "N53") || isIn(category, "C60", "C63") || category == "D29" { sex = "M" }
  }

  private mutating func icd9Procedure(_ code: String) {
    let chapter = String(code.prefix(2))
    if isIn(chapter, "72", "75") { maternity() } else if isIn(chapter, "65", "71") { sex = "F" }
    if isIn(chapter, "60", "64") { sex = "M" }
  }

  private mutating func icd10Procedure(_ code: String) {
    if code.hasPrefix("1") { maternity() }
    if code.hasPrefix("0U") { sex = "F" }
    if code.hasPrefix("0V") { sex = "M" }
  }

  private mutating func cpt(_ code: String) {
    if isIn(code, "59000", "59899") { maternity() } else if isIn(code, "56405", "58999") { sex = "F" }
    if isIn(code, "54000", "55899") { sex = "M" }
    if isIn(code, "99460", "99465") || isIn(code, "99468", "99469") { isNewborns = true }
  }
}

private func isIn(_ code: String, _ first: String, _ last: String) -> Bool { code >= first && code <= last }
