internal import CountSolver
internal import Shared

/// Adds what everybody knows about the stays, beyond equal sums, to the system as further sums.
extension GridSystem {
  /// The relations between those parts that are tables of stays.
  func relations(_ parts: [(table: Int, cells: Range<Int>)]) -> [TiedCells] {
    guard release.usesTies else { return [] }
    let stays = parts.map { release.tables[$0.table] }.filter { $0.codes.isEmpty && !$0.isCeiling }.map(\.stay)
    if stays.isEmpty { return [] }
    return Tie.all.flatMap { $0.relations(stays, release) }
  }

  /// The sets of attributes that relations refer to, except those already known. Each set is in the order in which
  /// places are numbered.
  func margins(of ties: [TiedCells], without known: [[Attribute]]) -> [[Attribute]] {
    var sets: Set<Set<Attribute>> = []
    for tie in ties {
      if let whole = tie.whole { sets.insert(whole.attributes) }
      for part in tie.parts { sets.insert(part.attributes) }
    }
    sets.subtract(known.map { Set($0) })
    return sets.map { set in Attribute.allCases.filter(set.contains) }
  }

  /// Adds a relation unless the true counts break it: a broken relation is false, and misleads anyone who assumes it.
  mutating func add(_ tie: TiedCells) {
    let found = tie.parts.map(position)
    let parts = found.compactMap { $0 }
    guard parts.count == found.count else { return }
    let whole = tie.whole.map(position)
    if case .some(.none) = whole { return }
    let end = whole.flatMap { $0 }
    func truth(_ cell: Position) -> Int? { layers[cell.layer].truth[cell.place] }
    var missing: Int?
    if release.knowsTruth {
      guard let all = end.map(truth) ?? 0, !parts.map(truth).contains(nil) else { return }
      let rest = all - parts.reduce(0) { $0 + (truth($1) ?? 0) }
      guard tie.isEqual ? rest == 0 : rest >= 0 else { return }
      missing = rest
    }
    let unknowns = parts.compactMap { layers[$0.layer].unknownPlace($0.place) }
    let known = parts.reduce(0) { $0 + (layers[$1.layer].known[$1.place] ?? 0) }
    let count = end.map { layers[$0.layer].count($0.place) } ?? .known(0)
    var members = unknowns
    if case .unknown(let id) = count { members.append(id) }
    if members.isEmpty { return }
    addLine(
      Line(
        cells: parts.compactMap { layers[$0.layer].cells[$0.place] },
        above: end.flatMap { layers[$0.layer].cells[$0.place] }, unknowns: members))
    let slack = tie.isEqual ? [] : [addUnknown(.slack, isGuarded: false, truth: missing)]
    system.add(CountSystem.Sum(parts: unknowns + slack, known: known, whole: count))
  }

  private struct Position {
    let layer: Int
    let place: Int
  }

  private func position(_ cell: TiedCell) -> Position? {
    guard let layer = layers.firstIndex(where: { Set($0.places.attributes) == cell.attributes }) else { return nil }
    let places = layers[layer].places
    return Position(layer: layer, place: places.place(places.attributes.map { cell.categories[$0] ?? 0 }))
  }
}
