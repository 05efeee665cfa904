internal import Glibc
internal import Shared

/// What the site's secret draws for each cell of a tally. A cell's draws depend on its table's attributes and its
/// categories alone, so they are the same in every release of the site.
struct CellDraw: Sendable {
  private let tally: Tally
  private let secret: SiteSecret
  /// What was drawn for the order of cells.
  private var drawn: [CellReference: Double] = [:]

  init(_ tally: Tally, _ secret: SiteSecret) {
    self.tally = tally
    self.secret = secret
  }

  /// Whether the cell has fewer patients than its own minimum.
  ///
  /// - Parameter chance: the probability that its own minimum is larger than k. Each minimum that is larger by k is
  ///   half as probable.
  func isBelowItsMinimum(_ cell: CellReference, _ protection: Policy.Protection, chance: Double) -> Bool {
    let minimum = protection.minimumPatients
    let more = tally.tables[cell.table].cells[cell.cell].patients - minimum
    // No draw reaches so far.
    guard more < minimum * 53 else { return false }
    let drawn = secret.unit("minimum", name(cell)) / chance
    guard drawn < 1 else { return false }
    // The logarithm to base 2, straight between powers of 2, so that every machine computes the same.
    let halvings = Double(1 - drawn.exponent) - drawn.significand
    return more <= Int(halvings * Double(minimum))
  }

  /// The order in which cells are withheld that cost `cost` admissions: the smallest number comes first. A cell that
  /// costs twice as much comes first about once in 256 times.
  ///
  /// It is the time of the first event in a random process whose rate is the inverse of the cost's eighth power.
  mutating func order(_ cell: CellReference, cost: Int, minimum: Int) -> Double {
    let wait = drawn[cell] ?? -log(secret.unit("choice", name(cell)))
    drawn[cell] = wait
    return ordered(wait, cost, minimum)
  }

  /// The same for a category, all of whose cells are withheld.
  func order(_ category: String, _ attribute: Attribute, cost: Int, minimum: Int) -> Double {
    ordered(-log(secret.unit("category", "\(attribute.rawValue)\u{0}\(category)")), cost, minimum)
  }

  private func ordered(_ wait: Double, _ cost: Int, _ minimum: Int) -> Double {
    let price = Double(cost + minimum)
    let fourth = price * price * price * price
    return wait * fourth * fourth
  }

  private func name(_ cell: CellReference) -> String {
    let table = tally.tables[cell.table]
    let key = table.key(table.cells[cell.cell])
    return zip(table.request.attributes, key).sorted { $0.0.rawValue < $1.0.rawValue }
      .map { "\($0.rawValue)\u{0}\($1)\u{0}" }.joined()
  }
}
