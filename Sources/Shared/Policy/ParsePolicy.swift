internal import Yams

extension Policy {
  /// Reads a policy file strictly: anything that it does not say plainly is refused, never guessed.
  ///
  /// - Parameter file: the file's name, for the error.
  /// - Throws: `CloisterError` with status 78 and the line and column.
  package init(parsing bytes: [UInt8], file: String) throws(CloisterError) {
    do {
      let root = try composeStrictYAML(bytes)
      let mapping = try PolicyMapping(
        root, what: "the policy",
        keys: [
          "cloister-policy", "title", "owner", "cohort", "protection", "categories", "bands", "lab-bins",
          "real-categories", "new-series", "release",
        ])
      _ = try mapping.integer("cloister-policy", in: 1...1)
      let release = try Self.release(mapping)
      self.init(
        title: try Self.line(mapping, "title"), owner: try Self.line(mapping, "owner"),
        cohort: try Cohort(reading: mapping.node("cohort")),
        protection: try Protection(
          reading: try mapping.required("protection"), categories: try Self.publicCategories(mapping)),
        release: release, labBins: try Self.labBins(mapping, release),
        bandStarts: try Self.bandStarts(mapping),
        realCategories: try Self.realCategories(mapping),
        newSeries: mapping.node("new-series") == nil ? nil : try Self.line(mapping, "new-series"), bytes: bytes)
      try checkAges(mapping)
      try checkNoise(mapping)
      try checkConnections(mapping)
    } catch {
      throw CloisterError(
        .policyOrKeyWrong, "\(file) line \(error.place.line), column \(error.place.column): \(error.reason)",
        hint: "see policies/README.md for every key; cloister-extractor policy check FILE checks a policy without data")
    }
  }

  /// A text that fits on one line of a page.
  private static func line(_ mapping: PolicyMapping, _ key: String) throws(PolicyError) -> String {
    let text = try mapping.text(key)
    guard !text.isEmpty, text.unicodeScalars.count <= 200, isPrintable(text, limit: 200) else {
      throw mapping.error(key, "must be one line of 1 to 200 printable characters")
    }
    return text
  }

  private static func release(_ mapping: PolicyMapping) throws(PolicyError) -> [TableRequest] {
    guard case .sequence(let tables) = try mapping.required("release"), !tables.isEmpty else {
      throw mapping.error("release", "must be a list of at least one table")
    }
    var requests: [TableRequest] = []
    for node in tables {
      let request = try TableRequest(reading: node)
      guard !requests.contains(where: { Set($0.attributes) == Set(request.attributes) }) else {
        throw PolicyError(place: PolicyPlace(node.mark), reason: "this table appears twice in release")
      }
      requests.append(request)
    }
    return requests
  }

