internal import CountSolver
internal import Shared

/// The attack on tables of single-valued attributes, or on one code's part of the tables with codes.
struct GridAttack {
  private let release: AttackedRelease
  private var grid: GridSystem
  /// What the linear program showed about unknowns in components with rings: values in solutions, and which unknowns
  /// stayed open.
  private var shown: [Int: (low: Int, high: Int)] = [:]
  private var open: Set<Int> = []
  /// For cells about which solving showed something new: the smallest and the largest value in the solutions found.
  private(set) var learned: [KnownSolutions.Cell: (low: Int, high: Int)] = [:]
  private let steps: Int
  private let solutions: KnownSolutions?
  /// The counts of a code that are in question; nil for all of them.
  private let doubts: CodeDoubts?

  /// - Parameters:
  ///   - parts: for each table, its number and the cells of one code.
  ///   - bounds: other known bounds of places.
  ///   - steps: the work limit of the linear program for each question.
  ///   - solutions: the solutions found while fewer cells were withheld.
  ///   - codes: the codes, if tables of stays are among the parts.
  ///   - doubts: the counts of the code that are in question; nil for all of them.
  init(
    _ release: AttackedRelease, _ parts: [(table: Int, cells: Range<Int>)],
    _ bounds: GridSystem.Bounds = GridSystem.Bounds(), steps: Int = LinearProgram<GLPKSolver>.mostSteps,
    solutions: KnownSolutions? = nil, codes: [Attribute: Int] = [:], doubts: CodeDoubts? = nil
  ) {
    self.solutions = solutions
    self.doubts = doubts
    self.release = release
    self.steps = steps
    grid = GridSystem(release, parts, bounds, codes: codes)
  }

  /// The relations between tables of stays.
  var ties: [TiedCells] { grid.stayTies }

  /// Narrows all bounds by the sums alone.
  ///
  /// - Returns: false if the release contradicts itself.
  mutating func narrow() -> Bool {
    grid.narrow()
    return !grid.system.isContradictory
  }

  /// Solves the narrowed system.
  mutating func solve(_ progress: AttackProgress? = nil) {
    for component in grid.system.components() {
      if component.isTree, grid.system.isSettled { noteBounds(of: component) } else { bound(component, progress) }
    }
  }

  /// Every guarded count with its bounds, once the system is solved.
  var findings: [Finding] { grid.roles.indices.filter { grid.roles[$0].isGuarded }.map(finding) }

  /// The guarded counts in doubt, taken to be exposed as long as something new is told of the code.
  ///
  /// - Parameters:
  ///   - news: the published cells of the code that could be withheld.
  ///   - isOnly: whether no others help.
  func inDoubt(_ doubts: CodeDoubts?, _ news: [CellReference], isOnly: Bool = false) -> [Finding] {
    if news.isEmpty { return [] }
    let all = Remedies(beside: news.map { Remedies.Remedy(cell: $0, cost: admissions($0)) })
    return grid.roles.indices.filter { grid.roles[$0].isGuarded && bounds($0).high > 0 && isDoubtful($0, doubts) }
      .map(finding).map { finding in
        Finding(low: finding.low, high: finding.high, isHidden: false, isCell: finding.isCell) {
          let details = finding.details()
          let canHide = !isOnly && details.remedies.all.contains { release.canWithhold($0.cell) }
          return (details.what, canHide ? details.remedies : all)
        }
      }
  }

  func bounds(_ places: Places) -> [(low: Int, high: Int)]? { grid.bounds(places) }

  /// The bounds of places for the admissions that have the system's codes.
  func bounds(_ places: Places, with codes: [Attribute]) -> [(low: Int, high: Int)]? {
    if !grid.isJoint { return grid.bounds(places) }
    let all = grid.bounds(release.places(places.attributes + codes))
    return all?.enumerated().filter { place, _ in (place + 1).isMultiple(of: 1 << codes.count) }.map(\.element)
  }

