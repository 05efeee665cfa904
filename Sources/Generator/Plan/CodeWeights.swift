internal import Shared

/// How likely an admission is to have a code, relative to others with the same main diagnosis.
struct CodeWeights: Sendable {
  private let profiles: Profiles
  private let attribute: Attribute
  /// The expected number of codes of each profile, from its count band; 1 if it has no band.
  private let counts: [Double]
  /// For each code, how much more often each category of sex, age or death occurs with the code than overall, from the
  /// tables of these attributes with the codes.
  private let lifts: [String: [(other: Attribute, factors: [String: Double])]]

  init(_ attribute: Attribute, _ profiles: Profiles, _ statistics: Statistics, _ sampler: Sampler) {
    self.profiles = profiles
    self.attribute = attribute
    let band = attribute.countBand
    counts = profiles.drafts.map { draft in
      guard let band = band.flatMap({ draft.categories[$0] }).flatMap(Band.init) else { return 1 }
      let middle = Double(band.lower + band.assumedUpper) / 2
      // The band includes the main diagnosis, which is not one of these codes.
      return max(0.02, middle - (attribute == .diagnosis ? 1 : 0))
    }
    var lifts: [String: [(other: Attribute, factors: [String: Double])]] = [:]
    for other in [Attribute.gender, .ageBand, .diedInHospital] {
      guard let table = statistics.table(over: [attribute, other]),
        let axis = table.attributes.firstIndex(of: attribute)
      else { continue }
      let margin = sampler.weights(of: other, given: Draft(number: 0))
      let total = margin.reduce(0) { $0 + $1.weight }
      let shares = Dictionary(uniqueKeysWithValues: margin.map { ($0.category, $0.weight / max(total, 1)) })
      for (code, cells) in Dictionary(grouping: table.cells, by: { $0.key[axis] }) {
        let sum = Double(cells.reduce(0) { $0 + $1.count })
        guard sum > 0 else { continue }
        var factors: [String: Double] = [:]
        for cell in cells {
          let category = cell.key[1 - axis]
          factors[category] = Double(cell.count) / sum / max(shares[category] ?? 1, 1e-9)
        }
        lifts[code, default: []].append((other, factors))
      }
    }
    self.lifts = lifts
  }

  /// The members that can have the code, with their weights.
  func fitting(_ group: Group, _ code: String, _ limits: CodeLimits) -> (members: [Int32], weights: [Double]) {
    let own = lifts[code] ?? []
    let known = group.profiles.map { profile in
      let draft = profiles.drafts[Int(profile)]
      let isMain = attribute == .diagnosis && draft.categories[.mainDiagnosis] == code
      let isOpen = limits.fit(draft) && !(isMain && !CodeGroups.isGroup(code, attribute))
      // A category whose cell is not published gets a small weight, since it may still occur.
      return isOpen
        ? own.reduce(counts[Int(profile)]) { $0 * ($1.factors[draft.categories[$1.other] ?? ""] ?? 0.1) } : 0
    }
    var fitting: [Int32] = []
    var weights: [Double] = []
    fitting.reserveCapacity(group.members.count)
    weights.reserveCapacity(group.members.count)
    for (member, profile) in zip(group.members, group.profileOf) where known[Int(profile)] > 0 {
      fitting.append(member)
      weights.append(known[Int(profile)])
    }
    return (fitting, weights)
  }

  /// Admissions that draw from the same list.
  struct Group {
    let members: [Int32]
    /// The members' distinct profiles.
    let profiles: [Int32]
    /// For each member, the index of its profile in `profiles`.
    let profileOf: [Int32]

    init(_ members: [Int32], _ all: Profiles) {
      self.members = members
      var places: [Int32: Int32] = [:]
      var profiles: [Int32] = []
      profileOf = members.map { member in
        let profile = all.of[Int(member)]
        if let place = places[profile] { return place }
        places[profile] = Int32(profiles.count)
        profiles.append(profile)
        return Int32(profiles.count - 1)
      }
      self.profiles = profiles
    }
  }
}
