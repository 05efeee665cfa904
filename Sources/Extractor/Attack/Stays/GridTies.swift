internal import CountSolver
internal import Shared

/// Adds what everybody knows about the stays, beyond equal sums, to the system as further sums.
extension GridSystem {
  /// The relations between the codes in question and those parts that are tables of stays.
  func relationsOfCodes(_ parts: [(table: Int, cells: Range<Int>)]) -> [TiedCells] {
    guard release.usesTies, !codes.isEmpty else { return [] }
    let tables = parts.map { release.tables[$0.table] }.filter { !$0.isCeiling }
    let stays = tables.filter { $0.codes.isEmpty }.map(\.stay)
    let sorted = Attribute.allCases.filter { codes[$0] != nil }
    let own = sorted.flatMap { attribute in
      release.relations(
        of: codes[attribute] ?? 0, attribute, tables.filter { $0.codes == [attribute] }.map(\.stay), stays)
    }
    let all = tables.filter { $0.codes.count == codes.count }.map(\.stay)
    return own + release.relations(ofPairsWith: codes, stays: all) + relationsOfOneWithinOther(tables)
      + relationsWithinCodes(tables)
  }

  /// What one of two codes and the stays tell about each other, among the admissions with the other code.
  private func relationsOfOneWithinOther(_ tables: [AttackedTable]) -> [TiedCells] {
    if codes.count != 2 { return [] }
    return Set(tables.filter { $0.codes.count == 1 }.map { $0.codes[0] }).sorted().flatMap { other -> [TiedCells] in
      guard let (attribute, code) = codes.first(where: { $0.key != other }) else { return [] }
      let pairs = tables.filter { $0.codes.count == 2 }.map(\.stay)
      let stays = tables.filter { $0.codes == [other] }.map(\.stay)
      return release.relations(of: code, attribute, pairs, stays).map { $0.within([other: 1]) }
    }
  }

  /// Relations in each admission, among the admissions with some of the codes and, for a single code, among those
  /// without.
  private func relationsWithinCodes(_ tables: [AttackedTable]) -> [TiedCells] {
    let sets: [[Attribute: Int]] =
      codes.count == 1
      ? [codes.mapValues { _ in 1 }, codes.mapValues { _ in 0 }]
      : codes.keys.sorted().map { [$0: 1] } + [codes.mapValues { _ in 1 }]
    return sets.flatMap { with -> [TiedCells] in
      let stays = tables.filter { Set(with.keys).isSubset(of: $0.codes) }.map(\.stay)
      return Tie.all.filter { $0.connects(stays) }.flatMap { $0.relations(stays, release) }.map { $0.within(with) }
    }
  }

  /// The sets of attributes that relations refer to, except those already known. Each set is in the order in which
  /// places are numbered.
  func margins(of ties: [TiedCells], without known: [[Attribute]]) -> [[Attribute]] {
    var sets: Set<Set<Attribute>> = []
    for tie in ties {
      for cell in tie.parts + tie.wholes { sets.insert(cell.attributes) }
    }
    sets.subtract(known.map { Set($0) })
    return sets.map { set in Attribute.allCases.filter(set.contains) }
  }

  /// Adds a relation unless the true counts break it: a broken relation is false, and misleads anyone who assumes it.
  mutating func add(_ tie: TiedCells) {
    let (parts, wholes) = (tie.parts.compactMap(position), tie.wholes.compactMap(position))
    guard parts.count == tie.parts.count, wholes.count == tie.wholes.count else { return }
    let isRestKnown = (parts + wholes).allSatisfy { layers[$0.layer].truth[$0.place] != nil }
    let rest = sum(wholes, \.truth) + tie.knownWhole - sum(parts, \.truth) - tie.known
    if release.knowsTruth, !isRestKnown || (tie.isEqual ? rest != 0 : rest < 0) { return }
    var members = unknowns(parts)
    let all = unknowns(wholes)
    if members.isEmpty, all.isEmpty { return }
    // What an inequality leaves open counts as an unknown of the sum: a sum with much room bounds nothing closely.
    if !tie.isEqual { members.append(addUnknown(.slack, isGuarded: false, truth: isRestKnown ? rest : nil)) }
    addLine(
      Line(cells: cells(parts), above: cells(wholes).first, unknowns: Set(members + all).sorted()))
    let knownWhole = sum(wholes, \.known) + tie.knownWhole
    system.add(
      CountSystem.Sum(
        parts: members, known: sum(parts, \.known) + tie.known - (all.isEmpty ? 0 : knownWhole),
        whole: whole(all, knownWhole, truth: isRestKnown ? sum(wholes, \.truth) - sum(wholes, \.known) : nil)))
  }

  /// The sum of some unknowns as one, or a known count if there are none.
  private mutating func whole(_ unknowns: [Int], _ known: Int, truth: Int?) -> CountSystem.Sum.Whole {
    if unknowns.isEmpty { return .known(known) }
    if unknowns.count == 1 { return .unknown(unknowns[0]) }
    let all = addUnknown(.slack, isGuarded: false, truth: truth)
    system.add(CountSystem.Sum(parts: unknowns, known: 0, whole: .unknown(all)))
    return .unknown(all)
  }

  private func unknowns(_ places: [Position]) -> [Int] { places.compactMap { layers[$0.layer].unknownPlace($0.place) } }

  private func cells(_ places: [Position]) -> [CellReference] {
    places.compactMap { layers[$0.layer].cells[$0.place] }
  }

  private func sum(_ places: [Position], _ counts: KeyPath<Layer, [Int?]>) -> Int {
    places.reduce(0) { $0 + (layers[$1.layer][keyPath: counts][$1.place] ?? 0) }
  }

  private struct Position {
    let layer: Int
    let place: Int
  }

  private func position(_ cell: TiedCell) -> Position? {
    guard let layer = layerOf[cell.attributes] else { return nil }
    let places = layers[layer].places
    return Position(layer: layer, place: places.place(places.attributes.map { cell.categories[$0] ?? 0 }))
  }
}

extension AttackedRelease {
  /// The relations between tables of stays.
  func relations(_ parts: [(table: Int, cells: Range<Int>)]) -> [TiedCells] {
    let stays = parts.map { tables[$0.table] }.filter(\.codes.isEmpty).map(\.stay)
    guard usesTies, !stays.isEmpty else { return [] }
    // What tables in a ring tell together may be related too.
    let joints = cliques(stays).filter(isSolvable)
    return Tie.all.flatMap { tie in
      tie.relations(
        stays + inOrder(joints.map(tie.joined.intersection)).filter { $0.count > 1 }.map { $0.sorted() }, self)
    }
  }
}
