internal import Shared

/// The codes of a group that are offered to a model for one patient.
struct MemberMenu: Sendable {
  let group: String
  let attribute: Attribute
  /// The patient, who must be able to have the codes.
  let draft: Draft
  /// Codes that the patient has already.
  let taken: Set<String>
  let seed: UInt64
  let stream: UInt64
}

extension GroupMembers {
  /// The ICD categories that a large group is first narrowed down to, with their shares of it. A category of which the
  /// patient can have a single code is offered as this code.
  ///
  /// - Parameter most: the most candidates of one question.
  /// - Returns: nil if one question is enough, because the patient can have few codes of the group or those of one
  ///   category only.
  func categories(_ menu: MemberMenu, most: Int) -> [Candidate]? {
    guard let members = members(of: menu.group, menu.attribute) else { return nil }
    if members.codes.count <= most { return nil }
    var random = SeededRandom(seed: menu.seed, stream: menu.stream, textHash("categories of \(menu.group)"))
    var drawn: [String: Candidate?] = [:]
    for _ in 0..<(16 * most) where drawn.count(where: { $0.value != nil }) < most {
      let code = members.codes[members.place(random.unit() * members.weight)]
      guard let category = CodeGroups.groups(of: code, menu.attribute).first, drawn[category] == nil else { continue }
      drawn.updateValue(candidate(category, of: open(menu, members, category)), forKey: category)
    }
    let candidates = drawn.inByteOrder().compactMap(\.value)
    if candidates.count < 2 { return nil }
    return Generator.menu(candidates, most: most, seed: menu.seed, stream: menu.stream)
  }

  /// Candidates for the code, with their shares.
  ///
  /// - Parameter category: the ICD category to which they belong; nil for the whole group.
  func codes(_ menu: MemberMenu, of category: String?, most: Int) -> [Candidate] {
    guard let category, let members = members(of: menu.group, menu.attribute) else {
      return candidates(
        Candidate(name: menu.group, share: 1), menu.attribute, for: menu.draft, most: most, seed: menu.seed,
        stream: menu.stream
      ).filter { !menu.taken.contains($0.name) }
    }
    let open = open(menu, members, category)
    let sum = open.reduce(0) { $0 + $1.share }
    let shares = open.map { Candidate(name: $0.name, share: $0.share / sum) }
    return Generator.menu(shares, most: most, seed: menu.seed, stream: menu.stream)
  }

  /// A category as a candidate; nil if the patient can have none of its codes.
  private func candidate(_ category: String, of codes: [Candidate]) -> Candidate? {
    guard codes.count != 1, let commonest = codes.max(by: { $0.share < $1.share }) else { return codes.first }
    return Candidate(name: category, share: codes.reduce(0) { $0 + $1.share }, example: commonest.name)
  }

  /// The codes of a category that the patient can have. They follow one another among the members.
  private func open(_ menu: MemberMenu, _ members: Members, _ category: String) -> [Candidate] {
    let prefix = String(category.dropLast())
    return members.places(from: prefix).compactMap { place in
      let code = members.codes[place]
      guard !menu.taken.contains(code), CodeLimits(of: code, menu.attribute).fit(menu.draft) else { return nil }
      return Candidate(name: code, share: members.weight(place) / members.weight)
    }
  }
}
