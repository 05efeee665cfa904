internal import Shared

/// Claim: of each code attribute only the policy's number of codes leaves, those with the most admissions in the table.
///
/// Limit: that a code is not among them tells that it has no more admissions than the rarest one that is.
func codesBeyondTheTopStay(_ cell: CellEvidence, _ protection: Policy.Protection) -> Verdict {
  cell.isWithinTop ? .publish : .withhold(because: .beyondTop)
}

/// For each axis of the table the categories that may leave; nil where the axis is not limited.
func topCodes(_ table: TalliedTable) -> [Set<String>?] {
  table.request.attributes.enumerated().map { axis, attribute in
    guard let top = table.request.top, attribute.isCode else { return nil }
    var admissions: [String: Int] = [:]
    for cell in table.cells { admissions[cell.key[axis], default: 0] += cell.admissions }
    let ranked = admissions.sorted { $0.value != $1.value ? $0.value > $1.value : byteOrder($0.key, $1.key) }
    return Set(ranked.prefix(top).map(\.key))
  }
}
