internal import Yams

extension Policy {
  /// Reads a policy file strictly: anything that it does not say plainly is refused, never guessed.
  ///
  /// - Parameter file: the file's name, for the error.
  /// - Throws: `CloisterError` with status 78 and the line and column.
  package init(parsing bytes: [UInt8], file: String) throws(CloisterError) {
    do { try self.init(reading: bytes) } catch {
      throw error.error(
        in: file,
        hint: error.all.count > 1
          ? "cloister-extractor policy check \(file) shows everything that is wrong, and needs no data"
          : "see policies/README.md for every key; cloister-extractor policy check \(file) checks a policy without data"
      )
    }
  }

  /// Reads a policy file to its end, to report everything that is wrong with it.
  package init(reading bytes: [UInt8]) throws(PolicyFaults) {
    let root: Node
    do { root = try composeStrictYAML(bytes) } catch { throw PolicyFaults(all: [error]) }
    let faults = PolicyFaultList()
    let mapping = PolicyMapping(
      root, what: "the policy",
      keys: [
        "cloister-policy", "title", "owner", "cohort", "protection", "categories", "bands", "lab-bins",
        "real-categories", "new-series", "release",
      ], faults)
    _ = mapping.integer("cloister-policy", in: 1...1)
    let before = faults.count
    let release = Self.release(mapping)
    let categories = Self.publicCategories(mapping)
    // What tables together need can be checked only if all of them could be read.
    let areTablesRead = faults.count == before
    self.init(
      title: Self.line(mapping, "title"), owner: Self.line(mapping, "owner"),
      cohort: Cohort(reading: mapping.node("cohort") ?? .mapping(Node.Mapping([])), faults),
      protection: Protection(reading: mapping.required("protection"), categories: categories, faults),
      release: release, labBins: Self.labBins(mapping), bandStarts: Self.bandStarts(mapping),
      realCategories: Self.realCategories(mapping),
      newSeries: mapping.node("new-series") == nil ? nil : Self.line(mapping, "new-series"), bytes: bytes)
    if cohort.minimumAge >= protection.topCodeAge {
      mapping.note("cohort", "has a minimum-age that is not below protection's top-code-age")
    }
    if areTablesRead, mapping.node("protection") != nil {
      noteNoise(mapping)
      noteConnections(mapping)
      if !labBins.isEmpty, !release.contains(where: { $0.attributes.contains(.lab) }) {
        mapping.note("lab-bins", "are declared, but no table in release uses lab")
      }
    }
    try faults.end()
  }

  /// A text that fits on one line of a page.
  private static func line(_ mapping: PolicyMapping, _ key: String) -> String {
    guard mapping.required(key) != nil else { return "" }
    let text = mapping.text(key)
    if text.isEmpty || text.unicodeScalars.count > 200 || !isPrintable(text, limit: 200) {
      mapping.note(key, "must be one line of 1 to 200 printable characters")
    }
    return text
  }

  private static func release(_ mapping: PolicyMapping) -> [TableRequest] {
    guard let node = mapping.required("release") else { return [] }
    guard case .sequence(let tables) = node, !tables.isEmpty else {
      mapping.note("release", "must be a list of at least one table")
      return []
    }
    var requests: [TableRequest] = []
    for node in tables {
      guard let request = TableRequest(reading: node, mapping.faults) else { continue }
      if requests.contains(where: { Set($0.attributes) == Set(request.attributes) }) {
        mapping.faults.note(PolicyPlace(node.mark), "table", "this table appears twice in release")
      }
      requests.append(request)
    }
    return requests
  }

  private static func labBins(_ mapping: PolicyMapping) -> [LabBins] {
    guard let node = mapping.node("lab-bins") else { return [] }
    guard case .sequence(let items) = node, !items.isEmpty else {
      mapping.note("lab-bins", "must be a list of at least one item with its edges")
      return []
    }
    var declared: [LabBins] = []
    for node in items {
      guard let bins = LabBins(reading: node, mapping.faults) else { continue }
      if declared.contains(where: { $0.item == bins.item }) {
        mapping.faults.note(PolicyPlace(node.mark), "item", "this item appears twice in lab-bins")
      }
      declared.append(bins)
    }
    return declared
  }

  /// The attributes whose bands a policy can set. Ties know the bands of ages and of admission numbers.
  package static let banded: [Attribute] = [
    .lengthOfStayBand, .diagnosisCountBand, .procedureCountBand, .drugCountBand,
  ]
  private static let mostBands = 40
  private static let largestStart = 10_000

  private static func bandStarts(_ mapping: PolicyMapping) -> [Attribute: [Int]] {
    guard let node = mapping.node("bands") else { return [:] }
    let named = PolicyMapping(node, what: "bands", keys: banded.map(\.rawValue), mapping.faults)
    var starts: [Attribute: [Int]] = [:]
    for attribute in banded {
      guard let node = named.node(attribute.rawValue) else { continue }
      guard case .sequence(let items) = node, let found = Self.starts(items) else {
        named.note(
          attribute.rawValue,
          "must be a list of 2 to \(mostBands) whole numbers, each larger than the one before: the first is 0, the "
            + "last at most \(largestStart), and a band starts at each")
        continue
      }
      if attribute != .lengthOfStayBand, found[1] != 1 {
        named.note(attribute.rawValue, "must begin with 0 and 1: having no codes is a band of its own")
      }
      starts[attribute] = found
    }
    return starts
  }

