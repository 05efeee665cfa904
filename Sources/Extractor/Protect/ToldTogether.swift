internal import Shared

/// What a new release gives away together with an earlier one.
struct ToldTogether {
  /// The counts, each by its table and code.
  let places: [Place]
  let error: CloisterError

  /// Where a count that is given away stands.
  struct Place: Hashable, Sendable {
    /// The name of its table; empty for all admissions with a code.
    let table: String
    /// Its code, or its combination of codes; empty if its table has none.
    let codes: [Attribute: String]
  }

  init(_ places: Set<Place>, _ what: String) {
    let names = Set(places.map(\.table)).sorted().map { $0.isEmpty ? "all admissions with a code" : $0 }
    self.places = places.sorted { ($0.table, $0.code) < ($1.table, $1.code) }
    error = CloisterError(
      .releaseRefused, "\(what): \(names.joined(separator: ", "))",
      hint: "release again once more admissions were added, or leave out tables by the attributes of those")
  }
}

extension ToldTogether.Place {
  fileprivate var code: String {
    codes.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value).joined(separator: " ")
  }

  /// Where an exposed count of a release stands; the attribute that tells releases apart doesn't matter.
  init(_ exposure: Exposure, _ release: AttackedRelease) {
    let name = String(exposure.what.prefix { $0 != ":" })
    table = name.count < exposure.what.count ? name.replacing(" x \(Attribute.seenIn.rawValue)", with: "") : ""
    guard let code = exposure.code else {
      codes = [:]
      return
    }
    let numbers = release.codeNames(code.attributes).categories(code.number)
    codes = Dictionary(
      uniqueKeysWithValues: zip(code.attributes, numbers).map { ($0, release.names[$0]?[$1] ?? "") })
  }

  /// The tables of the new release in which to withhold what is new: those by the same attributes or, if there are
  /// none, those by some of them.
  ///
  /// - Parameter new: the attributes of each table that tells something new about the place's codes.
  func culprits(among new: [Set<Attribute>]) -> [Int] {
    let attributes = Set(table.split(separator: " x ").compactMap { Attribute(rawValue: String($0)) })
    let same = new.indices.filter { new[$0] == attributes }
    if !same.isEmpty { return same }
    let larger = new.indices.filter { attributes.isSubset(of: new[$0]) }
    if !larger.isEmpty { return larger }
    return new.indices.filter { !attributes.isDisjoint(with: new[$0]) }
  }
}
