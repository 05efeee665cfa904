internal import CountSolver
internal import Shared

/// Tables of single-valued attributes, or one code's part of the tables with codes, as one system of sums: grids of
/// cells that add up to the same margins.
struct GridSystem {
  let release: AttackedRelease
  /// The codes in question, if the tables with codes are solved together with the tables of stays: having or not having
  /// the code is then a category like any other. Empty if all tables count by the same codes, or by none.
  let codes: [Attribute: Int]
  let code: String
  private let number: Int?
  /// The layer of each set of attributes.
  private(set) var layerOf: [Set<Attribute>: Int] = [:]
  /// The relations between tables of stays.
  private(set) var stayTies: [TiedCells] = []
  /// Only `GridTruth.swift` and `GridTies.swift` change the system, the roles and the layers from outside this file.
  var system = CountSystem()
  var roles: [Role] = []
  var layers: [Layer] = []
  /// All sums of the release, with or without unknowns; then, for each published cell and for each unknown, the sums
  /// that contain it.
  private(set) var lines: [Line] = []
  private(set) var linesOf: [CellReference: [Int]] = [:]
  private(set) var linesOfUnknown: [[Int]] = []

  /// What an unknown stands for.
  struct Role {
    let meaning: Meaning
    /// Whether an outsider must not be able to bound it too closely.
    var isGuarded: Bool
    var truth: Int?

    enum Meaning {
      case cell(layer: Int, place: Int)
      /// A count that includes cells with a code; this count must be large enough or empty.
      case ceiling(layer: Int, place: Int)
      /// The withheld part of one sum, if it may cover too few patients.
      case remainder(line: Int, upper: Int, lower: Int, target: Int)
      /// The difference between a tie's whole and the sum of its parts.
      case slack
    }
  }

  /// One sum: the published cells in it, and its unknowns.
  struct Line {
    let cells: [CellReference]
    let above: CellReference?
    let unknowns: [Int]
  }

  /// One set of attributes: a released table, or a joint table or margin of released ones.
  struct Layer {
    let places: Places
    let title: String
    /// The count at each place; nil if it is unknown because it is withheld or rounded.
    var known: [Int?]
    var unknown: [Int]
    /// The true count at each place, if it is known.
    var truth: [Int?]
    /// The published cell at each place, whether the place is withheld, and a lower bound on its number of patients.
    var cells: [CellReference?]
    var isWithheld: [Bool]
    var patients: [Int]
    let isReleased: Bool
    /// Whether each place is a cell of the table; a stay without the code is not.
    let isCell: [Bool]

    /// The unknown at a place; nil if its count is known.
    func unknownPlace(_ place: Int) -> Int? { known[place] == nil ? unknown[place] : nil }

    func count(_ place: Int) -> CountSystem.Sum.Whole { known[place].map { .known($0) } ?? .unknown(unknown[place]) }

    /// Makes a layer with no known counts.
    init(_ places: Places, title: String, isReleased: Bool) {
      self.places = places
      let codes = places.attributes.indices.filter { places.attributes[$0].isMultiValued }
      isCell = (0..<places.count).map { place in
        codes.isEmpty || zip(places.categories(place), places.attributes).allSatisfy { $0 == 1 || !$1.isMultiValued }
      }
      self.title = title
      self.isReleased = isReleased
      known = Array(repeating: nil, count: places.count)
      unknown = Array(repeating: -1, count: places.count)
      truth = known
      cells = Array(repeating: nil, count: places.count)
      isWithheld = Array(repeating: false, count: places.count)
      patients = Array(repeating: 0, count: places.count)
    }
  }

  /// Bounds known from elsewhere for the places of a set of attributes.
  struct Bounds {
    /// The name of the code that all parts count; empty if there is none.
    var code = ""
    /// The code's number.
    var number: Int?
    var low: [[Attribute]: [Int: Int]] = [:]
    var high: (Places) -> [Int]? = { _ in nil }
    /// Sets of attributes by which tables count stays, but not the code. The counts of stays bound the code's.
    var frames: [[Attribute]] = []
    /// The relations between tables of stays, if they have been computed.
    var ties: [TiedCells]?
  }

