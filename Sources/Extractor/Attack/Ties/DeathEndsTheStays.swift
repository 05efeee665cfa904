internal import Shared

extension Tie {
  /// A patient who dies during an admission has no later one: for each admission number, the patients who died and
  /// those who were admitted again are different patients.
  ///
  /// Limit: applies only to admission numbers with a band of their own, because a wider band can count several
  /// admissions of the same patient.
  static let deathEndsTheStays = Tie(
    name: "death ends the stays", sentence: "A patient who died during an admission has no later admission."
  ) { tables, release in
    let (number, death) = (Attribute.admissionNumberBand, Attribute.diedInHospital)
    guard let died = release.number(of: "1", death) else { return [] }
    let bands = number.fixedBands ?? []
    // Attributes other than gender can differ from one admission to the next.
    let lasting = Set(contexts(of: [number, death], and: [number], in: tables).map { $0.intersection([.gender]) })
    var relations: [TiedCells] = []
    for cell in lasting.flatMap(release.combinations) {
      for (band, next) in zip(bands, bands.dropFirst()) where band.upper == band.lower && next.upper == next.lower {
        guard let own = release.number(of: band.label, number), let later = release.number(of: next.label, number)
        else { continue }
        relations.append(
          .atMost([cell.with([number: own, death: died]), cell.with([number: later])], cell.with([number: own])))
      }
    }
    return relations
  }
}
