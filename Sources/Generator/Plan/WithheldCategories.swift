internal import Shared

extension Statistics {
  /// Adds a guess of what the tables of single-valued attributes withhold: for each attribute, a table that counts
  /// every admission.
  ///
  /// Without it, the published categories would take over the admissions of withheld ones. Their names are known if
  /// another table publishes them, the policy makes them public, or the source's documentation lists them. The
  /// admissions without a published category are shared among these; if no name is known, among the published
  /// categories. This discloses nothing, as it follows from the published tables.
  func withWithheldCategories() -> Statistics {
    var whole = self
    for attribute in Attribute.allCases where !attribute.isCode && !attribute.isEvaluated {
      let own = tables.filter { table in
        table.attributes.contains(attribute) && table.attributes.allSatisfy { !$0.isMultiValued }
      }
      guard !own.isEmpty, let guess = guessedMargin(attribute, own) else { continue }
      whole.tables.removeAll { $0.attributes == [attribute] }
      whole.tables.append(
        PublishedTable(
          attributes: [attribute], total: nil,
          cells: guess.inByteOrder().filter { $0.value > 0 }.map { PublishedCell(key: [$0.key], count: $0.value) },
          suppressed: []))
    }
    return whole
  }

  /// How many admissions have each category of the attribute; nil if the tables already count every admission, or if
  /// nothing is known about what they withhold.
  ///
  /// - Parameter own: the tables that count by this attribute and otherwise only by single-valued ones.
  private func guessedMargin(_ attribute: Attribute, _ own: [PublishedTable]) -> [String: Int]? {
    let margins = own.map { $0.margin(of: attribute) }
    if margins.contains(where: { $0.values.reduce(0, +) == admissions }) { return nil }
    let least = margins.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: max) }
    var counts: [String: Int] = [:]
    if let alone = own.first(where: { $0.attributes == [attribute] }) {
      counts = alone.margin(of: attribute)
    } else {
      for table in own { counts.merge(usualMargin(attribute, table), uniquingKeysWith: max) }
    }
    var left = admissions - counts.values.reduce(0, +)
    // Where a policy lists an attribute's categories, `other` counts all that are not listed.
    guard left > 0, !counts.isEmpty, counts[otherCategory] == nil else { return nil }
    for (name, count) in least.inByteOrder() where counts[name] == nil {
      counts[name] = min(count, left)
      left -= min(count, left)
    }
    let words = schema.words(of: attribute)
    let named = own.flatMap { table in
      table.attributes.firstIndex(of: attribute).map { axis in table.suppressed.map { $0[axis] } } ?? []
    }
    var weights: [String: Double] = [:]
    for name in Set(least.keys).union(named) where !margins.contains(where: { $0[name] ?? 0 > 0 }) {
      weights[name] = words.first { $0.word == name }?.share ?? 1
    }
    for (word, share) in words where counts[word] == nil { weights[word] = share }
    return weights.isEmpty ? nil : counts.merging(shared(left, by: weights)) { $0 + $1 }
  }

  /// How many admissions a table has in each published category of one of its attributes. Each withheld cell of such a
  /// category that can count anybody adds its usual count.
  private func usualMargin(_ attribute: Attribute, _ table: PublishedTable) -> [String: Int] {
    let margin = table.margin(of: attribute)
    guard table.attributes.count == 2, let axis = table.attributes.firstIndex(of: attribute) else { return margin }
    let shown = Set(table.cells.map { [$0.key[axis], $0.key[1 - axis]] })
    let others = Set((table.cells.map(\.key) + table.suppressed).map { $0[1 - axis] })
    return margin.reduce(into: [:]) { usual, entry in
      let withheld = others.filter { other in
        var draft = Draft(number: 0)
        draft.categories[table.attributes[1 - axis]] = other
        return !shown.contains([entry.key, other]) && implausibility(of: entry.key, attribute, in: draft) == nil
      }
      usual[entry.key] = entry.value + Int(usualWithheldCount) * withheld.count
    }
  }

  private func shared(_ admissions: Int, by weights: [String: Double]) -> [String: Int] {
    var (left, weight) = (Double(admissions), weights.values.reduce(0, +))
    return weights.inByteOrder().reduce(into: [:]) { counts, entry in
      let share = (left * entry.value / weight).rounded()
      counts[entry.key] = Int(share)
      left -= share
      weight -= entry.value
    }
  }
}

extension PublishedTable {
  fileprivate func margin(of attribute: Attribute) -> [String: Int] {
    guard let axis = attributes.firstIndex(of: attribute) else { return [:] }
    return cells.reduce(into: [:]) { $0[$1.key[axis], default: 0] += $1.count }
  }
}
