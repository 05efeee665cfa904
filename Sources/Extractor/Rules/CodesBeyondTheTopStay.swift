internal import Shared

/// Claim: of each code attribute only the policy's number of codes leaves, those with the most admissions in the table.
///
/// Limit: that a code is not among them tells that it has no more admissions than the rarest one that is.
func codesBeyondTheTopStay(_ cell: CellEvidence, _ protection: Policy.Protection) -> Verdict {
  cell.isWithinTop ? .publish : .withhold(because: .beyondTop)
}

/// For each axis of the table, whether each category may leave. A group of rare codes is none of the codes that are counted.
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
