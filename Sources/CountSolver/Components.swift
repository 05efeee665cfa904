extension CountSystem {
  /// A part of the system that shares no unknown with the rest.
  package struct Component: Sendable {
    package var unknowns: [Int] = []
    package var sums: [Int] = []
    /// The total number of times that unknowns occur in sums.
    package var ties = 0

    /// Whether the part contains no ring of sums, so that narrowing gives the exact bounds.
    package var isTree: Bool { ties == unknowns.count + sums.count - 1 }

    /// The position of each unknown within the part.
    var places: [Int: Int] { Dictionary(uniqueKeysWithValues: unknowns.enumerated().map { ($1, $0) }) }
  }

  /// The connected parts of the system, without the unknowns that narrowing has settled.
  package func components() -> [Component] {
    var root = Array(unknowns.indices)
    func find(_ id: Int) -> Int {
      var id = id
      while root[id] != id {
        root[id] = root[root[id]]
        id = root[id]
      }
      return id
    }
    let open = sums.map { sum in sum.members.filter { !unknowns[$0].isKnown } }
    for members in open {
      guard let first = members.first else { continue }
      for id in members.dropFirst() { root[find(id)] = find(first) }
    }
    var numbers: [Int: Int] = [:]
    var components: [Component] = []
    func number(_ id: Int) -> Int {
      if let number = numbers[find(id)] { return number }
      numbers[find(id)] = components.count
      components.append(Component())
      return components.count - 1
    }
    for id in unknowns.indices where !unknowns[id].isKnown { components[number(id)].unknowns.append(id) }
    for (sum, members) in open.enumerated() {
      guard let first = members.first else { continue }
      let component = number(first)
      components[component].sums.append(sum)
      components[component].ties += members.count
    }
    return components
  }

  /// The component's sums as equations over its unknowns; settled unknowns are moved to the right side.
  package func equations(of component: Component) -> Equations {
    let places = component.places
    let rows = component.sums.map { number in
      let sum = sums[number]
      let isRepeating = Set(sum.members).count < sum.members.count
      var row = SolverRow(right: -sum.known)
      func add(_ id: Int, _ coefficient: Int) {
        if let column = places[id] {
          if isRepeating, let known = row.terms.firstIndex(where: { $0.column == column }) {
            row.terms[known].coefficient += coefficient
          } else {
            row.terms.append((column, coefficient))
          }
        } else {
          row.right -= coefficient * unknowns[id].low
        }
      }
      for id in sum.parts { add(id, 1) }
      switch sum.whole {
      case .known(let count): row.right += count
      case .unknown(let id): add(id, -1)
      }
      return row
    }
    return Equations(rows: rows, bounds: component.unknowns.map { unknowns[$0].low...unknowns[$0].high })
  }
}
