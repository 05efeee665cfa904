extension Policy {
  /// Notes tables from which someone could work out a withheld cell in a way that the attack does not model. The
  /// relations that it models are listed in docs/ties.md.
  func noteConnections(_ mapping: PolicyMapping) {
    if let problem = connectionProblem { mapping.note("release", problem) }
  }

  /// What connects the tables in a way that the attack does not model, as the end of a sentence; nil if nothing does.
  /// Noise protects whatever is known, so a policy with noise has no such problem.
  package var connectionProblem: String? {
    protection.noise == nil
      ? problemOfEvaluation ?? problemOfBands ?? problemOfPairsAndBands ?? problemOfKindsOfCodes : nil
  }

  private var problemOfEvaluation: String? {
    let attributes = Set(release.flatMap(\.attributes))
    let diagnosed: [Attribute] = [.mainDiagnosis, .diagnosisCountBand]
    if attributes.contains(.phenotype), let other = diagnosed.first(where: attributes.contains) {
      return "has \(table(with: .phenotype)) and \(table(with: other)), but a phenotype follows from the main "
        + "diagnosis; leave out one of the two attributes"
    }
    guard !attributes.contains(.evaluationSet) || release.contains(where: { $0.attributes == [.evaluationSet] }) else {
      return "has evaluation-set, whose counts anyone can know, but no table [evaluation-set]"
    }
    return nil
  }

  private var problemOfBands: String? {
    let banded = release.first { Set($0.attributes).isSuperset(of: [.mainDiagnosis, .diagnosisCountBand]) }
    guard let banded, let coded = release.first(where: { $0.attributes.contains(.diagnosis) }) else { return nil }
    return "has \(name(banded)) and \(name(coded)); the attack can't check what these two tables tell together, so "
      + "leave one of them out"
  }

  /// In a band of one number, a code of another kind has as many pairs as the band has codes, so pairs and bands
  /// together tell how often it occurs in the other bands.
  private var problemOfPairsAndBands: String? {
    for pair in release {
      let codes = pair.attributes.filter(\.isMultiValued)
      guard codes.count == 2 else { continue }
      for (kind, other) in [(codes[0], codes[1]), (codes[1], codes[0])] {
        guard let band = kind.countBand else { continue }
        let banded = release.first { $0.attributes.contains(band) && $0.attributes.contains(other) }
        guard let banded else { continue }
        let tables = Set([pair, banded].map(name)).sorted().joined(separator: " and ")
        return
          "has \(tables); the attack can't check what pairs of codes and the bands of their "
          + "numbers tell together, so leave one of the two tables out"
      }
    }
    return nil
  }

  /// Three kinds of codes that are counted in pairs bound one another, and the attack solves no more than two at once.
  /// Nor does it know what two tables of pairs of the same kinds tell together.
  private var problemOfKindsOfCodes: String? {
    var joined: [Set<Attribute>] = []
    var seen: [Set<Attribute>] = []
    for request in release {
      let codes = Set(request.attributes.filter(\.isMultiValued))
      guard codes.count > 1 else { continue }
      if seen.contains(codes), let first = release.first(where: { codes.isSubset(of: $0.attributes) }) {
        return
          "has \(name(first)) and \(name(request)), which count pairs of the same kinds of codes; the attack can't "
          + "check what these two tables tell together, so leave one of them out"
      }
      guard codes.count == 2 else {
        return "has \(name(request)), which counts three kinds of codes at once; the attack checks at most two, so use "
          + "tables with two of them"
      }
      let touched = joined.filter { !$0.isDisjoint(with: codes) }
      if let ring = touched.first(where: { codes.isSubset(of: $0) }) {
        let others = release.filter { other in
          let kinds = other.attributes.filter(\.isMultiValued)
          return kinds.count == 2 && ring.isSuperset(of: kinds) && Set(kinds) != codes
        }
        return "has \((others + [request]).map(name).joined(separator: ", ")), which count kinds of codes in a ring; "
          + "the attack can't check what these tables tell together, so leave one of them out"
      }
      seen.append(codes)
      joined = joined.filter { $0.isDisjoint(with: codes) } + [touched.reduce(codes) { $0.union($1) }]
    }
    return nil
  }

  private func name(_ request: TableRequest) -> String {
    "[\(request.attributes.map(\.rawValue).joined(separator: ", "))]"
  }

  private func table(with attribute: Attribute) -> String {
    release.first { $0.attributes.contains(attribute) }.map(name) ?? ""
  }
}
