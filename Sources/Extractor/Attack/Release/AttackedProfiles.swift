internal import Shared

/// The admissions with a code.
struct ProfileCounts: Sendable {
  /// Their number, for each profile.
  var counts: [Int] = []
  /// The profiles where it isn't 0, in order.
  var holders: [Int] = []
}

/// The true counts of stays and codes by profile, with the categories that the attack distinguishes: those that nobody
/// can name are one category.
final class AttackedProfiles: Sendable {
  /// For each profile, its number of admissions.
  let admissions: [Int]
  /// The same, without the admissions that have no main diagnosis: these have no other diagnosis either.
  private let diagnosed: [Int]
  private let attributes: [Attribute]
  /// For each profile, the number of its category on each attribute.
  private let categories: [[UInt32]]
  /// The attack's profile of each profile in `source`.
  private let merged: [UInt32]
  private let source: CodeProfiles
  /// For each code attribute, what the bands allow; an attribute is missing if its bands are not part of profiles.
  let bands: [Attribute: BandLimits]
  /// For each code that an outsider can name, its number in `source`.
  private let codes: [Attribute: [Int?]]
  /// For each profile, its main diagnosis; nil if profiles don't tell.
  private let mains: [UInt32]?

  init(_ source: CodeProfiles, _ numbers: [Attribute: [String: Int]], _ release: AttackedRelease) {
    self.source = source
    attributes = source.attributes
    let ids = zip(source.attributes, source.categories).map { attribute, names in
      // An attribute that no attacked table counts by has no categories.
      names.map { UInt32(numbers[attribute]?[$0] ?? max(0, release.size(attribute) - 1)) }
    }
    var numbering = ProfileNumbering(axes: ids.count)
    let found = source.profiles.map { profile in numbering.number { ids[$0][Int(profile[$0])] } }
    // In the order of their categories, so that files and a warehouse lead to the same moves.
    let order = numbering.profiles.indices.sorted {
      numbering.profiles[$0].lexicographicallyPrecedes(numbering.profiles[$1])
    }
    var places = [UInt32](repeating: 0, count: order.count)
    for (place, number) in order.enumerated() { places[number] = UInt32(place) }
    let merged = found.map { places[Int($0)] }
    self.merged = merged
    let categories = order.map { numbering.profiles[$0] }
    self.categories = categories
    var admissions = [Int](repeating: 0, count: numbering.profiles.count)
    for (number, profile) in merged.enumerated() { admissions[Int(profile)] += source.admissions[number] }
    self.admissions = admissions
    let main = source.attributes.firstIndex(of: .mainDiagnosis)
    mains = main.map { axis in categories.map { $0[axis] } }
    var diagnosed = admissions
    for (number, profile) in source.profiles.enumerated() {
      guard let main, source.categories[main][Int(profile[main])] == missingCategory else { continue }
      diagnosed[Int(merged[number])] -= source.admissions[number]
    }
    self.diagnosed = diagnosed
    codes = source.codes.reduce(into: [:]) { all, codes in
      let places = Dictionary(uniqueKeysWithValues: codes.value.names.enumerated().map { ($1, $0) })
      all[codes.key] = release.names[codes.key]?.map { places[$0] }
    }
    bands = source.codes.keys.reduce(into: [:]) { all, attribute in
      guard let own = source.limits(attribute, rollsUpCodes: release.rollsUpCodes) else { return }
      var sums = BandLimits(more: admissions.map { _ in 0 }, fewer: admissions.map { _ in 0 })
      for (number, profile) in merged.enumerated() {
        sums.more[Int(profile)] += max(0, own.more[number])
        sums.fewer[Int(profile)] += max(0, own.fewer[number])
      }
      all[attribute] = sums
    }
  }

  /// Whether profiles tell the categories of all these attributes.
  func tell(_ stay: [Attribute]) -> Bool { stay.allSatisfy(attributes.contains) }

  /// For each profile, its place among the combinations of some of its attributes.
  func places(_ places: Places) -> [Int] {
    let axes = places.attributes.map { attributes.firstIndex(of: $0) ?? 0 }
    return categories.map { profile in places.place(axes.map { Int(profile[$0]) }) }
  }

  /// The number of admissions at each place; nil if profiles don't tell.
  func stayCounts(_ places: Places) -> [Int]? {
    guard tell(places.attributes) else { return nil }
    var counts = [Int](repeating: 0, count: places.count)
    for (profile, target) in self.places(places).enumerated() { counts[target] += admissions[profile] }
    return counts
  }

  /// The number of admissions with a code, by profile.
  func counts(_ attribute: Attribute, _ code: Int) -> [Int: Int] {
    var counts: [Int: Int] = [:]
    forEach(attribute, code) { counts[$0, default: 0] += $1 }
    return counts
  }

  /// The same, for every profile.
  func allCounts(_ attribute: Attribute, _ code: Int) -> ProfileCounts {
    var counts = [Int](repeating: 0, count: admissions.count)
    var holders: [Int] = []
    forEach(attribute, code) { profile, admissions in
      if counts[profile] == 0, admissions > 0 { holders.append(profile) }
      counts[profile] += admissions
    }
    return ProfileCounts(counts: counts, holders: holders.sorted())
  }

  /// Calls `body` with the admissions of a code; a profile may occur several times.
  @inline(__always)
  private func forEach(_ attribute: Attribute, _ code: Int, _ body: (_ profile: Int, _ admissions: Int) -> Void) {
    guard let codes = source.codes[attribute], let number = self.codes[attribute]?[code] else { return }
    codes.forEach(of: number) { body(Int(merged[$0]), $1) }
  }

  /// For each profile, how many of its admissions a code of the attribute could have.
  func mostWith(_ attribute: Attribute, _ code: Int, _ release: AttackedRelease) -> [Int] {
    guard attribute == .diagnosis, let mains else { return admissions }
    guard let main = release.mainDiagnosis(excluding: code) else { return diagnosed }
    return zip(mains, diagnosed).map { Int($0) == main ? 0 : $1 }
  }

  /// Whether an admission has a diagnosis both as its main one and as another.
  fileprivate func repeatMain(_ main: Int, _ code: Int) -> Bool {
    guard let mains else { return false }
    var isRepeated = false
    forEach(.diagnosis, code) { profile, _ in isRepeated = isRepeated || Int(mains[profile]) == main }
    return isRepeated
  }

  /// For each place, the number of admissions with each code of an attribute, named or not; without zeros.
  func counts(_ attribute: Attribute, at places: Places) -> [[Int]] {
    guard let codes = source.codes[attribute] else { return [] }
    let targets = self.places(places)
    var counts = [[Int]](repeating: [], count: places.count)
    for code in codes.names.indices {
      var own: [Int: Int] = [:]
      codes.forEach(of: code) { own[targets[Int(merged[$0])], default: 0] += $1 }
      for (place, count) in own { counts[place].append(count) }
    }
    return counts
  }
}

extension AttackedRelease {
  /// The number of the main diagnosis that another diagnosis has the code of: no admission has both. nil if the code
  /// stands for several, which can occur together; if it can't be named as a main diagnosis; or if the data break the
  /// rule.
  func mainDiagnosis(excluding code: Int) -> Int? {
    guard let name = names[.diagnosis]?[code], !CodeGroups.isGroup(name, .diagnosis),
      let main = number(of: name, .mainDiagnosis), profiles?.repeatMain(main, code) != true
    else { return nil }
    return main
  }
}
