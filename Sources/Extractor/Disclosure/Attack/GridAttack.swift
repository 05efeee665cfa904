internal import Shared

/// The attack on tables of single-valued attributes, or on the part of tables with codes that counts one code: grids of
/// cells that add up to the same margins.
struct GridAttack {
  private let release: AttackedRelease
  private var system = CountSystem()
  private var roles: [Role] = []
  private var layers: [Layer] = []
  private var remainders: [Remainder] = []
  /// Each sum of the release, whether it holds an unknown or not; and where each published cell stands in one as a part.
  private var lines: [Line] = []
  private var linesOf: [CellReference: [Int]] = [:]
  private var linesOfUnknown: [[Int]] = []
  /// What the linear programme showed of unknowns in parts with rings: values that solutions have; and which questions stayed
  /// open.
  private var shown: [Int: (low: Int, high: Int)] = [:]
  private var open: Set<Int> = []
  private let steps: Int

  /// What an unknown stands for.
  private struct Role {
    let layer: Int
    let place: Int
    /// Whether it must not be bounded too closely.
    let isGuarded: Bool
    /// Whether its bounds are asked for, guarded or not.
    var isProbed: Bool
    let truth: Int?
  }

  /// What one sum withholds, where too few patients may stand behind it.
  private struct Remainder {
    let line: Int
    let upper: Int
    let lower: Int
    let target: Int
    /// What is published of the sum.
    let known: Int
  }

  /// One sum: the published cells in it, and its unknowns.
  private struct Line {
    let cells: [CellReference]
    let above: CellReference?
    let unknowns: [Int]
  }

  /// One set of attributes: a released table, or a margin that several tables share.
  private struct Layer {
    let places: Places
    let title: String
    /// For each place its count; nil where it is unknown.
    var known: [Int?]
    var unknown: [Int]
    /// The published cell at each place, and the patients behind what is there.
    var cells: [CellReference?]
    var patients: [Int]
    let isReleased: Bool

    func count(_ place: Int) -> CountSystem.Sum.Whole { known[place].map { .known($0) } ?? .unknown(unknown[place]) }
  }

  /// - Parameters:
  ///   - parts: for each table its number and the cells of one code.
  ///   - high: the most that can be at each place of a table.
  ///   - low: what other tables show to be at least at each place of a set of attributes.
  ///   - steps: the work that the linear programme may do for a question.
  init(
    _ release: AttackedRelease, _ parts: [(table: Int, cells: Range<Int>)],
    high: (Places) -> [Int]? = { _ in nil }, low: [[Attribute]: [Int: Int]] = [:],
    steps: Int = LinearProgram.mostSteps
  ) {
    self.release = release
    self.steps = steps
    for part in parts {
      let places = release.places(release.tables[part.table].stay)
      addTable(part, places, high: high(places), low: low[places.attributes] ?? [:])
    }
    let tables = layers.map(\.places.attributes)
    let bounded = low.keys.filter { set in !tables.contains(set) && tables.contains { Set(set).isSubset(of: $0) } }
    for attributes in sharedMargins(tables, Array(bounded)) { addSharedMargin(attributes, low[attributes] ?? [:]) }
    for (upper, lower) in directMargins(layers.map { Set($0.places.attributes) }) { addSums(upper, lower) }
  }

  /// A table that is not released, but that released ones are sums of or add up to.
  private mutating func addSharedMargin(_ attributes: [Attribute], _ low: [Int: Int]) {
    let places = release.places(attributes)
    let unknown = (0..<places.count).map { place in
      addUnknown(layers.count, place, isGuarded: false, truth: nil, low: low[place] ?? 0)
    }
    layers.append(
      Layer(
        places: places, title: PublishedTable.name(of: attributes),
        known: Array(repeating: nil, count: places.count), unknown: unknown,
        cells: Array(repeating: nil, count: places.count), patients: Array(repeating: 0, count: places.count),
        isReleased: false))
  }

  private mutating func addUnknown(
    _ layer: Int, _ place: Int, isGuarded: Bool, truth: Int?, low: Int = 0, high: Int = CountSystem.unlimited
  ) -> Int {
    roles.append(Role(layer: layer, place: place, isGuarded: isGuarded, isProbed: isGuarded, truth: truth))
    linesOfUnknown.append([])
    return system.addUnknown(low: low, high: high)
  }

