internal import Shared

/// Tables of an earlier release whose withheld counts a new release gives away.
struct ToldTogether {
  /// The sets of attributes that the tables count by.
  let tables: [Set<Attribute>]
  let error: CloisterError

  /// - Parameter exposed: the exposed counts' names, each of which begins with its table's name.
  init(_ exposed: Set<String>, _ what: String) {
    let names = Set(exposed.map { String($0.prefix { $0 != ":" }).replacing(Self.seenIn, with: "") }).sorted()
    tables = names.map { Set($0.split(separator: " x ").compactMap { Attribute(rawValue: String($0)) }) }
    error = CloisterError(
      .releaseRefused, "\(what): \(names.joined(separator: ", "))",
      hint: "release again once more admissions were added, or leave out tables by the attributes of those")
  }

  /// How the names of tables end that count by whether an admission was seen before.
  private static let seenIn = " x \(Attribute.seenIn.rawValue)"

  /// The tables of the new release to withhold: those by the same attributes or, if there are none, those by some of
  /// them.
  ///
  /// - Parameter new: the attributes of each table that tells something new.
  func culprits(among new: [Set<Attribute>]) -> [Int] {
    let same = new.indices.filter { tables.contains(new[$0]) }
    if !same.isEmpty { return same }
    let larger = new.indices.filter { number in tables.contains { $0.isSubset(of: new[number]) } }
    if !larger.isEmpty { return larger }
    return new.indices.filter { number in tables.contains { !$0.isDisjoint(with: new[number]) } }
  }
}

/// What a new release and an earlier one tell together; nil if they hide it.
func toldTogether(
  _ tables: [PublishedTable], of tally: Tally, under policy: Policy, growing: [EarlierRelease],
  with earlier: [EarlierRelease]
) -> ToldTogether? {
  for release in growing {
    let before = growing.filter { $0.sequence < release.sequence }
    if let told = release.told(by: tables, after: before, roundTo: policy.protection.roundTo) { return told }
  }
  return toldByTwoReleases(tables, of: tally, under: policy, with: earlier)
}
