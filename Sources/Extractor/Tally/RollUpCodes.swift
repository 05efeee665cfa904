internal import Shared

/// Tallies the records, after rolling up rare codes if the policy asks for that.
///
/// - Parameters:
///   - kept: the categories under which earlier releases of the series count codes.
///   - threads: how many threads work on a table; the counts don't depend on it.
func groupedTally(
  _ records: HospitalRecords, policy: Policy, keeping kept: CodeCategories, threads: Int
) -> Tally {
  let grouped =
    policy.protection.rollsUpCodes ? rollUpCodes(records, policy, keeping: kept, threads: threads) : records
  return tally(grouped, policy: policy, threads: threads)
}

/// Counts rare codes under their ICD category, under its chapter if the category is rare too, and finally under
/// `other`. If too few patients have another main diagnosis, `other` takes in the rarest group that no wider one is
/// counted beside: a withheld count of main diagnoses would hide many counts of codes with it.
///
/// Claim: each code of an admission is counted under exactly one category of the attribute. The category is the same in
/// every table of the release, so the cells of a single-valued table add up to its total. A code is counted by itself
/// if at least k patients have it and it is among the n most frequent codes, where n is the largest `top` of the
/// attribute's tables. If one of these tables has no `top`, only the number of patients matters. The categories of
/// earlier releases are kept, whatever the counts are now.
///
/// Limit: which codes are rolled up depends on the data of the first release.
func rollUpCodes(
  _ records: HospitalRecords, _ policy: Policy, keeping kept: CodeCategories = .none, threads: Int
) -> HospitalRecords {
  func grouping(_ axis: TableAxis, _ attribute: Attribute) -> CodeGrouping {
    CodeGrouping(axis, attribute, keeping: kept)
      ?? CodeGrouping(axis, attribute, records.patients, policy, threads: threads)
  }
  var (categories, codes) = (records.categories, records.codes)
  for attribute in Attribute.allCases where attribute.isCode {
    if let column = records.categories[attribute] {
      let groups = grouping(.category(column), attribute)
      categories[attribute] = CategoryColumn(ids: column.ids.map { groups.numbers[Int($0)] }, names: groups.names)
    } else if let column = records.codes[attribute] {
      let groups = grouping(.codes(column), attribute)
      codes[attribute] = CodeColumn(
        (0..<records.admissionCount).map { admission in
          var found: [UInt32] = []
          for code in column.codes(of: admission) where !found.contains(groups.numbers[Int(code)]) {
            found.append(groups.numbers[Int(code)])
          }
          return found
        }, names: groups.names)
    }
  }
  return HospitalRecords(
    schema: records.schema, patients: records.patients, categories: categories, codes: codes, titles: records.titles)
}

/// The category under which each code of an attribute is counted.
private struct CodeGrouping {
  private(set) var names: [String] = []
  /// For each code, the number of its category in `names`.
  private(set) var numbers: [UInt32] = []

  /// The grouping of earlier releases; nil if none has counted by the attribute.
  init?(_ axis: TableAxis, _ attribute: Attribute, keeping kept: CodeCategories) {
    guard kept.attributes.contains(attribute) else { return nil }
    number(axis.names.map { $0 == missingCategory ? $0 : kept.category(of: $0, attribute) })
  }

  init(_ axis: TableAxis, _ attribute: Attribute, _ patients: [UInt32], _ policy: Policy, threads: Int) {
    let minimum = policy.protection.minimumPatients
    let counts = cells(patients, [axis], threads: threads)
      .reduce(into: [Int: CellCount]()) { $0[Int($1.ids[0])] = $1.count }
    let codes = axis.names.indices.filter { axis.names[$0] != missingCategory }
    let frequent = codes.filter { counts[$0]?.patients ?? 0 >= minimum }.sorted { left, right in
      let (first, second) = (counts[left]?.admissions ?? 0, counts[right]?.admissions ?? 0)
      return first != second ? first > second : byteOrder(axis.names[left], axis.names[right])
    }
    let kept = Set(frequent.prefix(largestTop(attribute, policy) ?? frequent.count))
    var labels = axis.names
    let groups = axis.names.map { CodeGroups.groups(of: $0, attribute) + [otherCategory] }
    // The group level that each rare code has reached.
    var level = [Int](repeating: 0, count: labels.count)
    var rare = codes.filter { !kept.contains($0) }
    while !rare.isEmpty {
      for code in rare { labels[code] = groups[code][level[code]] }
      let people = patientCounts(of: labels, axis, patients)
      rare = rare.filter { level[$0] + 1 < groups[$0].count && people[labels[$0]] ?? 0 < minimum }
      for code in rare { level[code] += 1 }
    }
    let people = attribute.isMultiValued ? [:] : patientCounts(of: labels, axis, patients)
    if (1..<minimum).contains(people[otherCategory] ?? 0), let taken = Self.rarest(people, attribute) {
      for code in labels.indices where labels[code] == taken { labels[code] = otherCategory }
    }
    number(labels)
  }

  /// The category with the fewest patients: a group or, if there is none, a code. Its codes would not fall under a
  /// wider group that is counted.
  private static func rarest(_ people: [String: Int], _ attribute: Attribute) -> String? {
    let candidates = people.keys.filter { label in
      if label == otherCategory || label == missingCategory { return false }
      let code = CodeGroups.isGroup(label, attribute) ? String(label.dropLast()) : label
      return CodeGroups.groups(of: code, attribute).allSatisfy { $0 == label || people[$0] == nil }
    }
    return candidates.min { left, right in
      func order(_ label: String) -> (Int, Int, ByteOrdered) {
        (CodeGroups.isGroup(label, attribute) ? 0 : 1, people[label] ?? 0, ByteOrdered(label))
      }
      return order(left) < order(right)
    }
  }

  private mutating func number(_ labels: [String]) {
    var places: [String: UInt32] = [:]
    for label in labels {
      let number = places[label] ?? UInt32(names.count)
      if places[label] == nil { names.append(label) }
      places[label] = number
      numbers.append(number)
    }
  }
}

/// For each label, the number of distinct patients who have at least one of its codes.
private func patientCounts(of labels: [String], _ axis: TableAxis, _ patients: [UInt32]) -> [String: Int] {
  var places: [String: Int] = [:]
  let numbers = labels.map { label in
    let number = places[label] ?? places.count
    places[label] = number
    return number
  }
  var counts = [Int](repeating: 0, count: places.count)
  var last = [UInt32?](repeating: nil, count: places.count)
  for admission in patients.indices {
    for code in axis.ids(admission) where last[numbers[Int(code)]] != patients[admission] {
      last[numbers[Int(code)]] = patients[admission]
      counts[numbers[Int(code)]] += 1
    }
  }
  return places.mapValues { counts[$0] }.filter { $0.value > 0 }
}

/// The largest number of an attribute's codes that any table releases; nil if a table releases all of them.
func largestTop(_ attribute: Attribute, _ policy: Policy) -> Int? {
  let tops = policy.release.filter { $0.attributes.contains(attribute) }.map(\.top)
  return tops.contains(nil) ? nil : tops.compactMap { $0 }.max()
}
