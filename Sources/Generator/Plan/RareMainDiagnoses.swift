internal import Shared

extension Statistics {
  /// Adds main diagnoses to the table of all main diagnoses, until it covers as many admissions as other tables do.
  ///
  /// Codes that are too rare, or that are beyond the table's top, have no name there. Without them, the named codes
  /// would take over their admissions. So these get a main diagnosis that the bundle names as another diagnosis only:
  /// the commoner there, the likelier here, but none as often as a named one. This discloses nothing, as it follows
  /// from the published tables.
  func withRareMainDiagnoses() -> Statistics {
    guard let place = tables.firstIndex(where: { $0.attributes == [.mainDiagnosis] }),
      let others = table(over: [.diagnosis])
    else { return self }
    func isNamed(_ cell: PublishedCell, _ attribute: Attribute) -> Bool {
      !CodeGroups.isGroup(cell.key[0], attribute) && cell.key[0] != missingCategory && cell.count > 0
    }
    let named = tables[place].cells.filter { isNamed($0, .mainDiagnosis) }
    let known = Set(tables[place].cells.map { $0.key[0] })
    let candidates = others.cells.filter { isNamed($0, .diagnosis) && !known.contains($0.key[0]) }
    let missing = tables[place].cells.first { $0.key[0] == missingCategory }?.count ?? 0
    let left = admissions - missing - named.reduce(0) { $0 + $1.count }
    guard let most = named.map(\.count).min(), left > 0, !candidates.isEmpty else { return self }
    var whole = self
    whole.tables[place].cells += shared(left, among: candidates, most: most)
    whole.tables[place].cells.sort { byteOrder($0.key, $1.key) }
    return whole
  }

  /// Shares out admissions in proportion to the candidates' counts, at most `most` to each.
  private func shared(_ admissions: Int, among candidates: [PublishedCell], most: Int) -> [PublishedCell] {
    var left = Double(admissions)
    var weight = Double(candidates.reduce(0) { $0 + $1.count })
    // The commonest first: what they can't take goes to the rest.
    return candidates.sorted { ($1.count, $0.key[0]) < ($0.count, $1.key[0]) }.compactMap { candidate in
      let share = Int(min(Double(most), left * Double(candidate.count) / weight).rounded())
      weight -= Double(candidate.count)
      left -= Double(share)
      return share > 0 ? PublishedCell(key: candidate.key, count: share) : nil
    }
  }
}
