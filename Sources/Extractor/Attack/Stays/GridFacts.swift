internal import Shared

/// What counts and bands tell without any solver.
extension GridSystem {
  /// For each place of a margin that no table counts by, whether the cells of some released table that add up to it are
  /// all published, so that anyone can add them.
  func toldSums(_ lower: Int) -> [Bool] {
    let margin = layers[lower].places
    var isTold = [Bool](repeating: false, count: margin.count)
    for layer in layers
    where layer.isReleased && Set(margin.attributes).isStrictSubset(of: layer.places.attributes) {
      var isPublished = [Bool](repeating: true, count: margin.count)
      for (place, target) in layer.places.projection(to: margin).enumerated()
      where layer.known[place] == nil && layer.cells[place] == nil {
        isPublished[target] = false
      }
      for place in isTold.indices where isPublished[place] { isTold[place] = true }
    }
    return isTold
  }

  /// The bands in which an admission has none of the table's codes, because it has no code of their kind.
  func closedBands(_ table: AttackedTable, _ places: Places) -> [(axis: Int, category: Int)] {
    table.codes.flatMap { attribute -> [(axis: Int, category: Int)] in
      guard let band = attribute.countBand, let axis = places.attributes.firstIndex(of: band) else { return [] }
      let ends = release.ends(of: band, attribute)
      return ends.indices.filter { ends[$0].high == 0 }.map { (axis: axis, category: $0) }
    }
  }

  /// Whether the withheld part of a sum is known to cover enough patients.
  func standsOnEnough(_ upper: Int, _ line: [Int], _ withheld: [Int], _ lower: Int, _ target: Int) -> Bool {
    guard release.knowsTruth else { return false }
    let largest = withheld.map { layers[upper].patients[$0] }.max() ?? 0
    let shown = line.reduce(0) { $0 + (layers[upper].isWithheld[$1] ? 0 : layers[upper].patients[$1]) }
    return max(largest, layers[lower].patients[target] - shown) >= release.minimumPatients
  }
}
