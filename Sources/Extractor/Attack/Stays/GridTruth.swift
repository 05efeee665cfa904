internal import Shared

/// Adds to a system of sums what only the hospital knows.
extension GridSystem {
  /// Computes true counts that are not released, if they follow from the true counts of a released table or a joint
  /// table.
  mutating func completeTruth() {
    for number in layers.indices {
      let layer = layers[number]
      let stay = layer.places.attributes.filter { !$0.isMultiValued }
      if stay.count < layer.places.attributes.count, layer.isReleased {
        guard stay.count + 1 == layer.places.attributes.count, let all = trueCounts(stay) else { continue }
        for place in 0..<layer.places.count where !layer.isCell[place] {
          layers[number].truth[place] = layer.truth[place + 1].map { all[place / 2] - $0 }
        }
      } else if layer.truth.contains(nil), let counts = trueCounts(layer.places.attributes) {
        layers[number].truth = counts
      }
      if layers[number].truth.contains(nil), let counts = trueCountsWithCode(layer.places) {
        layers[number].truth = counts
      }
      if layers[number].truth.contains(nil) { completePairs(number) }
      for place in 0..<layer.places.count where layer.unknown[place] >= 0 {
        roles[layer.unknown[place]].truth = layers[number].truth[place]
      }
    }
  }

  /// Sets a lower bound on the number of patients in each sum that no table publishes: the number in its largest part.
  mutating func completePatients() {
    for lower in layers.indices where !layers[lower].isReleased {
      let attributes = Set(layers[lower].places.attributes)
      for upper in layers where upper.isReleased && attributes.isStrictSubset(of: upper.places.attributes) {
        for (place, target) in upper.places.projection(to: layers[lower].places).enumerated() {
          layers[lower].patients[target] = max(layers[lower].patients[target], upper.patients[place])
        }
      }
    }
  }

  /// For merged categories ("others"), we know only the number of patients in the largest one. If a sum shows that the
  /// merged cell covers enough patients, it needs no guard.
  mutating func releaseGuards() {
    for upper in layers.indices where layers[upper].isReleased {
      let layer = layers[upper]
      let merged = (0..<layer.places.count).filter { place in
        layer.isWithheld[place] && roles[layer.unknown[place]].isGuarded
          && !release.isOneCell(layer.places.categories(place), layer.places.attributes)
      }
      if merged.isEmpty { continue }
      for lower in layers
      where lower.isReleased && Set(lower.places.attributes).isStrictSubset(of: layer.places.attributes) {
        let projection = layer.places.projection(to: lower.places)
        for place in merged {
          let beside = projection.indices.filter { projection[$0] == projection[place] && $0 != place }
          // For merged places and stays without the code, we know only a lower bound on the number of patients.
          if beside.contains(where: { merged.contains($0) || !layer.isCell[$0] }) { continue }
          let others = beside.reduce(0) { $0 + layer.patients[$1] }
          if lower.patients[projection[place]] - others >= release.minimumPatients {
            roles[layer.unknown[place]].isGuarded = false
          }
        }
      }
    }
  }

  /// Adds up the true counts of admissions with several codes, from a released table that has more attributes.
  private mutating func completePairs(_ number: Int) {
    let places = layers[number].places
    let codes = places.attributes.filter(\.isMultiValued)
    let upper = layers.first { upper in
      upper.isReleased && upper.places.attributes.filter(\.isMultiValued) == codes
        && Set(places.attributes).isSubset(of: upper.places.attributes)
    }
    guard codes.count > 1, let upper, upper.places.attributes != places.attributes else { return }
    var sums = [Int](repeating: 0, count: places.count)
    for (place, target) in upper.places.projection(to: places).enumerated() where upper.isCell[place] {
      guard let truth = upper.truth[place] else { return }
      sums[target] += truth
    }
    for place in sums.indices where layers[number].isCell[place] { layers[number].truth[place] = sums[place] }
  }

  /// The true counts of stays with and without one code, from the profiles.
  private func trueCountsWithCode(_ places: Places) -> [Int]? {
    let stay = places.attributes.filter { !$0.isMultiValued }
    let multi = places.attributes.filter(\.isMultiValued)
    guard multi.count == 1, let code = codes[multi[0]], let profiles = release.profiles, profiles.tell(stay) else {
      return nil
    }
    var counts = [Int](repeating: 0, count: places.count)
    let targets = profiles.places(release.places(stay))
    for (profile, target) in targets.enumerated() { counts[2 * target] += profiles.admissions[profile] }
    for (profile, admissions) in profiles.counts(multi[0], code) {
      counts[2 * targets[profile]] -= admissions
      counts[2 * targets[profile] + 1] += admissions
    }
    return counts
  }

  /// The true counts of a set of attributes, from any layer or joint table that contains them all.
  private func trueCounts(_ attributes: [Attribute]) -> [Int]? {
    let places = release.places(attributes)
    let layer = layers.first { layer in
      Set(attributes).isSubset(of: layer.places.attributes) && !layer.truth.contains(nil)
    }
    let joint = release.jointCounts.first { Set(attributes).isSubset(of: $0.key) }
    let known = layer.map { ($0.places, $0.truth.map { $0 ?? 0 }) } ?? joint.map { (release.places($0.key), $0.value) }
    guard let (held, counts) = known else { return release.profiles?.stayCounts(places) }
    var sums = [Int](repeating: 0, count: places.count)
    for (place, target) in held.projection(to: places).enumerated() { sums[target] += counts[place] }
    return sums
  }
}
