internal import CountSolver
internal import Shared

/// The attack on the tables that count one code, each by at most one single-valued attribute. Every such table adds up
/// to the same number of admissions with the code, and no cell has more admissions than the stay that it is part of.
struct CodeAttack {
  /// One code's part of a table.
  struct Column {
    let table: Int
    /// The code's cells, published or not.
    let cells: Range<Int>
  }

  /// The upper bound of each place of a table; the last place may be "others".
  struct Caps {
    let highs: [Int]
    /// How many places, counted from the first, are single cells and not sums of several.
    let cells: Int
    private let all: Room

    /// The upper bound of the sum of some places.
    struct Room {
      private var sum = 0
      private var unlimitedPlaces = 0

      mutating func add(_ high: Int) {
        if high >= CountSystem.unlimited { unlimitedPlaces += 1 } else { sum += high }
      }

      func without(_ high: Int) -> Room {
        var rest = self
        if high >= CountSystem.unlimited { rest.unlimitedPlaces -= 1 } else { rest.sum -= high }
        return rest
      }

      var most: Int { unlimitedPlaces > 0 ? CountSystem.unlimited : min(sum, CountSystem.unlimited) }
    }

    init(_ highs: [Int], cells: Int) {
      self.highs = highs
      self.cells = cells
      all = highs.reduce(into: Room()) { $0.add($1) }
    }

    /// The upper bound of the sum of the places that are not published.
    func room(without published: [Int]) -> Room { published.reduce(all) { $0.without(highs[$1]) } }

    /// The tightest bounds of any cell that is not published; nil if all such cells are certainly empty.
    func closest(without published: [Int], room: Room, rest: (low: Int, high: Int)) -> (low: Int, high: Int)? {
      let isShown = marks(published)
      return (0..<cells).lazy.filter { highs[$0] > 0 && !isShown[$0] }
        .map { (low: max(0, rest.low - room.without(highs[$0]).most), high: min(highs[$0], rest.high)) }
        .min { $0.high - $0.low < $1.high - $1.low }
    }

    /// The lower bounds of places that are not published, if together they hold `count` admissions.
    func forced(_ published: [Int], _ room: Room, _ count: Int) -> [(place: Int, low: Int)] {
      guard count > 0, room.most < CountSystem.unlimited || count > room.without(CountSystem.unlimited).most else {
        return []
      }
      let isShown = marks(published)
      return highs.indices.filter { !isShown[$0] && count > room.without(highs[$0]).most }
        .map { (place: $0, low: count - room.without(highs[$0]).most) }
    }

    /// Whether each place is among some.
    private func marks(_ places: [Int]) -> [Bool] {
      places.reduce(into: Array(repeating: false, count: highs.count)) { $0[$1] = true }
    }
  }

  let release: AttackedRelease
  /// Lower bounds that follow from the codes, by table and place.
  private(set) var forced: [Int: [Int: Int]] = [:]

  init(release: AttackedRelease) { self.release = release }

  /// - Parameters:
  ///   - title: the code's name.
  ///   - margin: the table that counts the code alone, if the release has one, with the code's cells in it.
  ///   - columns: the other tables, each with the upper bounds of its cells.
  ///   - limits: other bounds of the code's admissions, which the tables of stays must not be bounded by.
  mutating func findings(
    of title: @escaping () -> String, code: Int, margin: Column?, _ columns: [(column: Column, caps: Caps)],
    limits: (low: Int, high: Int)
  ) -> [Finding] {
    let marginCell = margin.flatMap { margin in
      margin.cells.first.map { CellReference(table: margin.table, cell: $0) }
    }
    let published = marginCell.flatMap { release[$0].isPublished ? $0 : nil }
    let isWithheld =
      margin.map { published == nil && !release.tables[$0.table].isWhole && !release.tables[$0.table].isCeiling }
      ?? false
    var whole = published.map { release.shown(release[$0]) } ?? (low: 0, high: CountSystem.unlimited)
    if published == nil, release.usesTies, let most = margin.flatMap({ release.tables[$0.table].mostBeyondTop(code) }) {
      whole.high = min(whole.high, most)
    }
    let parts = columns.map { Part(release, $0.column, $0.caps) }
    for part in parts {
      whole.low = max(whole.low, part.published.low)
      whole.high = min(whole.high, part.published.high + part.room.most)
    }
    for part in parts where !part.isWhole { force(part, by: whole.low) }
    whole = (max(whole.low, limits.low), min(whole.high, limits.high))
    var findings: [Finding] = []
    for part in parts where !part.isWhole {
      let rest = (low: max(0, whole.low - part.published.high), high: whole.high - part.published.low)
      guard rest.high > 0 else { continue }
      let patients = marginCell.map { release[$0].patients } ?? 0
      findings += self.findings(of: title, part, rest, patients: patients, above: published)
    }
    if isWithheld {
      let remedies = Remedies(beside: parts.flatMap(\.cells).map(remedy))
      findings.append(
        Finding(low: whole.low, high: whole.high, isHidden: release.isHidden(whole.low, whole.high)) {
          (title(), remedies)
        })
    }
    return findings
  }

