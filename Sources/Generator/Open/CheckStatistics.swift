internal import Shared

/// Refuses statistics that no release under the policy can have.
func checkStatistics(_ statistics: Statistics, _ policy: Policy) throws(CloisterError) {
  let protection = policy.protection
  guard statistics.minimumPatients == protection.minimumPatients else {
    throw bundleRefusal(.statistics, "statistics.json: minimum-patients differs from the policy's")
  }
  let requests = policy.requests(in: statistics.schema)
  guard statistics.tables.map(\.attributes) == requests.map(\.attributes) else {
    throw bundleRefusal(.statistics, "statistics.json: does not hold just the policy's tables, in the policy's order")
  }
  for (table, request) in zip(statistics.tables, requests) {
    guard
      let fault = fault(of: table, protection) ?? strangeCategory(in: table, statistics.schema, policy)
        ?? gap(in: table, policy) ?? tooManyCodes(in: table, request.top, protection)
        ?? contradiction(of: table, statistics, protection)
    else { continue }
    throw bundleRefusal(.statistics, "statistics.json: table \(table.name) \(fault)")
  }
  guard titlesOnlyPublishedCodes(statistics) else {
    throw bundleRefusal(.statistics, "statistics.json: titles names a code that no table publishes")
  }
}

/// What no source of the schema has under the policy, as the end of a sentence; nil if there is nothing.
private func strangeCategory(in table: PublishedTable, _ schema: SourceSchema, _ policy: Policy) -> String? {
  for (place, attribute) in table.attributes.enumerated() {
    let categories = table.cells.lazy.map { $0.key[place] }
    if attribute == .admissionType, categories.contains(where: Set(policy.cohort.excludedAdmissionTypes).contains) {
      return "has an admission type that the policy excludes"
    }
    let kinds = CategoryKinds(policy, schema)
    guard Set(categories).union(table.suppressed.map { $0[place] }).allSatisfy({ kinds.isCategory($0, attribute) })
    else {
      return "has a category of \(attribute.rawValue) that the policy rules out"
    }
  }
  return nil
}

/// What a table lacks, as the end of a sentence; nil if it lacks nothing. If all its categories are public, every cell
/// is either published or named as withheld, so that nobody can leave one out unseen.
private func gap(in table: PublishedTable, _ policy: Policy) -> String? {
  let known = table.attributes.map { policy.publicCategories(of: $0).map { Set($0) } }
  let isPublic = { (key: [String]) in zip(key, known).allSatisfy { $1?.contains($0) ?? false } }
  if !table.suppressed.allSatisfy(isPublic) { return "names a withheld cell whose categories are not all public" }
  guard policy.protection.noise == nil, !known.contains(nil) else { return nil }
  let all = known.reduce(1) { $0 * ($1?.count ?? 0) }
  let named = table.cells.count { isPublic($0.key) } + table.suppressed.count
  return named == all ? nil : "neither publishes nor withholds some of its cells"
}

/// How a table exceeds the policy's `top`, as the end of a sentence; nil if it doesn't.
private func tooManyCodes(in table: PublishedTable, _ top: Int?, _ protection: Policy.Protection) -> String? {
  guard let top else { return nil }
  for (place, attribute) in table.attributes.enumerated() where attribute.isCode {
    let codes = Set(table.cells.map { $0.key[place] }).filter {
      !protection.rollsUpCodes || !CodeGroups.isGroup($0, attribute)
    }
    if codes.count > top { return "has more codes than the policy's top" }
  }
  return nil
}

private func titlesOnlyPublishedCodes(_ statistics: Statistics) -> Bool {
  var published: [String: Set<String>] = [:]
  for table in statistics.tables {
    for (place, attribute) in table.attributes.enumerated() {
      guard let group = attribute.titleGroup else { continue }
      published[group, default: []].formUnion(table.cells.map { attribute.titledCode($0.key[place]) })
    }
  }
  return statistics.titles.sorted.allSatisfy { group, titles in
    titles.allSatisfy { published[group]?.contains($0.code) ?? false }
  }
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
  guard zip(table.cells, table.cells.dropFirst()).allSatisfy({ byteOrder($0.key, $1.key) }),
    zip(table.suppressed, table.suppressed.dropFirst()).allSatisfy({ byteOrder($0, $1) })
  else { return "has cells that are not in byte order" }
  guard let total = table.total else { return nil }
  if protection.roundTo != nil || !table.suppressed.isEmpty { return "has a total, although counts are withheld" }
  return total == table.cells.reduce(0) { $0 + $1.count } ? nil : "has a total that is not the sum of its cells"
}
