internal import Shared

extension RunScore {
  /// The page for people: what is good, how good it could be, and where it is not.
  func html() -> String {
    let columns = tables.filter { $0.attributes.count == 1 }
    let pairs = tables.filter { $0.attributes.count > 1 }
    let facts = HTML.facts([
      ("Admissions", "\(counts.admissions)"),
      ("Model and variant", "\(settings.model.name), \(settings.variant.rawValue)"),
      ("Bundle", settings.bundle), ("Guarantee of the bundle", settings.guarantee),
      (
        "Validity",
        "\(validity.rows) rows: \(validity.isWhole ? "every key, code, type and time is right" : "there are faults, see below")"
      ),
      (
        "Contradictions",
        "\(counts.contradictions.values.reduce(0, +)) of \(counts.choices) categories and codes contradict sex, age, death or insurance"
      ),
      ("Admissions like another", "\(counts.doubles)"),
    ])
    let faults =
      validity.isWhole
      ? ""
      : HTML.section(
        "Faults",
        HTML.table(
          header: ["where", "rows"], rows: validity.faults.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value)"] }))
    let how = HTML.paragraph(
      "The bundle's published cells are the measure: the run's admissions are counted by the same tables. K-S is the largest difference of the "
        + "cumulative shares, TV half the sum of all differences, MMD the root of the sum of their squares; 0 is best, and K-S is never over TV. "
        + "A perfect sample is what as many draws from the table itself would have by chance; independent draws know each column and no pair."
    )
    return HTML.page(
      title: "How good the synthetic admissions are",
      facts + faults + how + HTML.section("Columns", scores(columns, isPairs: false))
        + HTML.section("Pairs", scores(pairs, isPairs: true))
        + HTML.section("k-anonymity of ethnicity and main diagnosis", violationTable())
        + HTML.section("Column by column", plots(columns)))
  }

  private func scores(_ tables: [TableScore], isPairs: Bool) -> String {
    HTML.table(
      header: ["table", "cells", "K-S", "TV", "MMD", "K-S of a perfect sample"]
        + (isPairs ? ["MMD of independent draws"] : []),
      rows: tables.map { table in
        [
          table.name, "\(table.pair.names.count)", Self.figure(table.distance.kolmogorovSmirnov),
          Self.figure(table.distance.totalVariation), Self.figure(table.distance.meanDiscrepancy),
          Self.figure(table.perfect.kolmogorovSmirnov),
        ] + (isPairs ? [table.independent.map { Self.figure($0.meanDiscrepancy) } ?? ""] : [])
      })
  }

  private func violationTable() -> String {
    HTML.table(
      header: ["combinations with fewer patients than", "this run", "as many independent draws", "a perfect sample"],
      rows: violations.map {
        ["\($0.k)", "\($0.made)", "\($0.independent)", $0.perfect.map { "\($0)" } ?? "not published"]
      })
  }

  private func plots(_ columns: [TableScore]) -> String {
    columns.map { table in
      if table.prevalences.count > 12 {
        let off = table.prevalences.filter { abs($0.deviations) > 3 }
        return HTML.section(
          table.name,
          HTML.scatter(
            table.prevalences.map { (x: $0.published, y: $0.made) }, xName: "share in the bundle",
            yName: "share in the run")
            + HTML.paragraph(
              "Each point is a code; on the line it comes as often as in the bundle. \(off.count) of \(table.prevalences.count) codes are more than three "
                + "standard errors away."))
      }
      let largest = zip(table.pair.names, zip(table.pair.published, table.pair.made)).sorted { $0.1.0 > $1.1.0 }.prefix(
        12)
      return HTML.section(table.name, HTML.pairedBars(largest.map { (label: $0, first: $1.0, second: $1.1) }))
    }.joined()
  }
}
