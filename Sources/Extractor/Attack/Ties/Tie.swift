internal import Shared

/// A publicly known relation between tables of stays, other than the equality of the sums that they share.
struct Tie: Sendable {
  let name: String
  /// The publicly known fact, in plain English.
  let sentence: String
  /// Two attributes that are related in each admission; nil if the relation is between admissions, or needs counts of
  /// codes. What is related in each admission is also related among the admissions with a code, and among the others.
  var connected: (Attribute, Attribute)?
  /// Whether the relation is between the admissions of a patient.
  var isOfPatients = false
  /// The relations that the tie implies for the tables of a release.
  let relations: @Sendable (_ tables: [[Attribute]], _ release: AttackedRelease) -> [TiedCells]

  /// Every tie of stays. To add one, write a file for it and list it here.
  static let all: [Tie] = [
    missingMainDiagnosis, mainDiagnosisAndOthers, codesAndBands, codesAndStays, laterAdmissions, deathEndsTheStays,
    laterAdmissionsFollowSurvival, patientsHadEarlierAdmissions, nobodyHasMostAdmissions, deathsInLastNumbers,
    admissionsWithoutACode, deathAndDischarge, newborns, newbornsComeFirst, topMainDiagnoses, closestRecord, equalSets,
  ]
}

extension Tie {
  /// The attributes that the tie relates in the joint tables of rings.
  var joined: Set<Attribute> {
    if let connected { return [connected.0, connected.1] }
    return isOfPatients ? Self.attributesOfPatients.union([.diedInHospital, .dischargeLocation]) : []
  }

  /// The attributes that tell which patients a cell counts, and in which of their admissions.
  static let attributesOfPatients: Set<Attribute> = [.admissionNumberBand, .gender, .ageBand]

  /// Whether tables count by the attributes that are related in each admission.
  func connects(_ tables: [[Attribute]]) -> Bool {
    guard let (first, second) = connected else { return false }
    return tables.contains { $0.contains(first) } && tables.contains { $0.contains(second) }
  }
}

/// Counts that add up to others, or to no more than these. A cell that is given several times counts as often.
struct TiedCells: Sendable {
  var parts: [TiedCell]
  /// A known number of admissions beside the parts.
  var known = 0
  /// No cells if the parts add up to a known number.
  var wholes: [TiedCell]
  var knownWhole = 0
  /// Whether the parts add up to exactly the wholes; otherwise they add up to no more than these.
  let isEqual: Bool

  /// The same relation among the admissions that have some more categories.
  func within(_ categories: [Attribute: Int]) -> TiedCells {
    var tied = self
    tied.parts = parts.map { $0.with(categories) }
    tied.wholes = wholes.map { $0.with(categories) }
    return tied
  }

  static func equal(_ parts: [TiedCell], _ whole: TiedCell) -> TiedCells {
    TiedCells(parts: parts, wholes: [whole], isEqual: true)
  }

  static func atMost(_ parts: [TiedCell], _ whole: TiedCell) -> TiedCells {
    TiedCells(parts: parts, wholes: [whole], isEqual: false)
  }

  static func empty(_ cell: TiedCell) -> TiedCells { TiedCells(parts: [cell], wholes: [], isEqual: true) }
}

/// A cell of a released table or of its margins, given by the number of each attribute's category.
struct TiedCell: Hashable, Sendable {
  let categories: [Attribute: Int]
  let attributes: Set<Attribute>

  init(categories: [Attribute: Int]) {
    self.categories = categories
    attributes = Set(categories.keys)
  }

  init(_ places: Places, _ place: Int) {
    self.init(categories: Dictionary(uniqueKeysWithValues: zip(places.attributes, places.categories(place))))
  }

  /// The cell narrowed down by the categories of more attributes.
  func with(_ more: [Attribute: Int]) -> TiedCell { TiedCell(categories: categories.merging(more) { $1 }) }
}

extension AttackedRelease {
  /// Whether ties connect the stays that tables of some codes count by, with each other or with the codes.
  func connects(_ codes: [Attribute]) -> Bool {
    guard usesTies else { return false }
    let stays = tables.filter { !$0.codes.isEmpty && !$0.isCeiling && Set($0.codes).isSubset(of: codes) }.map(\.stay)
    let tied = codes.flatMap { [$0.countBand] + ($0 == .diagnosis ? [.mainDiagnosis] : []) }.compactMap(\.self)
    return Tie.all.contains { $0.connects(stays) } || pairsDiagnoses(codes, stays)
      || codes.count > 1 && stays.contains { stay in tied.contains(where: stay.contains) }
  }

  /// Whether pairs with diagnoses tell something about codes that are counted by main diagnosis.
  func pairsDiagnoses(_ codes: [Attribute], _ stays: [[Attribute]]) -> Bool {
    stays.contains { $0.contains(.mainDiagnosis) } && codes != [.diagnosis]
      && tables.contains { $0.codes.contains(.diagnosis) && Set(codes).isSubset(of: $0.codes) && $0.codes.count > 1 }
  }

  /// The number of a category; nil if an outsider can't name it.
  func number(of category: String, _ attribute: Attribute) -> Int? {
    // Names are in byte order.
    guard let names = names[attribute] else { return nil }
    var (low, high) = (0, names.count)
    while low < high {
      let middle = (low + high) / 2
      if byteOrder(names[middle], category) { low = middle + 1 } else { high = middle }
    }
    return low < names.count && names[low] == category ? low : nil
  }

  /// The category that stands for all categories that nobody can name; nil if there is none.
  func others(_ attribute: Attribute) -> Int? { hasOthers.contains(attribute) ? size(attribute) - 1 : nil }

  /// Every combination of categories of some attributes.
  func combinations(_ attributes: Set<Attribute>) -> [TiedCell] {
    let places = places(Attribute.allCases.filter(attributes.contains))
    return (0..<places.count).map { TiedCell(places, $0) }
  }
}

/// Takes each pair of tables of which one counts by all `first` attributes and the other by all `second` attributes.
/// Returns the sets of other attributes that the two share, in a fixed order. A relation between the two tables also
/// holds within each combination of categories of these shared attributes.
func contexts(of first: Set<Attribute>, and second: Set<Attribute>, in tables: [[Attribute]]) -> [Set<Attribute>] {
  let left = tables.map { Set($0) }.filter(first.isSubset)
  let right = tables.map { Set($0) }.filter(second.isSubset)
  return inOrder(left.flatMap { one in right.map { one.intersection($0).subtracting(first).subtracting(second) } })
}

/// The tables that count by all of these attributes, and perhaps by others too.
func inner(_ attributes: Set<Attribute>, in tables: [[Attribute]]) -> [Set<Attribute>] {
  inOrder(tables.map { Set($0) }.filter(attributes.isSubset))
}

/// The different sets, always in the same order, so that the same counts lead to the same release.
func inOrder(_ sets: some Sequence<Set<Attribute>>) -> [Set<Attribute>] {
  let named = Dictionary(sets.map { ($0.map(\.rawValue).sorted().joined(separator: " "), $0) }) { first, _ in first }
  return named.sorted { byteOrder($0.key, $1.key) }.map(\.value)
}
