internal import Shared

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
  /// For each code attribute and profile, how many more of its codes the profile's admissions can have without leaving
  /// their bands. An attribute is missing if no table counts by those bands.
  let rooms: [Attribute: [Int]]
  /// For each code that an outsider can name, its number in `source`.
  private let codes: [Attribute: [Int?]]

  init(_ source: CodeProfiles, _ numbers: [Attribute: [String: Int]], _ release: AttackedRelease) {
    self.source = source
    attributes = source.attributes
    let ids = zip(source.attributes, source.categories).map { attribute, names in
      names.map { UInt32(numbers[attribute]?[$0] ?? release.size(attribute) - 1) }
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
    categories = order.map { numbering.profiles[$0] }
    var admissions = [Int](repeating: 0, count: numbering.profiles.count)
    for (number, profile) in merged.enumerated() { admissions[Int(profile)] += source.admissions[number] }
    self.admissions = admissions
    let main = source.attributes.firstIndex(of: .mainDiagnosis)
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
    rooms = source.codes.keys.reduce(into: [:]) { all, attribute in
      guard let own = source.room(attribute) else { return }
      var sums = [Int](repeating: 0, count: admissions.count)
      for (number, profile) in merged.enumerated() { sums[Int(profile)] += max(0, own[number]) }
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

  /// The number of admissions with a code, by profile.
  func counts(_ attribute: Attribute, _ code: Int) -> [Int: Int] {
    guard let codes = source.codes[attribute], let number = self.codes[attribute]?[code] else { return [:] }
    var counts: [Int: Int] = [:]
    codes.forEach(of: number) { profile, admissions in counts[Int(merged[profile]), default: 0] += admissions }
    return counts
  }

  /// For each profile, how many of its admissions a code of the attribute could have. No admission has a code both as
  /// its main diagnosis and as another.
  func mostWith(_ attribute: Attribute, _ code: Int, _ release: AttackedRelease) -> [Int] {
    guard attribute == .diagnosis, let axis = attributes.firstIndex(of: .mainDiagnosis) else { return admissions }
    guard let name = release.names[attribute]?[code], let main = release.number(of: name, .mainDiagnosis) else {
      return diagnosed
    }
    return diagnosed.indices.map { Int(categories[$0][axis]) == main ? 0 : diagnosed[$0] }
  }
}

extension CodeProfiles {
  /// For each profile, how many more codes of the attribute its admissions can have without leaving their bands;
  /// negative if there are already too many. nil if no table counts by those bands.
  fileprivate func room(_ attribute: Attribute) -> [Int]? {
    guard let band = attribute.countBand, let axis = attributes.firstIndex(of: band), let codes = codes[attribute]
    else { return nil }
    // The main diagnosis is one of the diagnoses that are counted.
    let others = attribute == .diagnosis ? 1 : 0
    let highest = categories[axis].map { max(0, (Band($0)?.upper ?? Self.mostCodes) - others) }
    var room = profiles.enumerated().map { highest[Int($1[axis])] * admissions[$0] }
    for code in codes.names.indices { codes.forEach(of: code) { room[$0] -= $1 } }
    return room
  }

  /// More codes than any admission has.
  private static let mostCodes = 100_000
}