  private mutating func addTable(
    _ part: (table: Int, cells: Range<Int>), _ places: Places, high: [Int]?, low: [Int: Int]
  ) {
    let table = release.tables[part.table]
    var layer = Layer(
      places: places, title: PublishedTable.name(of: table.attributes),
      known: Array(repeating: table.isWhole ? 0 : nil, count: places.count),
      unknown: Array(repeating: -1, count: places.count), cells: Array(repeating: nil, count: places.count),
      patients: Array(repeating: 0, count: places.count), isReleased: true)
    var truth = [Int](repeating: 0, count: places.count)
    for number in part.cells {
      let cell = table.cells[number]
      truth[cell.stay] += cell.admissions
      layer.patients[cell.stay] = max(layer.patients[cell.stay], cell.patients)
      guard cell.isPublished else { continue }
      layer.known[cell.stay] = cell.admissions
      layer.cells[cell.stay] = CellReference(table: part.table, cell: number)
    }
    for place in 0..<places.count where layer.known[place] == nil {
      let categories = places.categories(place)
      let isGuarded =
        release.isOneCell(categories, places.attributes)
        || (release.knowsTruth && layer.patients[place] < release.minimumPatients)
      // A table with codes names no empty cell.
      let cantBeEmpty = table.codes.isEmpty && release.cantBeEmpty(categories, places.attributes)
      layer.unknown[place] = addUnknown(
        layers.count, place, isGuarded: isGuarded, truth: release.knowsTruth ? truth[place] : nil,
        low: max(cantBeEmpty ? 1 : 0, low[place] ?? 0), high: high?[place] ?? CountSystem.unlimited)
    }
    layers.append(layer)
  }

  /// The cells of `upper` add up to those of `lower`.
  private mutating func addSums(_ upper: Int, _ lower: Int) {
    let projection = layers[upper].places.projection(to: layers[lower].places)
    var lines = [[Int]](repeating: [], count: layers[lower].places.count)
    for (place, target) in projection.enumerated() { lines[target].append(place) }
    for (target, line) in lines.enumerated() { addSum(upper, line, lower, target) }
  }

  private mutating func addSum(_ upper: Int, _ line: [Int], _ lower: Int, _ target: Int) {
    let open = line.filter { layers[upper].known[$0] == nil }
    let wholeCount = layers[lower].known[target]
    let parts = open.map { layers[upper].unknown[$0] }
    let whole = layers[lower].unknown[target]
    addLine(
      Line(
        cells: line.compactMap { layers[upper].cells[$0] }, above: layers[lower].cells[target],
        unknowns: wholeCount == nil ? parts + [whole] : parts))
    if open.isEmpty, wholeCount != nil { return }
    let known = line.reduce(0) { $0 + (layers[upper].known[$1] ?? 0) }
    system.add(CountSystem.Sum(parts: parts, known: known, whole: layers[lower].count(target)))
    guard layers[upper].isReleased, !open.isEmpty else { return }
    guard !standsOnEnough(upper, line, open, lower, target) else { return }
    remainders.append(Remainder(line: lines.count - 1, upper: upper, lower: lower, target: target, known: known))
    if wholeCount == nil { roles[whole].isProbed = true }
  }

  private mutating func addLine(_ line: Line) {
    for cell in line.cells { linesOf[cell, default: []].append(lines.count) }
    for id in line.unknowns { linesOfUnknown[id].append(lines.count) }
    lines.append(line)
  }

  /// The published cells of a sum, with what withholding each would cost: a cell that would stand alone in another sum needs
  /// another one there.
  private func remedies(_ line: Int) -> Remedies {
    let beside = lines[line].cells.map { cell in
      let follow = (linesOf[cell] ?? []).filter { $0 != line && lines[$0].unknowns.isEmpty }.map { other in
        lines[other].cells.filter { $0 != cell }.map(admissions).filter { $0 > 0 }.min() ?? 0
      }
      return Remedies.Remedy(cell: cell, cost: follow.reduce(admissions(cell), +))
    }
    return Remedies(
      beside: beside, above: lines[line].above.map { [Remedies.Remedy(cell: $0, cost: admissions($0))] } ?? [])
  }

  private func admissions(_ cell: CellReference) -> Int { release[cell].admissions }

  /// The sum that bounds an unknown most closely: the one whose other unknowns leave it least room.
  private func tightestLine(_ id: Int) -> Int? {
    func room(_ line: Int) -> Int {
      lines[line].unknowns.filter { $0 != id }
        .reduce(0) { min(CountSystem.unlimited, $0 + system.unknowns[$1].high - system.unknowns[$1].low) }
    }
    func canHelp(_ line: Int) -> Bool {
      (lines[line].cells + (lines[line].above.map { [$0] } ?? [])).contains { admissions($0) > 0 }
    }
    return linesOfUnknown[id].filter(canHelp).map { (line: $0, room: room($0)) }
      .min { ($0.room, $0.line) < ($1.room, $1.line) }?.line
  }

