internal import CountSolver
internal import Shared

/// Upper bounds on any code's admissions at each place of a set of single-valued attributes: a code has no more
/// admissions than the place has in all.
final class Ceilings {
  private let release: AttackedRelease
  private let grid: GridAttack
  private var known: [[Attribute]: Ceiling] = [:]

  init(_ release: AttackedRelease, _ grid: GridAttack) {
    self.release = release
    self.grid = grid
  }

  subscript(_ stay: [Attribute]) -> Ceiling {
    if let ceiling = known[stay] { return ceiling }
    let ceiling = Ceiling(release, stay, grid)
    known[stay] = ceiling
    return ceiling
  }

  /// The relations between tables of stays.
  var ties: [TiedCells] { grid.ties }

  /// The fewest admissions at each place; nil if the tables of stays don't tell.
  func lows(_ places: Places) -> [Int]? { grid.bounds(places)?.map(\.low) }
}

struct Ceiling {
  let caps: CodeAttack.Caps
  /// The fewest admissions at each place, as far as the tables of stays tell.
  let lows: [Int]
  /// For each place, whether the tables of stays leave its number of admissions open.
  let isOpen: [Bool]

  init(_ release: AttackedRelease, _ stay: [Attribute], _ grid: GridAttack) {
    let places = release.places(stay)
    let exact = grid.bounds(places)
    var highs = exact?.map(\.high) ?? [Int](repeating: CountSystem.unlimited, count: places.count)
    for fewer in [[]] + strictSubsets(of: stay) {
      let fewer = release.places(fewer)
      guard let bounds = grid.bounds(fewer) else { continue }
      for (place, target) in places.projection(to: fewer).enumerated() {
        highs[place] = min(highs[place], bounds[target].high)
      }
    }
    // If "others" is just one category, it is a cell like any other.
    let cells = (0..<places.count).prefix { release.isOneCell(places.categories($0), stay) }.count
    caps = CodeAttack.Caps(highs, cells: cells)
    lows = exact?.map(\.low) ?? Array(repeating: 0, count: places.count)
    isOpen = exact?.map { $0.low < $0.high } ?? Array(repeating: false, count: places.count)
  }
}
