internal import Shared

/// One difference between two policies, in words.
struct PolicyChange: Equatable, Sendable {
  let direction: Direction
  let text: String

  enum Direction: String, CaseIterable, Sendable {
    case weaker = "weaker (more can be published)"
    case stronger = "stronger (less can be published)"
    case other = "changed, for a person to judge"
  }
}

/// All differences between an old and a new policy, each with whether it weakens or strengthens protection.
///
/// Claim: if this finds no difference, both policies publish the same tables from the same records. Titles, owners and
/// comments are not compared.
func differences(from old: Policy, to new: Policy) -> [PolicyChange] {
  seriesChanges(old, new) + cohortChanges(old.cohort, new.cohort) + protectionChanges(old.protection, new.protection)
    + noiseChanges(old.protection.noise, new.protection.noise) + releaseChanges(old, new)
}

private func seriesChanges(_ old: Policy, _ new: Policy) -> [PolicyChange] {
  guard let reason = new.newSeries, reason != old.newSeries else { return [] }
  return [
    PolicyChange(
      direction: .weaker, text: "releases begin a new series, not compared with earlier releases: \(reason)")
  ]
}

/// The change in a number; empty if it did not change.
///
/// - Parameter direction: whether a smaller number makes the policy weaker or stronger; a larger one does the opposite.
///   If it is `other`, every change is `other`.
private func change(
  _ what: String, _ old: Int, _ new: Int, lessIs direction: PolicyChange.Direction
) -> [PolicyChange] {
  if old == new { return [] }
  let opposite: PolicyChange.Direction = direction == .weaker ? .stronger : .weaker
  return [
    PolicyChange(
      direction: direction == .other ? .other : new < old ? direction : opposite,
      text: "\(what): was \(old), now \(new)"
    )
  ]
}

private func cohortChanges(_ old: Policy.Cohort, _ new: Policy.Cohort) -> [PolicyChange] {
  var changes = change("minimum age of counted patients", old.minimumAge, new.minimumAge, lessIs: .other)
  if Set(old.excludedAdmissionTypes) != Set(new.excludedAdmissionTypes) {
    func list(_ types: [String]) -> String { types.isEmpty ? "none" : types.inByteOrder().joined(separator: ", ") }
    changes.append(
      PolicyChange(
        direction: .other,
        text:
          "excluded admission types: was \(list(old.excludedAdmissionTypes)), now \(list(new.excludedAdmissionTypes))"
      ))
  }
  return changes
}

private func protectionChanges(_ old: Policy.Protection, _ new: Policy.Protection) -> [PolicyChange] {
  var changes =
    change("patients that a cell needs", old.minimumPatients, new.minimumPatients, lessIs: .weaker)
    + change("age at which the top band starts", old.topCodeAge, new.topCodeAge, lessIs: .stronger)
    + change("people who must approve the policy", old.approvals, new.approvals, lessIs: .weaker)
  if old.roundTo != new.roundTo {
    changes.append(
      PolicyChange(
        direction: new.roundTo == nil ? .weaker : .stronger,
        text: new.roundTo.map { "counts are rounded to the nearest \($0)" } ?? "counts are exact, no longer rounded"
      ))
  }
  if old.publishesZeroCells != new.publishesZeroCells {
    changes.append(
      PolicyChange(
        direction: new.publishesZeroCells ? .weaker : .stronger,
        text: new.publishesZeroCells
          ? "empty cells with public categories are published as 0"
          : "empty cells look like cells with too few patients"))
  }
  if old.rollsUpCodes != new.rollsUpCodes {
    changes.append(
      PolicyChange(
        direction: .other,
        text: new.rollsUpCodes
          ? "rare codes are rolled up into groups" : "rare codes are withheld, not rolled up into groups"))
  }
  return changes
}

private func noiseChanges(_ old: Policy.Noise?, _ new: Policy.Noise?) -> [PolicyChange] {
  guard let old, let new else {
    if (old == nil) == (new == nil) { return [] }
    return [
      PolicyChange(
        direction: .other,
        text: new == nil
          ? "counts carry no noise, and cells with too few patients are withheld"
          : "every count carries noise, and no cell is withheld for its number of patients"
      )
    ]
  }
  func epsilon(_ what: String, _ old: Epsilon, _ new: Epsilon) -> [PolicyChange] {
    old == new
      ? []
      : [PolicyChange(direction: old < new ? .weaker : .stronger, text: "\(what): was \(old.text), now \(new.text)")]
  }
  let changes =
    epsilon("epsilon of each release", old.epsilon, new.epsilon)
    + epsilon("epsilon budget of all releases", old.budget, new.budget)
    + change("admissions counted per patient", old.admissionsPerPatient, new.admissionsPerPatient, lessIs: .other)
    + change("codes counted per admission", old.codesPerAdmission, new.codesPerAdmission, lessIs: .other)
  return old.categories == new.categories
    ? changes : changes + [PolicyChange(direction: .other, text: "the categories declared public differ")]
}

private func releaseChanges(_ old: Policy, _ new: Policy) -> [PolicyChange] {
  var changes: [PolicyChange] = []
  for table in new.release {
    guard let before = old.release.first(where: { Set($0.attributes) == Set(table.attributes) }) else {
      changes.append(PolicyChange(direction: .weaker, text: "the table \(table.name) may be published"))
      continue
    }
    if before.top != table.top {
      let isMore = (table.top ?? .max) > (before.top ?? .max)
      func text(_ top: Int?) -> String { top.map { "the \($0) most frequent codes" } ?? "all codes" }
      changes.append(
        PolicyChange(
          direction: isMore ? .weaker : .stronger,
          text: "\(table.name): was \(text(before.top)), now \(text(table.top))"
        ))
    }
    if before.weight != table.weight, new.protection.noise != nil {
      changes += change("\(table.name): weight", before.weight, table.weight, lessIs: .other)
    }
  }
  for table in old.release where !new.release.contains(where: { Set($0.attributes) == Set(table.attributes) }) {
    changes.append(PolicyChange(direction: .stronger, text: "the table \(table.name) is no longer published"))
  }
  if old.labBins != new.labBins {
    changes.append(PolicyChange(direction: .other, text: "the bins of laboratory values differ"))
  }
  for attribute in Policy.banded where old.bands(of: attribute) != new.bands(of: attribute) {
    changes.append(PolicyChange(direction: .other, text: "the bands of \(attribute.rawValue) differ"))
  }
  if old.realCategories != new.realCategories {
    changes.append(PolicyChange(direction: .other, text: "the words that are real categories differ"))
  }
  return changes
}