  private static func labBins(
    _ mapping: PolicyMapping, _ release: [TableRequest]
  ) throws(PolicyError) -> [LabBins] {
    guard let node = mapping.node("lab-bins") else { return [] }
    guard case .sequence(let items) = node, !items.isEmpty else {
      throw mapping.error("lab-bins", "must be a list of at least one item with its edges")
    }
    guard release.contains(where: { $0.attributes.contains(.lab) }) else {
      throw mapping.error("lab-bins", "are declared, but no table in release uses lab")
    }
    var declared: [LabBins] = []
    for node in items {
      let bins = try LabBins(reading: node)
      guard !declared.contains(where: { $0.item == bins.item }) else {
        throw PolicyError(place: PolicyPlace(node.mark), reason: "this item appears twice in lab-bins")
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

  private static func bandStarts(_ mapping: PolicyMapping) throws(PolicyError) -> [Attribute: [Int]] {
    guard let node = mapping.node("bands") else { return [:] }
    let named = try PolicyMapping(node, what: "bands", keys: banded.map(\.rawValue))
    var starts: [Attribute: [Int]] = [:]
    for attribute in banded {
      guard let node = named.node(attribute.rawValue) else { continue }
      guard case .sequence(let items) = node, let found = Self.starts(items) else {
        throw named.error(
          attribute.rawValue,
          "must be a list of 2 to \(mostBands) whole numbers, each larger than the one before: the first is 0, the "
            + "last at most \(largestStart), and a band starts at each")
      }
      guard attribute == .lengthOfStayBand || found[1] == 1 else {
        throw named.error(attribute.rawValue, "must begin with 0 and 1: having no codes is a band of its own")
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

  private static func realCategories(_ mapping: PolicyMapping) throws(PolicyError) -> [Attribute: [String]] {
    guard let node = mapping.node("real-categories") else { return [:] }
    let allowed = Attribute.allCases.filter(\.isText)
    let named = try PolicyMapping(node, what: "real-categories", keys: allowed.map(\.rawValue))
    var real: [Attribute: [String]] = [:]
    for attribute in allowed where named.node(attribute.rawValue) != nil {
      real[attribute] = try named.texts(attribute.rawValue, default: [])
    }
    return real
  }

  private func checkAges(_ mapping: PolicyMapping) throws(PolicyError) {
    guard cohort.minimumAge < protection.topCodeAge else {
      throw mapping.error("cohort", "has a minimum-age that is not below protection's top-code-age")
    }
  }
}

extension Policy.Cohort {
  fileprivate init(reading node: Node?) throws(PolicyError) {
    let mapping = try PolicyMapping(
      node ?? Node.mapping(Node.Mapping([])), what: "cohort", keys: ["minimum-age", "exclude-admission-types"])
    self.init(
      minimumAge: try mapping.integer("minimum-age", in: 0...89, default: 18),
      excludedAdmissionTypes: try mapping.texts("exclude-admission-types", default: []))
  }
}

extension Policy.Protection {
  fileprivate init(
    reading node: Node, categories: [Attribute: Policy.PublicCategories]
  ) throws(PolicyError) {
    let mapping = try PolicyMapping(
      node, what: "protection",
      keys: [
        "minimum-patients", "round-to", "top-code-age", "roll-up-codes", "zero-cells", "noise", "approvals",
        "low-k-reason",
      ])
    self.init(
      minimumPatients: try mapping.integer("minimum-patients", in: 2...1_000_000),
      roundTo: try mapping.choice("round-to", ["none": nil, "5": 5], default: nil),
      topCodeAge: try mapping.integer("top-code-age", in: 30...90, default: 90),
      rollsUpCodes: try mapping.choice("roll-up-codes", ["true": true, "false": false], default: false),
      publishesZeroCells: try mapping.choice("zero-cells", ["publish": true, "withhold": false], default: false),
      noise: try Policy.Noise(reading: mapping.node("noise"), categories: categories),
      approvals: try mapping.integer("approvals", in: 0...9, default: 0),
      lowKReason: try mapping.text("low-k-reason", default: ""))
    guard minimumPatients >= 11 || lowKReason.utf8.count >= 10 else {
      throw mapping.error("minimum-patients", "is under 11, which requires a sentence in low-k-reason")
    }
    try checkMixture(mapping)
  }

  /// Refuses settings that together support no guarantee.
  private func checkMixture(_ mapping: PolicyMapping) throws(PolicyError) {
    if let roundTo, roundTo > minimumPatients {
      throw mapping.error("minimum-patients", "must not be less than round-to")
    }
    guard noise != nil else { return }
    if roundTo != nil { throw mapping.error("round-to", "must be none with noise, which hides more") }
    if rollsUpCodes { throw mapping.error("roll-up-codes", "must be false with noise, as roll-up depends on the data") }
    if publishesZeroCells {
      throw mapping.error("zero-cells", "must be withhold with noise, which hides whether a cell is empty")
    }
  }
}

extension LabBins {
  fileprivate init(reading node: Node) throws(PolicyError) {
    let mapping = try PolicyMapping(node, what: "an item of lab-bins", keys: ["item", "edges"])
    let item = try mapping.integer("item", in: 0...999_999_999)
    let edges = try mapping.texts("edges", default: [])
    let isShort = edges.allSatisfy { $0.utf8.count <= 12 }
    guard (1...20).contains(edges.count), isShort, let bins = LabBins(item: item, edges: edges) else {
      throw mapping.error("edges", "must be 1 to 20 increasing decimal numbers, such as [1.2, 4]")
    }
    self = bins
  }
}

extension Policy.TableRequest {
  fileprivate init(reading node: Node) throws(PolicyError) {
    let mapping = try PolicyMapping(node, what: "a table of release", keys: ["table", "top", "weight"])
    var attributes: [Attribute] = []
    for name in try mapping.texts("table", default: []) {
      guard let attribute = Attribute(published: name) else {
        let known = knownNames(Attribute.published.map(\.rawValue), nearest: name)
        throw mapping.error("table", "names an unknown attribute; \(known)")
      }
      guard !attributes.contains(attribute) else { throw mapping.error("table", "names an attribute twice") }
      attributes.append(attribute)
    }
    guard (1...3).contains(attributes.count) else { throw mapping.error("table", "must name 1 to 3 attributes") }
    let top = mapping.node("top") == nil ? nil : try mapping.integer("top", in: 1...100_000)
    guard top == nil || attributes.contains(where: \.isCode) else {
      throw mapping.error("top", "needs an attribute of codes: \(Attribute.allCases.filter(\.isCode).map(\.rawValue))")
    }
    self.init(attributes: attributes, top: top, weight: try mapping.integer("weight", in: 1...1000, default: 1))
  }
}
