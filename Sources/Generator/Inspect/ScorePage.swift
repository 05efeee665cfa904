internal import Shared

extension RunScore {
  /// The page for people: the scores, the baselines to compare them with, and any faults.
  func html() -> String {
    let columns = tables.filter { $0.attributes.count == 1 }
    let pairs = tables.filter { $0.attributes.count > 1 }
    let facts = HTML.facts([
      ("Admissions", "\(counts.admissions)"),
      ("Model and variant", "\(settings.model.name), \(settings.variant.rawValue)"),
      ("Bundle", settings.bundle), ("Guarantee of the bundle", settings.guarantee),
      (
        "Validity",
        "\(validity.rows) rows: "
          + (validity.isWhole ? "every key, code, type and time is valid" : "there are faults, see below")
      ),
      (
        "Contradictions",
        "\(counts.contradictions.values.reduce(0, +)) of \(counts.choices) categories and codes "
          + "contradict the sex, age, death or insurance of their admission"
      ),
      ("Duplicate admissions", "\(counts.doubles)"),
    ])
    let faults =
      validity.isWhole
      ? ""
      : HTML.section(
        "Faults",
        HTML.table(
          header: ["where", "rows"], rows: validity.faults.inByteOrder().map { [$0.key, "\($0.value)"] }))
    return HTML.page(
      title: "Quality of the synthetic admissions",
      HTML.verdict((verdict + coverageLines).map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }) + facts
        + HTML.links([
          ("report.html", "who made each choice"), ("score.json", "these scores for programs"),
          ("tables/", "the tables"),
        ]) + faults + HTML.section("Table by table", overview(tables))
        + HTML.section("Column by column", plots(columns))
        + HTML.section("All figures of columns", how + scores(columns, isPairs: false))
        + HTML.section("All figures of pairs", scores(pairs, isPairs: true))
        + HTML.section("k-anonymity of ethnicity and main diagnosis", rareCombinations()))
  }

  /// What the figures in the tables mean.
  private var how: String {
    HTML.paragraph(
      "The run's admissions are counted in the bundle's tables and compared with its published cells. K-S is the "
        + "largest difference between the cumulative shares, TV (total variation) is half the sum of the absolute "
        + "differences between the shares, and MMD is the square root of the sum of their squares. 0 is best, and K-S "
        + "never exceeds TV. A perfect sample is the same number of draws from the published table itself, which "
        + "differ only by chance. Independent draws follow each column of the bundle, but no relation between columns. "
        + "The column \"covers\" says what part of the admissions the bundle's published cells count; where that is "
        + "little, the run is compared with little. It is empty for tables of codes, of which an admission has several."
    )
  }

  /// How far each table is from the bundle, beside a perfect sample: the tables that are furthest beyond chance first.
  private func overview(_ tables: [TableScore]) -> String {
    let shown = tables.sorted { ($1.beyondChance, $0.name) < ($0.beyondChance, $1.name) }.prefix(15)
    let which = shown.count < tables.count ? "the \(shown.count) of \(tables.count) tables" : "all tables"
    return HTML.paragraph(
      "Total variation is the share of the run's admissions that would have to change to match a table. The chart "
        + "shows \(which) where the run is furthest beyond chance, with ✓ where it is as close as chance allows and ✗ "
        + "where it isn't: at most 1.5 times a perfect sample's total variation, or at most 0.005, counts as chance. ◐ "
        + "stands for ✓ where the table covers less than 80 % of the admissions, so that the rest is guessed.")
      + HTML.pairedBars(
        shown.map { table in
          (
            label: "\(table.mark) \(table.name)", first: table.perfect.totalVariation,
            second: table.distance.totalVariation
          )
        }, first: "a perfect sample", second: "this run", name: "total variation of each table")
  }

  private func scores(_ tables: [TableScore], isPairs: Bool) -> String {
    HTML.table(
      header: ["table", "cells", "covers", "K-S", "TV", "MMD", "TV of a perfect sample"]
        + (isPairs ? ["MMD of independent draws"] : []),
      rows: tables.map { table in
        [
          table.name, "\(table.pair.names.count)",
          table.coverage.map { "\(Int((100 * $0).rounded())) %\($0 < Self.fairCoverage ? " (little)" : "")" } ?? "",
          Self.figure(table.distance.kolmogorovSmirnov),
          Self.figure(table.distance.totalVariation), Self.figure(table.distance.meanDiscrepancy),
          Self.figure(table.perfect.totalVariation),
        ] + (isPairs ? [table.independent.map { Self.figure($0.meanDiscrepancy) } ?? ""] : [])
      })
  }

  private func rareCombinations() -> String {
    let what = HTML.paragraph(
      "Patients whose combination of ethnicity and main diagnosis is rare are easier to recognise in real data. As the "
        + "patients here are synthetic, the numbers only show whether rare combinations occur as often as in a perfect "
        + "sample of the bundle's table, or, without such a table, as in independent draws of both columns."
    )
    let isEmpty = violations.allSatisfy { $0.made == 0 && $0.independent == 0 && $0.perfect ?? 0 == 0 }
    if isEmpty { return what + HTML.paragraph("No combination has fewer than 15 patients, here or in the baselines.") }
    return what
      + HTML.table(
        header: ["combinations with fewer patients than", "this run", "independent draws", "a perfect sample"],
        rows: violations.map {
          ["\($0.k)", "\($0.made)", "\($0.independent)", $0.perfect.map { "\($0)" } ?? "not published"]
        })
  }

  private func plots(_ columns: [TableScore]) -> String {
    columns.map { table in
      if table.prevalences.count > 12 {
        let off = table.prevalences.filter { abs($0.deviations) > 3 }
        return HTML.subsection(
          table.name,
          HTML.scatter(
            table.prevalences.map { (x: $0.published, y: $0.made) }, xName: "share in the bundle",
            yName: "share in the run")
            + HTML.paragraph(
              "Each point is a code. A code on the line is as frequent in the run as in the bundle. \(off.count) of "
                + "\(table.prevalences.count) codes are more than three standard errors away from it."
                + (table.prevalenceFit.map { " R² is \(Self.figure($0)); 1 would be perfect." } ?? "")))
      }
      let largest = zip(table.pair.names, zip(table.pair.published, table.pair.made)).sorted { $0.1.0 > $1.1.0 }.prefix(
        12)
      return HTML.subsection(
        table.name,
        HTML.pairedBars(
          largest.map { (label: $0, first: $1.0, second: $1.1) }, first: "bundle", second: "run",
          name: "shares in the bundle and in the run"))
    }.joined()
  }
}

extension TableScore {
  fileprivate var mark: String {
    if !isClose { return "✗" }
    return coverage ?? 1 < RunScore.fairCoverage ? "◐" : "✓"
  }

  /// How many times a perfect sample's total variation the run's is; small differences count little.
  fileprivate var beyondChance: Double { distance.totalVariation / max(perfect.totalVariation, 0.005) }
}
