internal import Shared

/// Refuses statistics that no release under the policy can have.
func checkStatistics(_ statistics: Statistics, _ policy: Policy) throws(CloisterError) {
  let protection = policy.protection
  guard statistics.minimumPatients == protection.minimumPatients else {
    throw bundleRefusal(.statistics, "statistics.json: minimum-patients differs from the policy's")
  }
  let released = Set(policy.release.map { Set($0.attributes) })
  for table in statistics.tables {
    guard released.contains(Set(table.attributes)) else {
      throw bundleRefusal(.statistics, "statistics.json: holds a table that the policy does not release")
    }
    guard
      let fault = fault(of: table, protection) ?? strangeCategory(in: table, statistics.schema, policy)
        ?? contradiction(of: table, statistics, protection)
    else { continue }
    throw bundleRefusal(.statistics, "statistics.json: table \(table.name) \(fault)")
  }
}

/// What no source of the schema has under the policy, as the end of a sentence; nil if there is nothing.
private func strangeCategory(in table: PublishedTable, _ schema: SourceSchema, _ policy: Policy) -> String? {
  for (place, attribute) in table.attributes.enumerated() {
    guard schema.holds(attribute) else { return "has \(attribute.rawValue), which \(schema.title) doesn't have" }
    let categories = table.cells.lazy.map { $0.key[place] }
    if attribute == .admissionType, categories.contains(where: Set(policy.cohort.excludedAdmissionTypes).contains) {
      return "has an admission type that the policy excludes"
    }
    guard let known = policy.publicCategories(of: attribute) else { continue }
    // Noise is also put on the two categories that every attribute has.
    let allowed = Set(known + [missingCategory] + (policy.protection.noise == nil ? [] : [otherCategory]))
    if !categories.allSatisfy(allowed.contains) || !table.suppressed.allSatisfy({ allowed.contains($0[place]) }) {
      return "has a category of \(attribute.rawValue) that the policy rules out"
    }
  }
  return nil
}

/// How a table's sums contradict another table, as the end of a sentence; nil if they don't. Only whole tables of exact
/// counts, of attributes with one category per admission, tell sums.
private func contradiction(
  of table: PublishedTable, _ statistics: Statistics, _ protection: Policy.Protection
) -> String? {
  guard protection.noise == nil, let total = table.total, !table.attributes.contains(where: \.isMultiValued) else {
    return nil
  }
  for other in statistics.tables where !other.attributes.contains(where: \.isMultiValued) {
    if let others = other.total, others != total { return "has another total than \(other.name)" }
    let places = other.attributes.compactMap { table.attributes.firstIndex(of: $0) }
    guard places.count == other.attributes.count, places.count < table.attributes.count else { continue }
    var sums: [[String]: Int] = [:]
    for cell in table.cells { sums[places.map { cell.key[$0] }, default: 0] += cell.count }
    if other.cells.contains(where: { sums[$0.key, default: 0] != $0.count }) {
      return "does not add up to \(other.name)"
    }
  }
  return nil
}

/// What is wrong with a table, as the end of a sentence; nil if a release under the policy can have it.
private func fault(of table: PublishedTable, _ protection: Policy.Protection) -> String? {
  let minimum = protection.roundTo.map { rounded(protection.minimumPatients, to: $0) } ?? protection.minimumPatients
  if table.cells.contains(where: { (1..<minimum).contains($0.count) }) {
    return "has a count that is smaller than the policy's minimum"
  }
  if !protection.publishesZeroCells, protection.noise == nil, table.cells.contains(where: { $0.count == 0 }) {
    return "has an empty cell, which the policy withholds"
  }
  if let roundTo = protection.roundTo, table.cells.contains(where: { !$0.count.isMultiple(of: roundTo) }) {
    return "has a count that is not rounded"
  }
  guard let total = table.total else { return nil }
  if protection.roundTo != nil || !table.suppressed.isEmpty { return "has a total, although counts are withheld" }
  return total == table.cells.reduce(0) { $0 + $1.count } ? nil : "has a total that is not the sum of its cells"
}
