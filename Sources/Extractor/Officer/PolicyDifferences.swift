internal import Shared

/// One thing in which two policies differ, in words.
struct PolicyChange: Equatable, Sendable {
  let direction: Direction
  let text: String

  enum Direction: String, CaseIterable, Sendable {
    case weaker = "weaker, more can leave"
    case stronger = "stronger, less can leave"
    case other = "other, to be judged by a person"
  }
}

/// What a new policy protects less, and what more, than an old one.
///
/// Claim: two policies without a difference let the same tables out of the same records, but for their titles and comments.
func differences(from old: Policy, to new: Policy) -> [PolicyChange] {
  cohortChanges(old.cohort, new.cohort) + protectionChanges(old.protection, new.protection)
    + noiseChanges(old.protection.noise, new.protection.noise) + releaseChanges(old, new)
}

/// A number of which less, or more, protects better.
private func change(
  _ what: String, _ old: Int, _ new: Int, lessIs direction: PolicyChange.Direction
) -> [PolicyChange] {
  if old == new { return [] }
  let opposite: PolicyChange.Direction = direction == .weaker ? .stronger : .weaker
  return [
    PolicyChange(
      direction: direction == .other ? .other : new < old ? direction : opposite, text: "\(what): \(old) becomes \(new)"
    )
  ]
}

private func cohortChanges(_ old: Policy.Cohort, _ new: Policy.Cohort) -> [PolicyChange] {
  var changes = change("age of the youngest patients that are counted", old.minimumAge, new.minimumAge, lessIs: .other)
  if Set(old.excludedAdmissionTypes) != Set(new.excludedAdmissionTypes) {
    func list(_ types: [String]) -> String { types.isEmpty ? "none" : types.sorted().joined(separator: ", ") }
    changes.append(
      PolicyChange(
        direction: .other,
        text:
          "admission types that are left out: \(list(old.excludedAdmissionTypes)) becomes \(list(new.excludedAdmissionTypes))"
      ))
  }
  return changes
}

private func protectionChanges(_ old: Policy.Protection, _ new: Policy.Protection) -> [PolicyChange] {
  var changes =
    change("patients that a cell needs", old.minimumPatients, new.minimumPatients, lessIs: .weaker)
    + change("age from which all are one band", old.topCodeAge, new.topCodeAge, lessIs: .stronger)
    + change("people who must approve the policy", old.approvals, new.approvals, lessIs: .weaker)
  if old.roundTo != new.roundTo {
    changes.append(
      PolicyChange(
        direction: new.roundTo == nil ? .weaker : .stronger,
        text: new.roundTo.map { "counts are rounded to the nearest \($0)" } ?? "counts are exact, and no longer rounded"
      ))
  }
  if old.publishesZeroCells != new.publishesZeroCells {
    changes.append(
      PolicyChange(
        direction: new.publishesZeroCells ? .weaker : .stronger,
        text: new.publishesZeroCells
          ? "empty cells with public categories leave as 0" : "empty cells look like those with too few patients"))
  }
  if old.rollsUpCodes != new.rollsUpCodes {
    changes.append(
      PolicyChange(
        direction: .other,
        text: new.rollsUpCodes
          ? "rare codes leave, counted in groups" : "rare codes stay inside, and are not counted in groups"))
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
          ? "cells are withheld by their number of patients, and carry no noise"
          : "every count carries noise, and none is withheld for its patients"
      )
    ]
  }
  func epsilon(_ what: String, _ old: Epsilon, _ new: Epsilon) -> [PolicyChange] {
    old == new
      ? []
      : [PolicyChange(direction: old < new ? .weaker : .stronger, text: "\(what): \(old.text) becomes \(new.text)")]
  }
  let changes =
    epsilon("epsilon of a release", old.epsilon, new.epsilon)
    + epsilon("budget of all releases", old.budget, new.budget)
    + change("admissions of a patient that count", old.admissionsPerPatient, new.admissionsPerPatient, lessIs: .other)
    + change("codes of an admission that count", old.codesPerAdmission, new.codesPerAdmission, lessIs: .other)
  return old.categories == new.categories
    ? changes : changes + [PolicyChange(direction: .other, text: "the categories that are declared public differ")]
}

private func releaseChanges(_ old: Policy, _ new: Policy) -> [PolicyChange] {
  var changes: [PolicyChange] = []
  for table in new.release {
    guard let before = old.release.first(where: { Set($0.attributes) == Set(table.attributes) }) else {
      changes.append(PolicyChange(direction: .weaker, text: "the table \(table.name) may leave"))
      continue
    }
    if before.top != table.top {
      let isMore = (table.top ?? .max) > (before.top ?? .max)
      func text(_ top: Int?) -> String { top.map { "the \($0) most frequent codes" } ?? "all codes" }
      changes.append(
        PolicyChange(
          direction: isMore ? .weaker : .stronger, text: "\(table.name): \(text(before.top)) becomes \(text(table.top))"
        ))
    }
    if before.weight != table.weight, new.protection.noise != nil {
      changes += change("\(table.name): weight", before.weight, table.weight, lessIs: .other)
    }
  }
  for table in old.release where !new.release.contains(where: { Set($0.attributes) == Set(table.attributes) }) {
    changes.append(PolicyChange(direction: .stronger, text: "the table \(table.name) no longer leaves"))
  }
  if old.labBins != new.labBins {
    changes.append(PolicyChange(direction: .other, text: "the bins of laboratory values differ"))
  }
  return changes
}