  private static func starts(_ items: Node.Sequence) -> [Int]? {
    let starts = items.compactMap { $0.scalar.flatMap { plainNumber($0.string) } }
    guard starts.count == items.count, (2...mostBands).contains(starts.count), starts[0] == 0,
      starts[starts.count - 1] <= largestStart, zip(starts, starts.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
    return starts
  }

  private static func realCategories(_ mapping: PolicyMapping) -> [Attribute: [String]] {
    guard let node = mapping.node("real-categories") else { return [:] }
    let allowed = Attribute.allCases.filter(\.isText)
    let named = PolicyMapping(node, what: "real-categories", keys: allowed.map(\.rawValue), mapping.faults)
    var real: [Attribute: [String]] = [:]
    for attribute in allowed where named.node(attribute.rawValue) != nil {
      real[attribute] = named.texts(attribute.rawValue)
    }
    return real
  }
}

extension Policy.Cohort {
  fileprivate init(reading node: Node, _ faults: PolicyFaultList) {
    let mapping = PolicyMapping(node, what: "cohort", keys: ["minimum-age", "exclude-admission-types"], faults)
    self.init(
      minimumAge: mapping.integer("minimum-age", in: 0...89, default: 18),
      excludedAdmissionTypes: mapping.texts("exclude-admission-types"))
  }
}

extension Policy.Protection {
  /// - Parameter node: nil if it is missing, which is noted already.
  fileprivate init(
    reading node: Node?, categories: [Attribute: Policy.PublicCategories], _ faults: PolicyFaultList
  ) {
    let mapping = PolicyMapping(
      node ?? .mapping(Node.Mapping([])), what: "protection",
      keys: [
        "minimum-patients", "round-to", "top-code-age", "roll-up-codes", "zero-cells", "noise", "approvals",
        "low-k-reason",
      ], node == nil ? PolicyFaultList() : faults)
    self.init(
      minimumPatients: mapping.integer("minimum-patients", in: 2...1_000_000),
      roundTo: mapping.choice("round-to", ["none": nil, "5": 5], default: nil),
      topCodeAge: mapping.integer("top-code-age", in: 30...90, default: 90),
      rollsUpCodes: mapping.choice("roll-up-codes", ["true": true, "false": false], default: false),
      publishesZeroCells: mapping.choice("zero-cells", ["publish": true, "withhold": false], default: false),
      noise: Policy.Noise(reading: mapping.node("noise"), categories: categories, faults),
      approvals: mapping.integer("approvals", in: 0...9, default: 0),
      lowKReason: mapping.text("low-k-reason", default: ""))
    if minimumPatients < 11, lowKReason.utf8.count < 10 {
      mapping.note("minimum-patients", "is under 11, which requires a sentence in low-k-reason")
    }
    noteMixture(mapping)
  }

  /// Notes settings that together support no guarantee.
  private func noteMixture(_ mapping: PolicyMapping) {
    if let roundTo, roundTo > minimumPatients {
      mapping.note("minimum-patients", "must not be less than round-to")
    }
    guard noise != nil else { return }
    if roundTo != nil { mapping.note("round-to", "must be none with noise, which hides more") }
    if rollsUpCodes { mapping.note("roll-up-codes", "must be false with noise, as roll-up depends on the data") }
    if publishesZeroCells {
      mapping.note("zero-cells", "must be withhold with noise, which hides whether a cell is empty")
    }
  }
}

extension LabBins {
  fileprivate init?(reading node: Node, _ faults: PolicyFaultList) {
    let before = faults.count
    let mapping = PolicyMapping(node, what: "an item of lab-bins", keys: ["item", "edges"], faults)
    let item = mapping.integer("item", in: 0...999_999_999)
    let edges = mapping.texts("edges")
    let isShort = edges.allSatisfy { $0.utf8.count <= 12 }
    guard (1...20).contains(edges.count), isShort, let bins = LabBins(item: item, edges: edges) else {
      if faults.count == before {
        mapping.note("edges", "must be 1 to 20 increasing decimal numbers, such as [1.2, 4]")
      }
      return nil
    }
    self = bins
  }
}

extension Policy.TableRequest {
  fileprivate init?(reading node: Node, _ faults: PolicyFaultList) {
    let before = faults.count
    let mapping = PolicyMapping(node, what: "a table of release", keys: ["table", "top", "weight"], faults)
    var attributes: [Attribute] = []
    for (name, place) in mapping.words("table") {
      guard let attribute = Attribute(published: name) else {
        let known = knownNames(Attribute.published.map(\.rawValue), nearest: name)
        faults.note(place, "table", "table names an unknown attribute; \(known)")
        continue
      }
      if attributes.contains(attribute) { faults.note(place, "table", "table names an attribute twice") }
      attributes.append(attribute)
    }
    let top = mapping.node("top") == nil ? nil : mapping.integer("top", in: 1...100_000)
    let weight = mapping.integer("weight", in: 1...1000, default: 1)
    if faults.count == before, !(1...3).contains(attributes.count) {
      mapping.note("table", "must name 1 to 3 attributes")
    }
    if faults.count == before, top != nil, !attributes.contains(where: \.isCode) {
      mapping.note(
        "top",
        "needs an attribute of codes: \(Attribute.allCases.filter(\.isCode).map(\.rawValue).joined(separator: ", "))")
    }
    if faults.count > before { return nil }
    self.init(attributes: attributes, top: top, weight: weight)
  }
}