  /// Notes the lower bounds that the code's admissions give for places of a table.
  private mutating func force(_ part: Part, by low: Int) {
    for (place, low) in part.forced(max(0, low - part.published.high)) {
      forced[part.table, default: [:]][place] = max(forced[part.table]?[place] ?? 0, low)
    }
  }

  /// Findings about the withheld part of the code's cells in a table, and about the most closely bounded of the
  /// withheld cells.
  private func findings(
    of title: @escaping () -> String, _ part: Part, _ rest: (low: Int, high: Int), patients: Int, above: CellReference?
  ) -> [Finding] {
    let k = release.minimumPatients
    let isEnough = part.largestPatients >= k || patients - part.publishedPatients >= k
    let details = { [release] in
      (
        what: "\(PublishedTable.name(of: release.tables[part.table].attributes)): withheld part of \(title())",
        remedies: Remedies(beside: part.cells.map(remedy), above: above.map { [remedy($0)] } ?? [])
      )
    }
    let isCeiling = release.tables[part.table].isCeiling
    let isHidden =
      isCeiling || release.isHidden(rest.low, rest.high)
      || (release.knowsTruth ? isEnough : release.isBeyondKnowing(rest))
    var findings = [Finding(low: rest.low, high: rest.high, isHidden: isHidden, isCell: false, details: details)]
    if let cell = part.closest(rest) {
      let isHidden = release.isHidden(isCeiling ? 0 : cell.low, cell.high)
      findings.append(Finding(low: cell.low, high: cell.high, isHidden: isHidden, details: details))
    }
    return findings
  }

  private func remedy(_ cell: CellReference) -> Remedies.Remedy {
    Remedies.Remedy(cell: cell, cost: release[cell].admissions)
  }

  /// What one table shows about the code.
  private struct Part {
    let table: Int
    let isWhole: Bool
    var cells: [CellReference] = []
    /// The bounds of the sum of the published cells.
    var published = (low: 0, high: 0)
    var publishedPatients = 0
    var largestPatients = 0
    private let caps: Caps
    private var places: [Int] = []

    /// The upper bound of the sum of the withheld cells.
    let room: Caps.Room

    func forced(_ low: Int) -> [(place: Int, low: Int)] { caps.forced(places, room, low) }

    func closest(_ rest: (low: Int, high: Int)) -> (low: Int, high: Int)? {
      caps.closest(without: places, room: room, rest: rest)
    }

    init(_ release: AttackedRelease, _ column: Column, _ caps: Caps) {
      table = column.table
      isWhole = release.tables[column.table].isWhole
      self.caps = caps
      for number in column.cells {
        let cell = release.tables[column.table].cells[number]
        if cell.isPublished {
          cells.append(CellReference(table: column.table, cell: number))
          places.append(cell.stay)
          let shown = release.shown(cell)
          published = (published.low + shown.low, published.high + shown.high)
          publishedPatients += cell.patients
        } else {
          largestPatients = max(largestPatients, cell.patients)
        }
      }
      room = isWhole ? Caps.Room() : caps.room(without: places)
    }
  }
}
