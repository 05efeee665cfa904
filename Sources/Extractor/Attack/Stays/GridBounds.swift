internal import CountSolver
internal import Shared

/// Reads a system of sums.
extension GridSystem {
  /// The name of a place in a report.
  func title(_ layer: Int, _ place: Int) -> String {
    let parts = [release.title(layers[layer].places, place, codes), code].filter { !$0.isEmpty }
    return parts.isEmpty ? "all admissions" : parts.joined(separator: ", ")
  }

  /// Lower and upper bounds at each place of a set of attributes; nil if no layer contains all these attributes.
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

extension GridSystem.Bounds {
  /// Bounds that other releases of the same records give.
  init(_ known: KnownSums) {
    self.init()
    low = known.lows
    // Sums with only an upper bound are part of the system too.
    for attributes in known.highs.keys where low[attributes] == nil { low[attributes] = [:] }
    setHighs(known.highs)
  }

  /// - Parameter highs: the largest count of each place that has one, by attributes.
  mutating func setHighs(_ highs: [[Attribute]: [Int: Int]]) {
    high = { places in
      highs[places.attributes].map { known in (0..<places.count).map { known[$0] ?? CountSystem.unlimited } }
    }
  }
}
