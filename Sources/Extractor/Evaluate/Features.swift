internal import Shared

/// 512 features of an admission, each present or absent.
typealias FeatureBits = SIMD8<UInt64>

extension SIMD8<UInt64> {
  var ones: Int { Int(nonzeroBitCount.wrappedSum()) }

  /// Calls `body` with the place of each bit that is set, in ascending order.
  func forEachOne(_ body: (Int) -> Void) {
    for word in 0..<8 {
      var rest = self[word]
      while rest != 0 {
        body(64 * word + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
  }

  fileprivate mutating func set(_ place: Int) { self[place / 64] |= 1 << UInt64(place % 64) }
}

/// The categories and codes that admissions are compared by and that predictions are made from: the 512 most frequent
/// among the real admissions.
struct FeatureVocabulary: Sendable {
  private let places: [Attribute: [String: Int]]
  let attributes: [Attribute]

  /// All attributes of an admission except laboratory values and the banded counts of admissions and codes.
  static let sources: [Attribute] = [
    .gender, .ageBand, .admissionType, .admissionLocation, .dischargeLocation, .insurance, .language, .religion,
    .maritalStatus, .ethnicity, .diedInHospital, .lengthOfStayBand, .mainDiagnosis, .diagnosis, .procedure, .cpt, .drug,
  ]

  init(_ real: HospitalRecords) {
    var counts: [(attribute: Attribute, name: String, count: Int)] = []
    for attribute in Self.sources {
      let names = real.names(of: attribute)
      var seen = [Int](repeating: 0, count: names.count)
      for admission in 0..<real.admissionCount { real.forEachID(attribute, admission) { seen[$0] += 1 } }
      counts += zip(names, seen).map { (attribute, $0, $1) }
    }
    let frequent = counts.filter { $0.count > 0 }
      .sorted { ($1.count, $0.attribute.rawValue, $0.name) < ($0.count, $1.attribute.rawValue, $1.name) }.prefix(512)
    var places: [Attribute: [String: Int]] = [:]
    var attributes: [Attribute] = []
    for (place, feature) in frequent.enumerated() {
      places[feature.attribute, default: [:]][feature.name] = place
      attributes.append(feature.attribute)
    }
    self.places = places
    self.attributes = attributes
  }

  /// The features of each admission.
  func rows(_ records: HospitalRecords) -> [FeatureBits] {
    var rows = [FeatureBits](repeating: FeatureBits(), count: records.admissionCount)
    for attribute in Self.sources {
      let known = records.names(of: attribute).map { places[attribute]?[$0] }
      for admission in rows.indices {
        records.forEachID(attribute, admission) { id in
          if let place = known[id] { rows[admission].set(place) }
        }
      }
    }
    return rows
  }

  /// All features except those of the `hidden` attributes.
  func mask(without hidden: Set<Attribute>) -> FeatureBits {
    var mask = FeatureBits()
    for (place, attribute) in attributes.enumerated() where !hidden.contains(attribute) { mask.set(place) }
    return mask
  }
}

extension HospitalRecords {
  func names(of attribute: Attribute) -> [String] {
    categories[attribute]?.names ?? codes[attribute]?.names ?? []
  }

  @inline(__always)
  fileprivate func forEachID(_ attribute: Attribute, _ admission: Int, _ body: (Int) -> Void) {
    if let column = categories[attribute] {
      body(Int(column.ids[admission]))
    } else if let column = codes[attribute] {
      for id in column.codes(of: admission) { body(Int(id)) }
    }
  }

  /// The category of each admission; `missing` if the source does not have the attribute.
  func values(of attribute: Attribute) -> [String] {
    guard let column = categories[attribute] else { return patients.map { _ in missingCategory } }
    return column.ids.map { column.names[Int($0)] }
  }
}
