/// What a category of each attribute looks like in counts under a policy.
package struct CategoryKinds: Sendable {
  private let policy: Policy
  private let schema: SourceSchema

  package init(_ policy: Policy, _ schema: SourceSchema) {
    self.policy = policy
    self.schema = schema
  }

  /// Whether published counts can have a category.
  package func isCategory(_ text: String, _ attribute: Attribute) -> Bool {
    if policy.protection.noise != nil {
      // Noise is also put on the two categories that every attribute has.
      return [missingCategory, otherCategory].contains(text) || policy.publicCategories(of: attribute) == nil
        || isPublic(text, attribute)
    }
    if attribute.isCode, policy.protection.rollsUpCodes, CodeGroups.isGroup(text, attribute) {
      return isGroup(text, attribute)
    }
    switch attribute {
    case .mainDiagnosis: return text == missingCategory || isCode(text, .icd9Diagnosis, .icd10Diagnosis)
    case .diagnosis: return isCode(text, .icd9Diagnosis, .icd10Diagnosis)
    case .procedure: return isCode(text, .icd9Procedure, .icd10Procedure)
    case .cpt: return CodeShape.cpt.matches(Array(text.utf8)[...])
    case .lab: return isLab(text)
    case .drug: return text != missingCategory && isText(text)
    case .lengthOfStayBand: return text == missingCategory || isPublic(text, attribute)
    case .gender: return text == missingCategory || isPublic(text, attribute)
    default:
      return policy.publicCategories(of: attribute) == nil ? isText(text) : isPublic(text, attribute)
    }
  }

  private func isPublic(_ text: String, _ attribute: Attribute) -> Bool {
    policy.publicCategories(of: attribute)?.contains(text) ?? false
  }

  /// Whether the text names a group that codes of the attribute can have.
  private func isGroup(_ text: String, _ attribute: Attribute) -> Bool {
    if text == otherCategory { return true }
    // `CodeGroups` knows the names of all drug classes.
    if attribute == .drug { return true }
    if attribute == .lab { return item(of: text).map { LabCategory.group(of: "\($0)") } == text }
    let name = String(text.dropLast())
    let (version, code) = VersionedCode.parts(name)
    let bytes = Array(code.utf8)[...]
    let isVersioned = name.contains(":")
    guard attribute == .cpt || isVersioned == (schema == .mimicIV) else { return false }
    guard !isVersioned || VersionedCode.category(version: version, code: code) == name else { return false }
    switch (attribute, version) {
    case (.mainDiagnosis, 9), (.diagnosis, 9):
      let isCategory = CodeShape.icd9Diagnosis.matches(bytes) && bytes.count == (code.hasPrefix("E") ? 4 : 3)
      return isCategory || (icd9DiagnosisChapters + ["E000-E999", "V01-V91"]).contains(code)
    case (.mainDiagnosis, 10), (.diagnosis, 10):
      return CodeShape.icd10Diagnosis.matches(bytes) && bytes.count == 3 || icd10DiagnosisChapters.contains(code)
    case (.procedure, 9):
      return bytes.count == 2 && bytes.allSatisfy { (0x30...0x39).contains($0) } || icd9ProcedureChapters.contains(code)
    case (.procedure, 10):
      return [1, 3].contains(bytes.count)
        && bytes.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
    case (.cpt, _): return (cptSections + ["0001F-9007F"]).contains(code)
    default: return false
    }
  }

  /// Whether the text may stand in a column of texts: nothing that looks like another text, or like none.
  private func isText(_ text: String) -> Bool {
    !text.isEmpty && text.first?.isWhitespace == false && text.last?.isWhitespace == false
  }

  private func isCode(_ text: String, _ ninth: CodeShape, _ tenth: CodeShape) -> Bool {
    guard schema == .mimicIV else { return ninth.matches(Array(text.utf8)[...]) }
    let (version, code) = VersionedCode.parts(text)
    guard VersionedCode.category(version: version, code: code) == text else { return false }
    return (version == 9 && ninth.matches(Array(code.utf8)[...]))
      || (version == 10 && tenth.matches(Array(code.utf8)[...]))
  }

  private func item(of text: String) -> Int? {
    let item = LabCategory.item(of: text)
    return Int(item).flatMap { "\($0)" == item && $0 >= 0 ? $0 : nil }
  }

  private func isLab(_ text: String) -> Bool {
    guard let number = item(of: text) else { return false }
    let value = LabCategory.value(of: text)
    guard let bins = policy.labBins.first(where: { $0.item == number }) else {
      return LabCategory.isFlag(Array(value.utf8)[...]) && value == value.lowercased()
    }
    return value == LabCategory.noNumber || bins.labels.contains(value)
  }
}
