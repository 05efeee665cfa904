extension Policy {
  /// Refuses tables from which someone could work out a withheld cell in a way that the attack does not model. The
  /// relations that it models are listed in docs/ties.md. Noise protects whatever is known, so it needs no such check.
  func checkConnections(_ mapping: PolicyMapping) throws(PolicyError) {
    if protection.noise != nil { return }
    try checkEvaluation(mapping)
    try checkBands(mapping)
    try checkKindsOfCodes(mapping)
  }

  private func checkEvaluation(_ mapping: PolicyMapping) throws(PolicyError) {
    let attributes = Set(release.flatMap(\.attributes))
    guard !attributes.isSuperset(of: [.phenotype, .mainDiagnosis]) else {
      throw mapping.error(
        "release",
        "has \(table(with: .phenotype)) and \(table(with: .mainDiagnosis)), but a phenotype follows from the main "
          + "diagnosis; leave out one of the two attributes")
    }
    guard !attributes.contains(.evaluationSet) || release.contains(where: { $0.attributes == [.evaluationSet] }) else {
      throw mapping.error(
        "release", "has evaluation-set, whose counts anyone can know, but no table [evaluation-set]")
    }
  }

  private func checkBands(_ mapping: PolicyMapping) throws(PolicyError) {
    let banded = release.first { Set($0.attributes).isSuperset(of: [.mainDiagnosis, .diagnosisCountBand]) }
    guard let banded, let coded = release.first(where: { $0.attributes.contains(.diagnosis) }) else { return }
    throw mapping.error(
      "release",
      "has \(name(banded)) and \(name(coded)); the attack can't check what these two tables tell together, so "
        + "leave one of them out")
  }

  /// Three kinds of codes that are counted in pairs bound one another, and the attack solves no more than two at once.
  private func checkKindsOfCodes(_ mapping: PolicyMapping) throws(PolicyError) {
    var joined: [Set<Attribute>] = []
    var seen: [Set<Attribute>] = []
    for request in release {
      let codes = Set(request.attributes.filter(\.isMultiValued))
      guard codes.count > 1, !seen.contains(codes) else { continue }
      guard codes.count == 2 else {
        throw mapping.error(
          "release",
          "has \(name(request)), which counts three kinds of codes at once; the attack checks at most two, so use "
            + "tables with two of them")
      }
      let touched = joined.filter { !$0.isDisjoint(with: codes) }
      if let ring = touched.first(where: { codes.isSubset(of: $0) }) {
        let others = release.filter { other in
          let kinds = other.attributes.filter(\.isMultiValued)
          return kinds.count == 2 && ring.isSuperset(of: kinds) && Set(kinds) != codes
        }
        throw mapping.error(
          "release",
          "has \((others + [request]).map(name).joined(separator: ", ")), which count kinds of codes in a ring; the "
            + "attack can't check what these tables tell together, so leave one of them out")
      }
      seen.append(codes)
      joined = joined.filter { $0.isDisjoint(with: codes) } + [touched.reduce(codes) { $0.union($1) }]
    }
  }

  private func name(_ request: TableRequest) -> String {
    "[\(request.attributes.map(\.rawValue).joined(separator: ", "))]"
  }

  private func table(with attribute: Attribute) -> String {
    release.first { $0.attributes.contains(attribute) }.map(name) ?? ""
  }
}
