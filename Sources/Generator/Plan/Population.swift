internal import Shared

/// The admissions of a run, as flat columns of numbers, so that millions of exchanges a second are possible.
struct Population: Sendable {
  let admissions: Int
  let columns: [Column]
  let codes: [CodeColumn]
  /// Column after column, the number of each admission's category; -1 if it has none.
  private(set) var values: [Int32]
  /// For each kind of codes and each admission, the numbers of its codes; 0 stands for an empty slot.
  private(set) var slots: [Int32]
  /// The admission of each slot.
  private(set) var owners: [Int32] = []

  /// One single-valued attribute, with its categories by number.
  struct Column: Sendable {
    let attribute: Attribute
    let names: [String]
  }

  /// One attribute with codes. Every admission has a fixed number of slots, and some of them stay empty.
  struct CodeColumn: Sendable {
    let attribute: Attribute
    /// By number; the first stands for an empty slot, and the last for a further code.
    let names: [String]
    /// Where each admission's slots begin in `slots`; one more for the end.
    let starts: [Int32]
    /// The column of the attribute that counts these codes; nil if there is none.
    let band: Int?
    /// For each number of codes, the number of its band, or -1; the last entry is for all larger numbers.
    let bands: [Int32]

    func slots(of admission: Int) -> Range<Int> { Int(starts[admission])..<Int(starts[admission + 1]) }
  }

  /// The empty slots that each admission begins with, so that it can gain codes.
  private static let spare = 2

  init(
    _ admissions: Int, _ columns: [Column], values: [Int32], _ planned: [(attribute: Attribute, codes: PlannedCodes)],
    seed: UInt64
  ) {
    self.admissions = admissions
    self.columns = columns
    self.values = values
    var codes: [CodeColumn] = []
    var slots: [Int32] = []
    for (attribute, planned) in planned {
      var starts = [Int32(slots.count)]
      let band = attribute.countBand.flatMap { band in columns.firstIndex { $0.attribute == band } }
      let further = furtherCodes(
        (0..<admissions).map { planned.numbers($0).count },
        bands: band.map { Self.bands(of: $0, admissions, columns, values) }
          ?? [Band?](repeating: nil, count: admissions),
        own: attribute == .diagnosis ? 1 : 0, seed: seed ^ textHash(attribute.rawValue))
      for number in 0..<admissions {
        for code in planned.numbers(number) { slots.append(Int32(code) + 1) }
        for _ in 0..<further[number] { slots.append(Int32(planned.names.count) + 1) }
        for _ in 0..<Self.spare { slots.append(0) }
        while owners.count < slots.count { owners.append(Int32(number)) }
        starts.append(Int32(slots.count))
      }
      codes.append(
        CodeColumn(
          attribute: attribute, names: [""] + planned.names + [furtherCode], starts: starts, band: band,
          bands: band.map { Self.bands(columns[$0].names, attribute) } ?? [-1]))
    }
    self.codes = codes
    self.slots = slots
  }

  /// Each admission's band.
  private static func bands(
    of column: Int, _ admissions: Int, _ columns: [Column], _ values: [Int32]
  ) -> [Band?] {
    let known = columns[column].names.map { Band($0) }
    return (0..<admissions).map { number in
      let value = values[column * admissions + number]
      return value < 0 ? nil : known[Int(value)]
    }
  }

  /// The bands of diagnoses count the main one too.
  private static func bands(_ names: [String], _ attribute: Attribute) -> [Int32] {
    let bands = names.map { Band($0) }
    let most = bands.compactMap { $0.map { max($0.lower, $0.upper ?? 0) } }.max() ?? 0
    return (0...most + 1).map { count in
      let counted = count + (attribute == .diagnosis ? 1 : 0)
      let found = bands.firstIndex { band in
        band.map { $0.lower <= counted && counted <= $0.upper ?? Int.max } ?? false
      }
      return found.map { Int32($0) } ?? -1
    }
  }

  func with(values: [Int32], slots: [Int32]) -> Population {
    var other = self
    (other.values, other.slots) = (values, slots)
    return other
  }

  func value(_ column: Int, _ admission: Int) -> Int { Int(values[column * admissions + admission]) }

  func knows(_ attribute: Attribute) -> Bool {
    columns.contains { $0.attribute == attribute } || codes.contains { $0.attribute == attribute }
  }
}
