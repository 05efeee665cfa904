internal import Shared

/// The codes to distribute among a block of admissions in one step: all codes that the run's plan assigns to these
/// admissions. The model chooses which admission gets which code, and the plan distributes the rest. Whatever the model
/// answers, every count of the run is therefore as planned.
struct Stock: Sendable {
  /// For each attribute, the block's admissions, grouped by the stock that they share.
  private let shares: [Attribute: [Share]]
  /// The numbers of the block's admissions.
  private let numbers: [Int]

  /// Admissions that share a stock, by their place in the block.
  private struct Share: Sendable {
    let members: [Int]
    /// How many admissions must get each code.
    let quota: [String: Int]
  }

  /// Main diagnoses with fewer admissions than this share one stock, because alone they would offer too little choice.
  private static let fewest = 4

  init(_ fillings: [Filling], _ asked: [Attribute], _ sampler: Sampler) {
    numbers = fillings.map(\.draft.number)
    shares = asked.reduce(into: [:]) { shares, attribute in
      guard attribute.isMultiValued else { return }
      var groups: [String: [Int]] = [:]
      for (place, filling) in fillings.enumerated() {
        let main = filling.planned?.categories[.mainDiagnosis] ?? ""
        groups[sampler.knows(attribute, of: main) ? main : "", default: []].append(place)
      }
      let small = groups.filter { $0.value.count < Self.fewest }
      let mixed = small.values.flatMap(\.self).sorted()
      let whole = groups.filter { $0.value.count >= Self.fewest }.inByteOrder().map(\.value)
      shares[attribute] = (whole + (mixed.isEmpty ? [] : [mixed])).map { members in
        var quota: [String: Int] = [:]
        for member in members {
          let codes = fillings[member].planned?.codes[attribute] ?? []
          for code in codes where code != furtherCode { quota[code, default: 0] += 1 }
        }
        return Share(members: members, quota: quota)
      }
    }
  }

  /// The candidates for an admission: the codes of its stock, each with the share of admissions that get the code.
  func candidates(of number: Int) -> [Attribute: [Candidate]] {
    guard let place = numbers.firstIndex(of: number) else { return [:] }
    return shares.compactMapValues { shares in
      guard let share = shares.first(where: { $0.members.contains(place) }) else { return nil }
      return share.quota.inByteOrder().map {
        Candidate(name: $0.key, share: min(1, Double($0.value) / Double(share.members.count)))
      }
    }
  }

  /// Gives the model's choices to the admissions, as far as the stock allows. Starting from the plan, two admissions
  /// exchange codes if one wants a code that the other has and does not want. Every admission thus keeps its number of
  /// codes, and the block keeps its count of each code. A code within a group counts as the group.
  func balance(_ fillings: inout [Filling], _ step: Step, _ chain: Chain) {
    for (attribute, shares) in shares.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      for share in shares { balance(share, attribute, &fillings, step, chain) }
    }
  }

  private func balance(
    _ share: Share, _ attribute: Attribute, _ fillings: inout [Filling], _ step: Step, _ chain: Chain
  ) {
    var hands: [Int: Hand] = [:]
    for member in share.members {
      let draft = fillings[member].draft
      let isModels = [.model, .repaired].contains(draft.origins[step.name])
      hands[member] = Hand(
        fillings[member].planned?.codes[attribute] ?? [], wanted: isModels ? draft.codes[attribute] ?? [] : [],
        attribute, chain.sampler.members)
    }
    // Serve all first choices, then all second choices, and so on.
    for rank in 0..<(hands.values.map(\.wanted.count).max() ?? 0) {
      for member in share.members {
        guard let hand = hands[member], rank < hand.wanted.count else { continue }
        fulfil(hand.wanted[rank], for: member, share.members, attribute, &hands, fillings)
      }
    }
    for member in share.members {
      hands[member]?.settle(attribute, &fillings[member].draft, step)
      chain.nameGroups(attribute, &fillings[member].draft)
    }
  }

  /// One admission's codes while they are exchanged.
  private struct Hand {
    var codes: [String]
    let wanted: [String]
    /// The codes that the model chose within groups.
    private var names: [String: String] = [:]
    /// The codes that the admission both wants and has, in the order in which it got them.
    var kept: [String] = []

    init(_ codes: [String], wanted: [String], _ attribute: Attribute, _ members: GroupMembers) {
      self.codes = codes
      var counted: [String] = []
      for code in wanted {
        let category = members.counted(code, attribute)
        if counted.contains(category) { continue }
        counted.append(category)
        if category != code { names[category] = code }
      }
      self.wanted = counted
    }

    /// Puts the codes into the draft, with the model's choices first, and counts who chose them.
    func settle(_ attribute: Attribute, _ draft: inout Draft, _ step: Step) {
      let origin = draft.origins[step.name] ?? .sampler
      draft.replace(attribute, by: kept.map { names[$0] ?? $0 } + codes.filter { !kept.contains($0) })
      let isModels = origin == .model || origin == .repaired
      let lost = isModels ? min(wanted.count, codes.count) - kept.count : 0
      draft.choices[attribute] = nil
      draft.members[attribute] = nil
      let members = kept.count { names[$0] != nil }
      if members > 0 { draft.members[attribute] = [origin: members] }
      draft.count(attribute, origin, isModels ? kept.count : codes.count)
      draft.count(attribute, .balanced, max(0, lost))
      draft.count(attribute, .sampler, isModels ? codes.count - kept.count - max(0, lost) : 0)
    }
  }

  private func fulfil(
    _ code: String, for member: Int, _ members: [Int], _ attribute: Attribute, _ hands: inout [Int: Hand],
    _ fillings: [Filling]
  ) {
    guard let hand = hands[member], hand.kept.count < hand.codes.count else { return }
    if hand.codes.contains(code) {
      hands[member]?.kept.append(code)
      return
    }
    guard canHave(code, fillings[member].draft, attribute) else { return }
    let spare = hand.codes.indices.filter {
      !hand.kept.contains(hand.codes[$0]) && !hand.wanted.contains(hand.codes[$0])
    }
    for other in members where other != member {
      guard let theirs = hands[other], let place = theirs.codes.firstIndex(of: code), !theirs.kept.contains(code),
        !theirs.wanted.contains(code)
      else { continue }
      for own in spare {
        let given = hand.codes[own]
        guard !theirs.codes.contains(given), canHave(given, fillings[other].draft, attribute) else { continue }
        hands[other]?.codes[place] = given
        hands[member]?.codes[own] = code
        hands[member]?.kept.append(code)
        return
      }
    }
  }

  private func canHave(_ code: String, _ draft: Draft, _ attribute: Attribute) -> Bool {
    implausibility(of: code, attribute, in: draft) == nil
      && !(attribute == .diagnosis && draft.categories[.mainDiagnosis] == code)
  }
}

extension Draft {
  /// Replaces an attribute's codes and drops the orders of drugs that are no longer among them.
  fileprivate mutating func replace(_ attribute: Attribute, by list: [String]) {
    codes[attribute] = list
    if attribute == .drug { orders = orders.filter { list.contains($0.key) } }
  }
}
