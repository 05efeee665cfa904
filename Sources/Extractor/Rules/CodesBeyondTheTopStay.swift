internal import Shared

/// Claim: for each code attribute, a table publishes only the codes with the most admissions in it, at most `top` of
/// them.
///
/// Codes are ranked by the sum of the table's cells, so an admission with several codes of another axis counts several
/// times. Groups of rare codes are not ranked.
///
/// Limit: a code beyond the top is known to have no larger sum than the rarest code within the top.
func codesBeyondTheTopStay(_ cell: CellEvidence, _ protection: Policy.Protection) -> Verdict {
  cell.isWithinTop ? .publish : .withhold(because: .beyondTop)
}

/// For each axis of the table, whether each category is within the table's `top`. A group of rare codes always is, and
/// does not count towards `top`.
func withinTop(_ table: TalliedTable, _ protection: Policy.Protection) -> [[Bool]] {
  table.request.attributes.enumerated().map { axis, attribute in
    let names = table.categories[axis]
    guard let top = table.request.top, attribute.isCode else { return Array(repeating: true, count: names.count) }
    let isGroup = names.map { protection.rollsUpCodes && CodeGroups.isGroup($0, attribute) }
    var admissions = [Int](repeating: 0, count: names.count)
    for cell in table.cells { admissions[Int(cell.ids[axis])] += cell.admissions }
    let ranked = names.indices.filter { admissions[$0] > 0 && !isGroup[$0] }
      .sorted { admissions[$0] != admissions[$1] ? admissions[$0] > admissions[$1] : byteOrder(names[$0], names[$1]) }
    var isWithin = isGroup
    for id in ranked.prefix(top) { isWithin[id] = true }
    return isWithin
  }
}
