internal import Shared

/// Which categories and codes one admission can have together, as far as `implausibility` decides about two at a time.
struct PlausiblePairs: Sendable {
  /// For each column, the columns that limit it, with a flag for each pair of categories.
  private var ofColumns: [[(other: Int, width: Int, isAllowed: [Bool])]]
  /// For each kind of codes, the columns that limit it, with a flag for each code and category; empty where all can
  /// have the code.
  private var ofCodes: [[(other: Int, width: Int, isAllowed: [Bool])]]

  private static let pairs: [(Attribute, Attribute)] = [
    (.dischargeLocation, .diedInHospital), (.insurance, .ageBand), (.mainDiagnosis, .gender),
    (.mainDiagnosis, .ageBand),
  ]

  init(_ population: Population) {
    let columns = population.columns
    ofColumns = columns.map { _ in [] }
    func place(_ attribute: Attribute) -> Int? { columns.firstIndex { $0.attribute == attribute } }
    for (first, second) in Self.pairs {
      guard let one = place(first), let other = place(second) else { continue }
      let flags = Self.flags(columns[one].names, first, columns[other])
      guard flags.contains(false) else { continue }
      let (rows, width) = (columns[one].names.count, columns[other].names.count)
      ofColumns[one].append((other, width, flags))
      ofColumns[other].append(
        (one, rows, (0..<width).flatMap { column in (0..<rows).map { flags[$0 * width + column] } }))
    }
    ofCodes = population.codes.map { own in
      [Attribute.gender, .ageBand, .mainDiagnosis].compactMap { attribute in
        guard let other = place(attribute), attribute != .mainDiagnosis || own.attribute == .diagnosis else {
          return nil
        }
        let flags = Self.flags(own.names, own.attribute, columns[other])
        return flags.contains(false) ? (other, columns[other].names.count, flags) : nil
      }
    }
  }

  private static func flags(_ names: [String], _ attribute: Attribute, _ column: Population.Column) -> [Bool] {
    names.flatMap { name in
      column.names.map { other in
        // No admission has its main diagnosis as another diagnosis too. A group holds other codes as well.
        if attribute == .diagnosis, column.attribute == .mainDiagnosis {
          return name != other || CodeGroups.isGroup(name, attribute)
        }
        var draft = Draft(number: 0)
        draft.categories[column.attribute] = other
        return name.isEmpty || implausibility(of: name, attribute, in: draft) == nil
      }
    }
  }

  /// Whether an admission can have its category of a column.
  func allow(_ column: Int, _ admission: Int, _ cells: PopulationCells) -> Bool {
    let own = cells.value(column, admission)
    if own < 0 { return true }
    for (other, width, isAllowed) in ofColumns[column] {
      let value = cells.value(other, admission)
      if value >= 0, !isAllowed[own * width + value] { return false }
    }
    for kind in ofCodes.indices {
      for (other, width, isAllowed) in ofCodes[kind] where other == column {
        for slot in cells.slots(kind, of: admission) where !isAllowed[Int(cells.slots[slot]) * width + own] {
          return false
        }
      }
    }
    return true
  }

  /// Whether an admission can have a code.
  func allow(_ kind: Int, _ code: Int32, _ admission: Int, _ cells: PopulationCells) -> Bool {
    for (other, width, isAllowed) in ofCodes[kind] {
      let value = cells.value(other, admission)
      if value >= 0, !isAllowed[Int(code) * width + value] { return false }
    }
    return true
  }
}