  /// - Parameters:
  ///   - parts: for each table, its number and the cells of one code.
  ///   - bounds: lower and upper bounds of each place.
  ///   - codes: the codes in question, if tables of stays are among the parts.
  init(
    _ release: AttackedRelease, _ parts: [(table: Int, cells: Range<Int>)], _ bounds: Bounds,
    codes: [Attribute: Int] = [:]
  ) {
    (self.release, self.codes, code, number) = (release, codes, bounds.code, bounds.number)
    for part in parts {
      let table = release.tables[part.table]
      let places = release.places(codes.isEmpty ? table.stay : table.stay + table.codes)
      addTable(part, places, high: bounds.high(places), low: bounds.low[places.attributes] ?? [:])
    }
    for clique in cliques(layers.map(\.places.attributes)) where release.isSolvable(clique) {
      addUnreleased(Attribute.allCases.filter(clique.contains), [:], nil)
    }
    for frame in bounds.frames where !layers.contains(where: { $0.places.attributes == frame }) {
      addUnreleased(frame, [:], bounds.high(release.places(frame)))
    }
    let tables = layers.map(\.places.attributes)
    let bounded = bounds.low.keys.filter { set in
      !tables.contains(set) && tables.contains { Set(set).isSubset(of: $0) }
    }
    stayTies = bounds.ties ?? release.relations(parts)
    let ties = stayTies + relationsOfCodes(parts)
    let wanted = Array(bounded) + margins(of: ties, without: tables + Array(bounded))
    for attributes in sharedMargins(tables, wanted) {
      addUnreleased(attributes, bounds.low[attributes] ?? [:], bounds.high(release.places(attributes)))
    }
    if release.knowsTruth {
      completeTruth()
      completePatients()
      releaseGuards()
    }
    let margins = marginsAmong(layers.map { Set($0.places.attributes) })
    for margin in margins where margin.isDirect { addSums(margin.upper, margin.lower) }
    var told: [Int: [Bool]] = [:]
    for (upper, lower, isDirect) in margins where !isDirect {
      if !layers[lower].isReleased, !layers[lower].places.attributes.isEmpty, told[lower] == nil {
        told[lower] = toldSums(lower)
      }
      if told[lower]?.contains(true) ?? true { addSums(upper, lower, onlyGuarded: true, told[lower]) }
    }
    for (number, layer) in layers.enumerated().reversed() { layerOf[Set(layer.places.attributes)] = number }
    for tie in ties { add(tie) }
  }

  /// Adds a table that is not released: a joint table or a margin of released ones.
  private mutating func addUnreleased(_ attributes: [Attribute], _ low: [Int: Int], _ high: [Int]?) {
    let places = release.places(attributes)
    var layer = Layer(places, title: PublishedTable.name(of: attributes), isReleased: false)
    for place in 0..<places.count {
      layer.unknown[place] = addUnknown(
        .cell(layer: layers.count, place: place), isGuarded: false, truth: nil, low: low[place] ?? 0,
        high: high?[place] ?? CountSystem.unlimited)
    }
    layers.append(layer)
  }

  mutating func addUnknown(
    _ meaning: Role.Meaning, isGuarded: Bool, truth: Int?, low: Int = 0, high: Int = CountSystem.unlimited
  ) -> Int {
    roles.append(Role(meaning: meaning, isGuarded: isGuarded, truth: truth))
    linesOfUnknown.append([])
    return system.addUnknown(low: low, high: high)
  }

  private mutating func addTable(
    _ part: (table: Int, cells: Range<Int>), _ places: Places, high: [Int]?, low: [Int: Int]
  ) {
    let table = release.tables[part.table]
    var layer = Layer(places, title: PublishedTable.name(of: table.attributes), isReleased: !table.isCeiling)
    if release.knowsTruth, !table.isCeiling { layer.truth = Array(repeating: 0, count: places.count) }
    if table.isWhole { layer.known = Array(repeating: 0, count: places.count) }
    // The last place of each stay is the one with all codes.
    let step = codes.isEmpty ? 1 : 1 << table.codes.count
    for number in part.cells {
      let cell = table.cells[number]
      let place = cell.stay * step + step - 1
      if let truth = layer.truth[place] { layer.truth[place] = truth + cell.admissions }
      layer.patients[place] = max(layer.patients[place], cell.patients)
      guard cell.isPublished else { continue }
      layer.cells[place] = CellReference(table: part.table, cell: number)
      let shown = release.shown(cell)
      if shown.low == shown.high {
        layer.known[place] = shown.low
      } else {
        layer.unknown[place] = addUnknown(
          .cell(layer: layers.count, place: place), isGuarded: false, truth: layer.truth[place],
          low: max(shown.low, low[place] ?? 0), high: min(shown.high, high?[place] ?? shown.high))
      }
    }
    let closed = release.usesTies ? closedBands(table, places) : []
    for place in 0..<places.count where layer.isCell[place] && layer.known[place] == nil && layer.cells[place] == nil {
      layer.isWithheld[place] = true
      let categories = places.categories(place)
      // In a system with codes, only cells of tables that count exactly these codes are in question.
      let isAsked = codes.count == (codes.isEmpty ? 0 : table.codes.count)
      let isSmall = layer.patients[place] < release.minimumPatients
      let isGuarded =
        isAsked && (isSmall || !table.isOfEvaluationSets)
        && (release.isOneCell(categories, places.attributes)
          || release.knowsTruth && !table.isCeiling && isSmall)
      // A table with codes, or one that is not released, publishes no empty cells.
      let cantBeEmpty =
        table.codes.isEmpty && !table.isCeiling && release.cantBeEmpty(categories, places.attributes)
      layer.unknown[place] = addUnknown(
        table.isCeiling ? .ceiling(layer: layers.count, place: place) : .cell(layer: layers.count, place: place),
        isGuarded: isGuarded, truth: layer.truth[place], low: max(cantBeEmpty ? 1 : 0, low[place] ?? 0),
        high: closed.contains { categories[$0.axis] == $0.category }
          ? 0 : min(high?[place] ?? CountSystem.unlimited, mostBeyondTop(table, categories, places)))
    }
    for place in 0..<places.count where !layer.isCell[place] {
      layer.known[place] = nil
      layer.truth[place] = nil
      layer.unknown[place] = addUnknown(.cell(layer: layers.count, place: place), isGuarded: false, truth: nil)
    }
    layers.append(layer)
  }

