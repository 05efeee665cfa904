internal import CountSolver
internal import Shared

/// The bounds on single codes that everybody knows, beyond the tables that count them: no admission has its main
/// diagnosis as another diagnosis too, and an admission has as many codes as its band says.
///
/// Claim: for the bands, the gate takes the counts of all other codes to be the true ones, which an outsider may not
/// know. So any count within these bounds also lies within the outsider's; one that is true but empty is never taken to
/// be known to be empty.
///
/// Limit: bands are compared with codes within the categories that a table of bands and a table of codes share, not
/// within combinations that only further tables imply.
final class CodeLimits {
  private let release: AttackedRelease
  /// For each code attribute, the sets of stays that its tables share with a table of its bands.
  private var banded: [Attribute: [BandedStay]] = [:]
  /// For each table of other diagnoses, the admissions that can have each of them.
  private var diagnosed: [DiagnosedStay] = []

  /// The tables that tell how many admissions a code beyond their top can have.
  private let ranking: [AttackedTable]

  init(_ release: AttackedRelease, _ ceilings: Ceilings) {
    self.release = release
    ranking =
      release.usesTies ? release.tables.filter { $0.codes.count == 1 && $0.mostBeyondTop != nil } : []
    guard release.usesTies else { return }
    let counted = release.tables.filter { $0.codes.count == 1 && !$0.isCeiling }
    let mains = release.tables.filter { $0.codes.isEmpty && !$0.isCeiling && $0.stay.contains(.mainDiagnosis) }
    let diagnosisStays = counted.filter { $0.codes == [.diagnosis] }.map(\.stay)
    diagnosed = shared(diagnosisStays, mains.map(\.stay)).union(diagnosisStays)
      .map { DiagnosedStay(release, $0, ceilings) }
    for attribute in Set(counted.map { $0.codes[0] }) {
      guard let band = attribute.countBand else { continue }
      let bands = release.tables.filter { $0.codes.isEmpty && !$0.isCeiling && $0.stay.contains(band) }
      banded[attribute] = shared(counted.filter { $0.codes == [attribute] }.map(\.stay), bands.map(\.stay))
        .compactMap { BandedStay(release, attribute, $0) }
    }
  }

  /// How far bands, and tables that rank codes, let the number of admissions with a code change.
  func growth(of code: Int, _ attribute: Attribute) -> Growth {
    var growth = Growth(more: CountSystem.unlimited, fewer: CountSystem.unlimited)
    if let total = banded[attribute]?.first(where: { $0.stay.isEmpty }) {
      let (low, high) = total.bounds(of: code)[0]
      let count = total.counts(code)[0]
      growth = Growth(more: high - count, fewer: count - low)
    }
    for table in ranking where table.codes == [attribute] {
      if let most = table.mostBeyondTop(code) {
        let count = release.profiles?.counts(attribute, code).values.reduce(0, +) ?? most
        growth.more = min(growth.more, max(0, most - count))
      } else {
        // With fewer admissions, the code might not be among the most frequent ones.
        growth.fewer = 0
      }
    }
    return growth
  }

  /// Whether bands bound the code's admissions in more than their total.
  func isBandedByStay(_ attribute: Attribute) -> Bool { banded[attribute]?.contains { !$0.stay.isEmpty } ?? false }

  /// The bounds of one code.
  func of(_ code: Int, _ attribute: Attribute) -> CodeBounds.OfCode {
    var found = CodeBounds.OfCode()
    let topped = ranking.filter { $0.codes == [attribute] && !$0.stay.isEmpty }
    for most in topped.compactMap({ $0.mostBeyondTop(code) }) {
      found.narrow([], lows: nil, highs: [most])
    }
    if attribute == .diagnosis {
      for stay in diagnosed { found.highs[stay.stay] = stay.highs(of: code, release) }
    }
    for stay in banded[attribute] ?? [] {
      let bounds = stay.bounds(of: code)
      found.narrow(stay.stay, lows: bounds.map(\.low), highs: bounds.map(\.high))
    }
    return found
  }
}

/// The sets of attributes that a set of the first list shares with one of the second; and no attributes, if there is
/// any in the second.
private func shared(_ first: [[Attribute]], _ second: [[Attribute]]) -> Set<[Attribute]> {
  Set(second.flatMap { other in [[]] + first.map { set in set.filter(Set(other).contains) } })
}

extension CodeBounds.OfCode {
  /// Bounds by two sources hold together.
  mutating func narrow(_ stay: [Attribute], lows: [Int]?, highs: [Int]?) {
    if let lows { self.lows[stay] = self.lows[stay].map { zip($0, lows).map { max($0, $1) } } ?? lows }
    if let highs { self.highs[stay] = self.highs[stay].map { zip($0, highs).map { min($0, $1) } } ?? highs }
  }
}

/// The most admissions that can have another diagnosis, for one set of stays.
private struct DiagnosedStay {
  let stay: [Attribute]
  private let places: Places
  private let most: [Int]
  /// The places of each main diagnosis; empty if it is not part of the stay.
  private let placesOfMain: [[Int]]
  /// For each main diagnosis, the fewest admissions with it at each place. nil if the main diagnosis is part of the
  /// stay, or if nothing tells.
  private var least: [[Int]]?
  /// For each profile, its place; nil if the true counts are not known.
  private let targets: [Int]?

