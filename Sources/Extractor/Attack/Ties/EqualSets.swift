internal import Shared

extension Tie {
  /// An evaluation compares as many real admissions as control admissions.
  static let equalSets = Tie(
    name: "equal sets", sentence: "An evaluation compares as many real admissions as control admissions."
  ) { tables, release in
    let set = Attribute.evaluationSet
    guard tables.contains(where: { $0.contains(set) }), let real = release.number(of: "real", set),
      let control = release.number(of: "control", set)
    else { return [] }
    return [.equal([TiedCell(categories: [set: real])], TiedCell(categories: [set: control]))]
  }
}