  /// The largest count that the published codes allow for a withheld cell.
  private func mostBeyondTop(_ table: AttackedTable, _ categories: [Int], _ places: Places) -> Int {
    // Tables by one attribute are ranked by their cells, others by the sums that `CodeLimits` bounds.
    guard release.usesTies, release.isOneCell(categories, places.attributes), table.attributes.count == 1 else {
      return CountSystem.unlimited
    }
    guard let code = table.codes.isEmpty ? categories[0] : codes[table.codes[0]] ?? number else {
      return CountSystem.unlimited
    }
    return table.mostBeyondTop(code) ?? CountSystem.unlimited
  }

  /// Adds the sums that make the cells of `upper` add up to those of `lower`.
  ///
  /// - Parameters:
  ///   - onlyGuarded: whether other sums imply these, so that only those are needed whose withheld parts are guarded.
  ///   - isTold: which sums are told by published counts; nil if all are.
  private mutating func addSums(_ upper: Int, _ lower: Int, onlyGuarded: Bool = false, _ isTold: [Bool]? = nil) {
    let projection = layers[upper].places.projection(to: layers[lower].places)
    var lines = [[Int]](repeating: [], count: layers[lower].places.count)
    for (place, target) in projection.enumerated() { lines[target].append(place) }
    for (target, line) in lines.enumerated()
    where !onlyGuarded || isTold?[target] ?? true && isGuarded(upper, line, lower, target) {
      addSum(upper, line, lower, target)
    }
  }

  /// Whether an outsider must not be able to bound the withheld part of a sum too closely.
  private func isGuarded(_ upper: Int, _ line: [Int], _ lower: Int, _ target: Int) -> Bool {
    let layer = layers[upper]
    let withheld = line.filter { layer.isWithheld[$0] }
    let isSumOfCells = layers[lower].isCell[target] && line.allSatisfy { layer.isCell[$0] }
    let isAsked = codes.isEmpty || layer.places.attributes.count(where: \.isMultiValued) == codes.count
    return layer.isReleased && isSumOfCells && isAsked && !withheld.isEmpty
      && !standsOnEnough(upper, line, withheld, lower, target)
  }

  private mutating func addSum(_ upper: Int, _ line: [Int], _ lower: Int, _ target: Int) {
    let layer = layers[upper]
    let whole = layers[lower].count(target)
    var members = line.filter { layer.known[$0] == nil }.map { layer.unknown[$0] }
    let isSettled = members.isEmpty && layers[lower].known[target] != nil
    let known = line.reduce(0) { $0 + (layer.known[$1] ?? 0) }
    if case .unknown(let id) = whole { members.append(id) }
    addLine(
      Line(cells: line.compactMap { layer.cells[$0] }, above: layers[lower].cells[target], unknowns: members))
    if isSettled { return }
    let withheld = line.filter { layer.isWithheld[$0] }
    var parts = line.filter { layer.known[$0] == nil && !layer.isWithheld[$0] }.map { layer.unknown[$0] }
    if isGuarded(upper, line, lower, target) {
      let truth = release.knowsTruth ? withheld.reduce(0) { $0 + (layer.truth[$1] ?? 0) } : nil
      let remainder = addUnknown(
        .remainder(line: lines.count - 1, upper: upper, lower: lower, target: target), isGuarded: true, truth: truth)
      system.add(CountSystem.Sum(parts: withheld.map { layer.unknown[$0] }, known: 0, whole: .unknown(remainder)))
      parts.append(remainder)
    } else {
      parts += withheld.map { layer.unknown[$0] }
    }
    system.add(CountSystem.Sum(parts: parts, known: known, whole: whole))
  }

  mutating func addLine(_ line: Line) {
    for cell in line.cells { linesOf[cell, default: []].append(lines.count) }
    for id in line.unknowns { linesOfUnknown[id].append(lines.count) }
    lines.append(line)
  }

  /// Whether tables of codes are solved together with those of stays.
  var isJoint: Bool { !codes.isEmpty }

  /// Narrows every unknown by the sums.
  mutating func narrow() { system.narrow() }
}