  /// Some feasible counts, for every set of attributes of the system; nil if none were found within the work limit.
  ///
  /// - Parameter raised: the cells whose sum is to be as large as possible; all of them by default.
  func someSolution(
    raising raised: (_ places: Places, _ place: Int) -> Bool = { _, _ in true }
  ) -> [(places: Places, counts: [Int])]? {
    var values = grid.system.unknowns.map(\.low)
    for component in grid.system.components() {
      let program = LinearProgram<GLPKSolver>(grid.system, component, steps: steps)
      let cells = component.unknowns.filter { id in
        guard let cell = cell(id), cell.margin == nil else { return false }
        return raised(release.places(cell.attributes), cell.place)
      }
      guard let found = program.extreme(of: cells, isLargest: true) else { return nil }
      for (id, value) in zip(component.unknowns, found) { values[id] = value }
    }
    return grid.layers.map { layer in
      (layer.places, (0..<layer.places.count).map { layer.known[$0] ?? values[layer.unknown[$0]] })
    }
  }

  private func bounds(_ id: Int) -> (low: Int, high: Int) {
    shown[id] ?? (grid.system.unknowns[id].low, grid.system.unknowns[id].high)
  }

  /// A ceiling need only be large enough to hide the cells below it.
  private func isHidden(_ id: Int, _ bounds: (low: Int, high: Int)) -> Bool {
    if case .ceiling = grid.roles[id].meaning { return release.isHidden(0, bounds.high) }
    return release.isHidden(bounds.low, bounds.high)
  }

  private func finding(_ id: Int) -> Finding {
    let bounds = bounds(id)
    // A question that stayed open proves nothing.
    var isHidden = !open.contains(id) && self.isHidden(id, bounds)
    switch grid.roles[id].meaning {
    case .cell(let layer, let place), .ceiling(let layer, let place):
      let isCell = grid.layers[layer].isReleased
      return Finding(low: bounds.low, high: bounds.high, isHidden: isHidden, isCell: isCell) {
        ("\(grid.layers[layer].title): \(grid.title(layer, place))", tightestLine(id).map(remedies) ?? Remedies())
      }
    case .slack: preconditionFailure("a slack is not guarded")
    case .remainder(let line, let upper, let lower, let target):
      if !release.knowsTruth, release.isBeyondKnowing(bounds) { isHidden = true }
      return Finding(low: bounds.low, high: bounds.high, isHidden: isHidden, isCell: false) {
        ("\(grid.layers[upper].title): withheld part of \(grid.title(lower, target))", remedies(line))
      }
    }
  }

  /// The published cells of a sum, with the cost of withholding each. A cell that would be the only one withheld from
  /// another sum needs a second withheld cell there.
  private func remedies(_ line: Int) -> Remedies {
    let beside = grid.lines[line].cells.map { cell in
      let follow = (grid.linesOf[cell] ?? []).filter { $0 != line && grid.lines[$0].unknowns.isEmpty }.map { other in
        grid.lines[other].cells.filter { $0 != cell }.map(admissions).filter { $0 > 0 }.min() ?? 0
      }
      return Remedies.Remedy(cell: cell, cost: follow.reduce(admissions(cell), +))
    }
    let above = grid.lines[line].above.map { [Remedies.Remedy(cell: $0, cost: admissions($0))] } ?? []
    let isOfCode = (beside + above).contains { canWithhold($0.cell) }
    func kept(_ remedies: [Remedies.Remedy]) -> [Remedies.Remedy] {
      isOfCode ? remedies.filter { canWithhold($0.cell) } : remedies
    }
    return Remedies(beside: kept(beside), above: kept(above))
  }

  /// Whether a cell could be withheld without a loss to other codes: cells of stays bound every code.
  private func canWithhold(_ cell: CellReference) -> Bool {
    release.canWithhold(cell) && (!grid.isJoint || !release.tables[cell.table].codes.isEmpty)
  }

  private func admissions(_ cell: CellReference) -> Int { release[cell].admissions }

