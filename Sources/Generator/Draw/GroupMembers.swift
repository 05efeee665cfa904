internal import Shared

/// The codes that a bundle does not name. A group such as `428*` stands for some of them; `other` also stands for those
/// beyond a table's `top`.
///
/// Members come from public dictionaries, and their weights from public knowledge about how often they occur.
struct GroupMembers: Sendable {
  /// Every category that the bundle publishes, groups included.
  private let published: [Attribute: Set<String>]
  private let groups: [Attribute: [String: Members]]

  /// A group's codes, in byte order.
  struct Members: Sendable {
    let codes: [String]
    /// For each code, the sum of the weights up to and including it.
    let sums: [Double]

    var weight: Double { sums.last ?? 0 }

    fileprivate init(_ codes: [(code: String, weight: Double)]) {
      self.codes = codes.map(\.code)
      var sum = 0.0
      sums = codes.map { code in
        sum += code.weight
        return sum
      }
    }

    func weight(_ place: Int) -> Double { sums[place] - (place > 0 ? sums[place - 1] : 0) }

    /// The first place whose sum is above a position.
    func place(_ position: Double) -> Int {
      var (low, high) = (0, sums.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if sums[middle] <= position { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  /// The attributes whose groups can be named. There is no free dictionary of CPT codes.
  static let nameable: [Attribute] = [.mainDiagnosis, .diagnosis, .procedure, .drug, .lab]

  init(_ statistics: Statistics, prior: CodePrior) {
    var published: [Attribute: Set<String>] = [:]
    var counts: [Attribute: [String: Int]] = [:]
    for table in statistics.tables {
      for (axis, attribute) in table.attributes.enumerated() where Self.nameable.contains(attribute) {
        for cell in table.cells where cell.count > 0 {
          published[attribute, default: []].insert(cell.key[axis])
          if table.attributes.count == 1 { counts[attribute, default: [:]][cell.key[axis]] = cell.count }
        }
      }
    }
    // Without a table of main diagnoses, these are drawn from the other ones.
    published[.mainDiagnosis] = published[.mainDiagnosis] ?? published[.diagnosis]
    self.published = published
    groups = published.reduce(into: [:]) { groups, entry in
      let (attribute, names) = entry
      var members: [String: [(code: String, weight: Double)]] = [:]
      for (code, rate) in Self.candidates(attribute, names, counts, statistics, prior) where !names.contains(code) {
        // Where the hospital shortens its codes, a named one stands for all that begin with it.
        if Self.shortened(code).contains(where: names.contains) { continue }
        let group = CodeGroups.groups(of: code, attribute).first(where: names.contains) ?? otherCategory
        members[group, default: []].append((code, rate))
      }
      groups[attribute] = members.mapValues(Members.init)
    }
  }

  /// All codes of the dictionaries, in byte order, with how often they occur in 1,000 admissions.
  private static func candidates(
    _ attribute: Attribute, _ names: Set<String>, _ counts: [Attribute: [String: Int]], _ statistics: Statistics,
    _ prior: CodePrior
  ) -> [(code: String, rate: Double)] {
    if attribute == .lab { return labValues(names) }
    guard let group = attribute.titleGroup else {
      return prior.names(in: attribute.rawValue).map { ($0.name, $0.rate) }
    }
    // A code that the bundle names as another kind of diagnosis occurs in this hospital.
    let other = counts[attribute == .mainDiagnosis ? .diagnosis : .mainDiagnosis] ?? [:]
    let usual = (attribute == .mainDiagnosis ? 50 : 1000) / Double(max(1, statistics.admissions))
    // In byte order.
    let versions = statistics.schema == .mimicIII ? [9] : [10, 9]
    let named = names.filter { $0 != otherCategory && $0 != missingCategory }.map { VersionedCode.parts($0).version }
    return versions.flatMap { version -> [(code: String, rate: Double)] in
      // Both versions are as common beyond the published categories as among them.
      let part = named.isEmpty ? 1 : Double(named.count { $0 == version }) / Double(named.count)
      guard part > 0, let codes = ShippedDictionary.of(group, version: version)?.whole else { return [] }
      let rates = prior.rates(of: codes, in: "\(group) \(version)", asMain: attribute == .mainDiagnosis)
      let all = zip(codes, rates).map { entry, rate in
        (
          code: versions.count == 1 ? entry.code : VersionedCode.category(version: version, code: entry.code),
          rate: rate
        )
      }
      return shortened(all, attribute, like: names).map { code, rate in
        let known = group == "diagnosis" ? Double(other[code] ?? 0) * usual : 0
        return (code, (rate + known) * part)
      }
    }
  }

  /// The values of the items that have a group: the bins between the edges that published bins show or, for an item
  /// without any, flags. We assume that one value in three is abnormal.
  private static func labValues(_ names: Set<String>) -> [(code: String, rate: Double)] {
    let items = names.filter { $0 != otherCategory && CodeGroups.isGroup($0, .lab) }.map(LabCategory.item)
    return items.flatMap { item -> [(code: String, rate: Double)] in
      let own = names.filter { LabCategory.item(of: $0) == item }
      let ends = own.compactMap { LabBins.ends(of: LabCategory.value(of: $0)) }
      let edges = Set(ends.flatMap { [$0.lower, $0.upper] }.compactMap(\.self))
      let bins = Int(item).flatMap { number in
        LabBins(item: number, edges: edges.sorted { (Double($0) ?? 0) < (Double($1) ?? 0) })
      }
      let values = bins.map { $0.labels.map { ($0, 1.0) } } ?? [("abnormal", 1), (LabCategory.unflagged, 2)]
      return values.map { (LabCategory.category(item: item, value: $0.0), $0.1) }
    }.sorted { byteOrder($0.code, $1.code) }
  }

  /// The codes as the hospital writes them: if most of its diagnoses are ICD categories instead of whole codes, the
  /// categories, apart from those of which it names a part.
  ///
  /// - Parameters:
  ///   - codes: whole codes, in byte order.
  ///   - names: what the bundle publishes.
  private static func shortened(
    _ codes: [(code: String, rate: Double)], _ attribute: Attribute, like names: Set<String>
  ) -> [(code: String, rate: Double)] {
    guard attribute.titleGroup == "diagnosis" else { return codes }
    func category(_ code: String) -> String? {
      CodeGroups.groups(of: code, attribute).first.map { String($0.dropLast()) }
    }
    let own = names.filter { !CodeGroups.isGroup($0, attribute) && $0 != missingCategory }
    let whole = Set(codes.map(\.code))
    let parted = Set(own.filter { $0 != category($0) }.compactMap(category))
    guard 2 * own.count(where: { !whole.contains($0) && $0 == category($0) }) > own.count else { return codes }
    var rates: [String: Double] = [:]
    for (code, rate) in codes {
      let name = category(code).flatMap { parted.contains($0) ? nil : $0 } ?? code
      rates[name, default: 0] += rate
    }
    return rates.inByteOrder().map { (code: $0.key, rate: $0.value) }
  }

  /// The beginnings of a code that could themselves be codes.
  private static func shortened(_ code: String) -> [String] {
    let shortest = (code.contains(":") ? VersionedCode.parts(code).code : code).utf8.count - 3
    return shortest > 0 ? (1...shortest).map { String(code.dropLast($0)) } : []
  }

  /// Whether a published category can be drawn. A group can be drawn only if it has members.
  func allow(_ category: String, _ attribute: Attribute) -> Bool {
    !CodeGroups.isGroup(category, attribute) || groups[attribute]?[category] != nil
  }

  /// The category under which the bundle's tables count a code; `other` if they count it nowhere.
  func counted(_ code: String, _ attribute: Attribute) -> String {
    guard let names = published[attribute], !names.contains(code), code != missingCategory else { return code }
    return CodeGroups.groups(of: code, attribute).first(where: names.contains) ?? otherCategory
  }

  /// The draft with its main diagnosis as the bundle counts it.
  func counted(_ draft: Draft) -> Draft {
    guard let main = draft.categories[.mainDiagnosis] else { return draft }
    var counted = draft
    counted.categories[.mainDiagnosis] = self.counted(main, .mainDiagnosis)
    return counted
  }

  /// Whether the bundle's tables count a code, by itself or in a group.
  func publishes(_ code: String, _ attribute: Attribute) -> Bool {
    published[attribute].map { $0.contains(counted(code, attribute)) } ?? true
  }

  /// Whether a code is a member of any group of the attribute.
  func holds(_ code: String, _ attribute: Attribute) -> Bool {
    groups[attribute]?[counted(code, attribute)]?.place(of: code) != nil
  }

  /// The members of a group; nil if it is not one or has none.
  func members(of group: String, _ attribute: Attribute) -> Members? { groups[attribute]?[group] }

  /// Whether the tables count codes of the attribute under `other`.
  func publishesOther(_ attribute: Attribute) -> Bool { published[attribute]?.contains(otherCategory) ?? false }

  /// Draws a code of a group for a patient, in proportion to how common each code is at large.
  ///
  /// - Parameter taken: codes that the patient has already.
  /// - Returns: nil if the patient can have none.
  func draw(
    _ group: String, _ attribute: Attribute, for draft: Draft, without taken: [String], _ random: inout SeededRandom
  ) -> String? {
    guard let members = groups[attribute]?[group] else { return nil }
    func isOpen(_ place: Int) -> Bool {
      !taken.contains(members.codes[place]) && CodeLimits(of: members.codes[place], attribute).fit(draft)
    }
    for _ in 0..<32 {
      let place = members.place(random.unit() * members.weight)
      if isOpen(place) { return members.codes[place] }
    }
    let open = members.codes.indices.filter(isOpen)
    return random.index(weights: open.map(members.weight)).map { members.codes[open[$0]] }
  }

  /// Candidates for the code within a group.
  ///
  /// - Parameters:
  ///   - share: the group's own share, which the candidates divide.
  ///   - draft: the patient; codes that the patient can't have are left out. If nil, none is left out.
  func candidates(
    _ group: Candidate, _ attribute: Attribute, for draft: Draft?, most: Int, seed: UInt64, stream: UInt64
  ) -> [Candidate] {
    guard let members = groups[attribute]?[group.name] else { return [group] }
    var random = SeededRandom(seed: seed, stream: stream, textHash(group.name))
    var chosen: [Int] = []
    for _ in 0..<(8 * most) where chosen.count < most {
      let place = members.place(random.unit() * members.weight)
      let limits = CodeLimits(of: members.codes[place], attribute)
      if !chosen.contains(place), draft.map(limits.fit) ?? true { chosen.append(place) }
    }
    let sum = chosen.reduce(0) { $0 + members.weight($1) }
    return chosen.map { Candidate(name: members.codes[$0], share: group.share * members.weight($0) / max(sum, 1e-12)) }
  }
}

extension GroupMembers.Members {
  fileprivate func place(of code: String) -> Int? {
    let place = place(atOrAfter: code)
    return place < codes.count && codes[place] == code ? place : nil
  }

  /// The places of the codes that begin with a prefix.
  func places(from prefix: String) -> Range<Int> {
    let first = place(atOrAfter: prefix)
    return first..<(first + codes[first...].prefix { $0.utf8.starts(with: prefix.utf8) }.count)
  }

  private func place(atOrAfter code: String) -> Int {
    var (low, high) = (0, codes.count)
    while low < high {
      let middle = (low + high) / 2
      if byteOrder(codes[middle], code) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
