internal import Shared

extension ReleaseSummary {
  /// The plan as a page for people inside the hospital: what would leave, what would not, and why.
  func html(under policy: Policy) -> String {
    HTML.page(
      title: "What would leave, and what would not: stays in the hospital",
      HTML.verdict(verdict)
        + HTML.paragraph(
          "This page names cells that must not leave, with their exact counts. Keep it inside the hospital; "
            + "review.html in the bundle is the page for everyone else.")
        + HTML.facts([
          ("Policy", "\(policy.title) (\(policy.owner))"), ("Source", schema.title), ("Guarantee", guarantee),
        ]) + (notes.isEmpty ? "" : HTML.section("Notes", HTML.list(notes)))
        + HTML.section("What each table keeps", chart)
        + HTML.section("What a change would bring", HTML.list(changes(policy)))
        + HTML.section(
          "Table by table",
          HTML.openAll + losses.map { HTML.folded(id: $0.anchor, $0.overview, $0.content(policy)) }.joined())
        + (narrowest.isEmpty
          ? ""
          : HTML.section(
            "The narrowest bounds",
            HTML.paragraph(
              "The withheld cells that an outsider with every published count could bound most closely, as far as the "
                + "attack had to look:") + HTML.list(narrowest.map(\.line)))))
  }

  /// What a reader should know first.
  private var verdict: [String] {
    let counts = losses.reduce(0) { $0 + $1.publishedCells }
    let shares = losses.compactMap(\.publishedShare)
    let poor = losses.count { $0.publishedShare ?? 1 < 0.8 }
    var lines = ["\(losses.count) tables with \(counts) counts would leave."]
    if !shares.isEmpty {
      let mean = shares.reduce(0, +) / Double(shares.count)
      lines.append(
        "On average, the published cells of a table hold \(percent(mean)) of its admissions; "
          + (poor == 0 ? "every table keeps at least 80 %." : "\(poor) tables keep less than 80 %."))
    }
    lines.append(
      tellsDiagnoses
        ? "Synthetic admissions can be made from this release."
        : "No synthetic admissions can be made from this release, which tells no diagnosis: with roll-up-codes: true "
          + "in the policy, rare diagnoses are counted in groups.")
    return lines
  }

  private var chart: String {
    HTML.paragraph("The share of a table's admissions that its published cells hold, in percent:")
      + HTML.bars(
        losses.map { (label: $0.table, value: Int(100 * ($0.publishedShare ?? 0))) },
        name: "the share of admissions that each table keeps, in percent")
  }

  /// What would keep more, from the reasons for which cells are withheld.
  private func changes(_ policy: Policy) -> [String] {
    func tables(_ reason: Verdict.Reason) -> [(name: String, share: Double)] {
      losses.map { (name: $0.table, share: $0.withheldShares[reason] ?? 0) }.filter { $0.share >= 0.05 }
        .sorted { ($1.share, $0.name) < ($0.share, $1.name) }
    }
    func line(_ reason: Verdict.Reason, _ advice: String) -> String? {
      let found = tables(reason)
      if found.isEmpty { return nil }
      let named = found.prefix(5).map { "\($0.name) (\(percent($0.share)))" }.joined(separator: ", ")
      return "\(advice) This concerns \(named)\(found.count > 5 ? " and \(found.count - 5) more tables" : "")."
    }
    let rollUp = policy.protection.rollsUpCodes || policy.protection.noise != nil ? "" : ", or roll-up-codes: true,"
    let lines = [
      line(
        .tooFewPatients,
        "A table with fewer attributes, wider bands (bands in the policy)\(rollUp) would lose less to cells with too "
          + "few patients."),
      line(.beyondTop, "A larger top would keep codes that are beyond it now."),
      line(
        .wouldExposeAnother,
        "Leaving out a table that shares attributes with these would make fewer cells necessary to protect others."),
      line(.changedTooLittle, "A later release would tell more about what has hardly changed since the last one."),
    ].compactMap(\.self)
    return lines.isEmpty ? ["No change of the policy would keep 5 % more of any table's admissions."] : lines
  }
}

extension TableLoss {
  fileprivate var anchor: String { table.replacing(" ", with: "-") }

  fileprivate var overview: String {
    "\(table): \(publishedShare.map { percent($0) } ?? "no admission") kept, "
      + (publishedCells == 1 ? "1 count" : "\(publishedCells) counts")
  }

  fileprivate func content(_ policy: Policy) -> String {
    let k = policy.protection.minimumPatients
    if policy.protection.noise != nil {
      return HTML.paragraph(
        "Every possible cell gets noise, and is left out if its count with the noise is less than \(k) or its code is "
          + "beyond the top. Which cells these are differs from release to release.")
    }
    if largestWithheld.isEmpty { return HTML.paragraph("Every cell would leave.") }
    let withheld = smallCells + dominatedCells + nearlyAllCells + cellsBeyondTop + changedCells + complementaryCells
    let shown =
      largestWithheld.count < withheld ? "The \(largestWithheld.count) largest of \(withheld)" : "All \(withheld)"
    return HTML.paragraph("\(shown) withheld cells:")
      + HTML.table(
        header: ["cell", "why it is withheld", "patients", "admissions"], words: 2,
        rows: largestWithheld.map { cell in
          [cell.key.joined(separator: ", "), cell.reason.sentence(k), "\(cell.patients)", "\(cell.admissions)"]
        })
  }
}

extension Verdict.Reason {
  /// Why a cell is withheld, for people.
  fileprivate func sentence(_ minimum: Int) -> String {
    switch self {
    case .tooFewPatients: "it covers fewer than \(minimum) patients"
    case .onePatientDominates: "one patient has more than half of its admissions"
    case .tooFewWithout: "only a few patients lack the code"
    case .emptyCell: "it is empty"
    case .beyondTop: "its code is beyond the table's top"
    case .changedTooLittle: "it has hardly changed since an earlier release"
    case .notInPolicy: "the policy does not publish the table"
    case .wouldExposeAnother: "a withheld cell could be computed from it"
    }
  }
}

private func percent(_ share: Double) -> String { "\(Int((100 * share).rounded(.down))) %" }