  /// Among the sums with a cell to withhold, the one that bounds the unknown most closely: the one whose other unknowns
  /// leave the least room.
  private func tightestLine(_ id: Int) -> Int? {
    func room(_ line: Int) -> Int {
      grid.lines[line].unknowns.filter { $0 != id }
        .reduce(0) { min(CountSystem.unlimited, $0 + grid.system.unknowns[$1].high - grid.system.unknowns[$1].low) }
    }
    func cells(_ line: Int) -> [CellReference] {
      grid.lines[line].cells + (grid.lines[line].above.map { [$0] } ?? [])
    }
    let own = grid.linesOfUnknown[id].filter { cells($0).contains(where: canWithhold) }
    let lines = own.isEmpty ? grid.linesOfUnknown[id].filter { cells($0).contains(where: release.canWithhold) } : own
    return lines.map { (line: $0, room: room($0)) }
      .min { ($0.room, $0.line) < ($1.room, $1.line) }?.line
  }

  /// Finds solutions far enough apart, or the exact bounds, for each guarded unknown of a component with rings.
  private mutating func bound(_ component: CountSystem.Component, _ progress: AttackProgress?) {
    let asked = component.unknowns.filter { id in
      grid.roles[id].isGuarded && isHidden(id, (grid.system.unknowns[id].low, grid.system.unknowns[id].high))
        && isDoubtful(id, doubts)
    }
    guard !asked.isEmpty else { return }
    let program = LinearProgram<GLPKSolver>(grid.system, component, steps: steps)
    let truth = component.unknowns.compactMap { grid.roles[$0].truth }
    var search = SolutionSearch(
      program, component.unknowns, gap: release.minimumPatients - 1,
      truth: truth.count == component.unknowns.count ? truth : nil)
    for id in asked {
      if let truth = grid.roles[id].truth { search.see(id, truth) }
      // For a ceiling, only the largest value matters.
      if case .ceiling = grid.roles[id].meaning { search.see(id, 0) }
      if let range = cell(id).flatMap({ solutions?[$0] }) {
        search.see(id, range.low)
        search.see(id, range.high)
      }
    }
    search.spread(asked)
    for (number, id) in asked.enumerated() {
      progress?.note("tables without codes", number, of: asked.count)
      let isSettled = search.settle(id)
      shown[id] = search.seen[id]
      // The gate treats an open question as an exposure; an auditor reports what can be shown.
      if !isSettled, !release.knowsTruth, let range = search.proven[id] {
        shown[id] = range
        continue
      }
      if !isSettled { open.insert(id) }
      if let cell = cell(id) { learned[cell] = search.seen[id] }
    }
  }

  private func isDoubtful(_ id: Int, _ doubts: CodeDoubts?) -> Bool {
    guard let doubts else { return true }
    switch grid.roles[id].meaning {
    case .cell(let layer, let place), .ceiling(let layer, let place):
      let attributes = grid.layers[layer].places.attributes.filter { !$0.isMultiValued }
      // In a joint system, the last place of each stay is the one with the code.
      return doubts.places[attributes]?.contains(grid.isJoint ? place / 2 : place) ?? false
    case .remainder: return doubts.isSum
    case .slack: return false
    }
  }

  /// Without rings, some solution attains each bound.
  private mutating func noteBounds(of component: CountSystem.Component) {
    for id in component.unknowns where grid.roles[id].isGuarded {
      let unknown = grid.system.unknowns[id]
      if let cell = cell(id), solutions?[cell] == nil { learned[cell] = (unknown.low, unknown.high) }
    }
  }

  private func cell(_ id: Int) -> KnownSolutions.Cell? {
    switch grid.roles[id].meaning {
    case .cell(let layer, let place), .ceiling(let layer, let place):
      KnownSolutions.Cell(attributes: grid.layers[layer].places.attributes, place: place)
    case .remainder(let line, let upper, let lower, let target):
      KnownSolutions.Cell(
        attributes: grid.layers[upper].places.attributes, place: target,
        margin: grid.layers[lower].places.attributes, published: grid.lines[line].cells.count)
    case .slack: nil
    }
  }
}