  init(_ release: AttackedRelease, _ stay: [Attribute], _ ceilings: Ceilings) {
    self.stay = stay
    places = release.places(stay)
    most = ceilings[stay].caps.highs
    var placesOfMain: [[Int]] = []
    if let axis = stay.firstIndex(of: .mainDiagnosis) {
      placesOfMain = Array(repeating: [], count: release.size(.mainDiagnosis))
      for place in most.indices { placesOfMain[places.categories(place)[axis]].append(place) }
    }
    self.placesOfMain = placesOfMain
    targets = release.profiles.flatMap { [places] in $0.tell(stay) ? $0.places(places) : nil }
    if stay.contains(.mainDiagnosis) { return }
    let withMain = release.places(stay + [.mainDiagnosis])
    guard let lows = ceilings.lows(withMain) else { return }
    var least = [[Int]](repeating: most.map { _ in 0 }, count: release.size(.mainDiagnosis))
    for (place, low) in lows.enumerated() where low > 0 {
      let (target, main) = place.quotientAndRemainder(dividingBy: release.size(.mainDiagnosis))
      least[main][target] = low
    }
    self.least = least
  }

  /// The bounds, without those that the true counts break.
  func highs(of code: Int, _ release: AttackedRelease) -> [Int]? {
    guard var highs = allHighs(of: code, release) else { return nil }
    if let targets, highs != most {
      var truth = [Int](repeating: 0, count: most.count)
      for (profile, count) in release.profiles?.counts(.diagnosis, code) ?? [:] { truth[targets[profile]] += count }
      for place in highs.indices where truth[place] > highs[place] { highs[place] = most[place] }
    }
    return highs
  }

  private func allHighs(of code: Int, _ release: AttackedRelease) -> [Int]? {
    let main = release.mainDiagnosis(excluding: code)
    let impossible = [main, release.number(of: missingCategory, .mainDiagnosis)].compactMap { $0 }
    if stay.contains(.mainDiagnosis) {
      var highs = most
      for place in impossible.flatMap({ placesOfMain[$0] }) { highs[place] = 0 }
      return highs
    }
    return least.map { least in
      most.indices.map { place in
        most[place] < CountSystem.unlimited
          ? impossible.reduce(most[place]) { max(0, $0 - least[$1][place]) } : most[place]
      }
    }
  }
}

/// What the bands of an attribute's number of codes allow, for one set of stays.
private struct BandedStay {
  let stay: [Attribute]
  private let rooms: [BandRoom]
  let counts: (_ code: Int) -> [Int]
  private let knowsTruth: Bool

  /// nil if nothing tells how many admissions are in each band.
  init?(_ release: AttackedRelease, _ attribute: Attribute, _ stay: [Attribute]) {
    self.stay = stay
    let places = release.places(stay)
    knowsTruth = release.knowsTruth
    guard let bands = release.bands(attribute, at: places) else { return nil }
    if let profiles = release.profiles {
      guard profiles.tell(stay) else { return nil }
      rooms = zip(bands, profiles.counts(attribute, at: places)).map { BandRoom($0, $1) }
      let targets = profiles.places(places)
      counts = { code in
        var counts = [Int](repeating: 0, count: places.count)
        for (profile, admissions) in profiles.counts(attribute, code) { counts[targets[profile]] += admissions }
        return counts
      }
    } else {
      let published = release.publishedCounts(attribute, at: places)
      rooms = bands.indices.map { place in
        BandRoom(bands[place], published.values.map { $0[place] }.filter { $0 > 0 })
      }
      counts = { published[$0] ?? Array(repeating: 0, count: places.count) }
    }
  }

  func bounds(of code: Int) -> [(low: Int, high: Int)] {
    zip(rooms, counts(code)).map { room, count in
      (low: knowsTruth ? count - room.fewer(count) : 0, high: max(1, count + room.more(count)))
    }
  }
}

extension AttackedRelease {
  /// For each place, how many admissions are in each band of an attribute's number of codes. nil if no table tells; an
  /// outsider needs one with nothing withheld.
  fileprivate func bands(_ attribute: Attribute, at places: Places) -> [[BandEnds: Int]]? {
    guard let band = attribute.countBand else { return nil }
    let wanted = Set(places.attributes + [band])
    let table = tables.first { table in
      table.codes.isEmpty && !table.isCeiling && wanted.isSubset(of: table.stay)
        && (knowsTruth || table.isWhole && roundTo == nil)
    }
    guard let table else { return nil }
    let own = self.places(table.stay)
    let targets = own.projection(to: places)
    let axis = own.attributes.firstIndex(of: band) ?? 0
    let ends = ends(of: band, attribute)
    var counts = [[BandEnds: Int]](repeating: [:], count: places.count)
    for cell in table.cells {
      counts[targets[cell.stay]][ends[own.categories(cell.stay)[axis]], default: 0] += cell.admissions
    }
    return counts
  }
}
