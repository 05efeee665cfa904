internal import Shared

extension Chain {
  /// Replaces each group and each further code among an attribute's choices with a real code, which counts as the
  /// sampler's choice. The random numbers depend on the admission alone, not on what else was drawn.
  ///
  /// - Parameter planned: the admission as planned; its other diagnoses can't become the main one.
  func nameGroups(_ attribute: Attribute, _ draft: inout Draft, _ planned: Draft? = nil) {
    guard GroupMembers.nameable.contains(attribute) else { return }
    var random = SeededRandom(seed: seed ^ textHash(attribute.rawValue), .groupMembers, of: draft.number)
    let members = sampler.members
    func isOpen(_ category: String) -> Bool { category == furtherCode || CodeGroups.isGroup(category, attribute) }
    if let group = draft.categories[attribute], isOpen(group) {
      draft.categories[attribute] = member(
        of: group, attribute, draft, without: planned?.codes[.diagnosis] ?? [], &random)
      draft.members[attribute] = [.sampler: 1]
    }
    guard let choices = draft.codes[attribute], choices.contains(where: isOpen) else { return }
    var taken = choices.filter { !isOpen($0) }
    if attribute == .diagnosis, let main = draft.categories[.mainDiagnosis] { taken.append(main) }
    // Further codes add no admission to a published cell: only groups that the admission has already, and codes that
    // no table counts.
    var sources = Set(choices.filter { $0 != furtherCode }.map { members.counted($0, attribute) })
      .filter { CodeGroups.isGroup($0, attribute) }.inByteOrder()
    if !members.publishesOther(attribute) { sources.append(otherCategory) }
    let weights = sources.map { members.members(of: $0, attribute)?.weight ?? 0 }
    draft.codes[attribute] = choices.compactMap { category in
      guard isOpen(category) else { return category }
      let source = category == furtherCode ? random.index(weights: weights).map { sources[$0] } : category
      guard let source, let code = member(of: source, attribute, draft, without: taken, &random) else { return nil }
      taken.append(code)
      draft.members[attribute, default: [:]][.sampler, default: 0] += 1
      return code
    }
  }

  /// Counts the codes that the model chose within groups.
  func countMembers(_ attribute: Attribute, _ draft: inout Draft, _ origin: Draft.Origin) {
    guard GroupMembers.nameable.contains(attribute) else { return }
    let chosen = draft.categories[attribute].map { [$0] } ?? draft.codes[attribute] ?? []
    let members = chosen.count { sampler.members.counted($0, attribute) != $0 }
    draft.members[attribute] = members > 0 ? [origin: members] : nil
  }

  /// A code of the group for the patient or, if the patient can have none, any of its codes that is not taken.
  private func member(
    of group: String, _ attribute: Attribute, _ draft: Draft, without taken: [String], _ random: inout SeededRandom
  ) -> String? {
    sampler.members.draw(group, attribute, for: draft, without: taken, &random)
      ?? sampler.members.draw(group, attribute, for: Draft(number: draft.number), without: taken, &random)
  }
}