  /// Whether enough patients stand behind what a sum withholds, as far as is known.
  private func standsOnEnough(_ upper: Int, _ line: [Int], _ open: [Int], _ lower: Int, _ target: Int) -> Bool {
    guard release.knowsTruth else { return false }
    let largest = open.map { layers[upper].patients[$0] }.max() ?? 0
    let shown = line.reduce(0) { $0 + (layers[upper].known[$1] == nil ? 0 : layers[upper].patients[$1]) }
    return max(largest, layers[lower].patients[target] - shown) >= release.minimumPatients
  }

  /// Solves the system.
  ///
  /// - Returns: nil where the release contradicts itself.
  mutating func exposures() -> [Exposure]? {
    system.narrow()
    guard !system.isContradictory else { return nil }
    for component in system.components() where !(component.isTree && system.isSettled) { bound(component) }
    var exposures = remainders.compactMap(exposure)
    for (id, role) in roles.enumerated() where role.isGuarded && !isHidden(id) {
      let layer = layers[role.layer]
      let bounds = bounds(id)
      exposures.append(
        Exposure(
          what: "\(layer.title): \(release.title(layer.places, role.place))", low: bounds.low, high: bounds.high,
          remedies: tightestLine(id).map(remedies) ?? Remedies()))
    }
    return exposures
  }

  private func bounds(_ id: Int) -> (low: Int, high: Int) {
    shown[id] ?? (system.unknowns[id].low, system.unknowns[id].high)
  }

  /// A question that stayed open is no proof.
  private func isHidden(_ id: Int) -> Bool {
    let bounds = bounds(id)
    return !open.contains(id) && release.isHidden(bounds.low, bounds.high)
  }

  /// An outsider does not know how many patients stand behind a remainder: to him, k admissions are enough.
  private func exposure(_ remainder: Remainder) -> Exposure? {
    let whole: (low: Int, high: Int)
    var isOpen = false
    switch layers[remainder.lower].count(remainder.target) {
    case .known(let count): whole = (count, count)
    case .unknown(let id): (whole, isOpen) = (bounds(id), open.contains(id))
    }
    let (low, high) = (max(0, whole.low - remainder.known), whole.high - remainder.known)
    if !isOpen, release.isHidden(low, high) { return nil }
    if !isOpen, !release.knowsTruth, low >= release.minimumPatients { return nil }
    let place = release.title(layers[remainder.lower].places, remainder.target)
    return Exposure(
      what: "\(layers[remainder.upper].title): what is withheld of \(place)", low: low, high: high,
      remedies: remedies(remainder.line))
  }

  /// Finds, for each unknown of a part with rings that is asked for, solutions far enough apart, or its very bounds.
  private mutating func bound(_ component: CountSystem.Component) {
    let asked = component.unknowns.filter { id in
      roles[id].isProbed && release.isHidden(system.unknowns[id].low, system.unknowns[id].high)
    }
    guard !asked.isEmpty else { return }
    let programme = LinearProgram(system, component, steps: steps)
    var seen: [Int: (low: Int, high: Int)] = [:]
    func see(_ id: Int, _ value: Int) {
      let range = seen[id] ?? (value, value)
      seen[id] = (min(range.low, value), max(range.high, value))
    }
    func isFarApart(_ id: Int) -> Bool { seen[id].map { $0.high - $0.low >= release.minimumPatients - 1 } ?? false }
    for id in asked { if let truth = roles[id].truth { see(id, truth) } }
    for id in asked {
      for isLargest in [true, false] where !isFarApart(id) {
        switch programme.extreme(of: id, isLargest: isLargest) {
        case .solution(let values): for (id, value) in zip(component.unknowns, values) { see(id, value) }
        case .unlimited: see(id, CountSystem.unlimited)
        case .open: open.insert(id)
        }
      }
      if isFarApart(id) { open.remove(id) }
      shown[id] = seen[id]
    }
  }

  /// The most, and the least, at each place of a set of attributes that a layer holds; nil where none does.
  func bounds(_ places: Places) -> [(low: Int, high: Int)]? {
    var result: [(low: Int, high: Int)]?
    for layer in layers where Set(places.attributes).isSubset(of: layer.places.attributes) {
      var sums = [(low: Int, high: Int)](repeating: (0, 0), count: places.count)
      for (place, target) in layer.places.projection(to: places).enumerated() {
        let unknown = layer.known[place] == nil ? system.unknowns[layer.unknown[place]] : nil
        sums[target].low += layer.known[place] ?? unknown?.low ?? 0
        sums[target].high += layer.known[place] ?? unknown?.high ?? 0
      }
      result = result.map { zip($0, sums).map { (max($0.low, $1.low), min($0.high, $1.high)) } } ?? sums
    }
    return result
  }
}
