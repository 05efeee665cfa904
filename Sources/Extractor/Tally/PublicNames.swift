internal import Shared

/// Every category that an attribute can have, with none taken from the records. For a single-valued attribute, the last
/// one is `other`.
func publicNames(
  _ attribute: Attribute, _ titles: CodeTitles, _ policy: Policy, _ noise: Policy.Noise
) throws(CloisterError) -> [String] {
  let listed: [String]
  if let known = policy.publicCategories(of: attribute) {
    listed = known
  } else {
    switch noise.categories[attribute] {
    case .listed(let names): listed = names
    case .dictionary:
      listed = dictionaryNames(attribute, titles, policy)
      guard !listed.isEmpty else {
        throw CloisterError(
          .inputMissing, "the policy takes the categories of \(attribute.rawValue) from a dictionary that is missing",
          hint: "put the source's dictionary table, such as D_ICD_DIAGNOSES, next to the other tables")
      }
    case nil: preconditionFailure("the policy was checked to have public categories for every attribute")
    }
  }
  return attribute.isMultiValued ? listed : listed + [missingCategory, otherCategory]
}

private func dictionaryNames(_ attribute: Attribute, _ titles: CodeTitles, _ policy: Policy) -> [String] {
  let codes = titles.codes(in: attribute.titleGroup ?? "")
  guard attribute == .lab else { return codes }
  return codes.flatMap { item in
    let bins = policy.labBins.first { "\($0.item)" == item }
    let values = bins.map { $0.labels + [LabCategory.noNumber] } ?? LabCategory.flags
    return values.map { LabCategory.category(item: item, value: $0) }
  }
}
