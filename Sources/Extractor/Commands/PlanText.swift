internal import Shared

extension ReleaseSummary {
  /// The plan in lines of at most 80 characters, as far as the names of tables allow, for people inside the hospital.
  /// Columns without a number above 0 are left out.
  ///
  /// - Parameter minimum: the policy's k.
  func planLines(minimum: Int) -> [String] {
    let columns = PlanColumn.all(minimum: minimum).filter { column in
      column.isAlwaysShown || losses.contains { column.count($0) > 0 }
    }
    var lines = ["source: \(schema.title)", "guarantee: \(guarantee)", ""]
    lines.append("  kept" + columns.map { $0.name.aligned(to: 9) }.joined() + "  table")
    for loss in losses {
      let share = loss.publishedShare.map { "\(Int(($0 * 100).rounded(.down))) %" } ?? "-"
      lines.append(
        share.aligned(to: 6) + columns.map { "\($0.count(loss))".aligned(to: 9) }.joined() + "  \(loss.table)")
    }
    lines += ["", "kept:    the share of admissions that are in published cells"]
    lines += columns.map { "\($0.name):\(String(repeating: " ", count: 8 - $0.name.count))\($0.meaning)" }
    if !tellsDiagnoses {
      lines += ["", "no synthetic admissions can be made from this release, which tells no diagnosis;"]
      lines += ["with roll-up-codes: true in the policy, rare diagnoses are counted in groups"]
    }
    if !tablesLeftOut.isEmpty { lines.append("") }
    lines += tablesLeftOut.map { "left out: \($0), because \(schema.title) has no data for it" }
    if !narrowest.isEmpty {
      lines += ["", "withheld cells, narrowest bounds first, as far as the attack had to look:"]
      lines += narrowest.map { "  \($0.line)" }
    }
    return lines
  }
}

/// A column of the plan.
private struct PlanColumn {
  let name: String
  let meaning: String
  var isAlwaysShown = false
  let count: (TableLoss) -> Int

  static func all(minimum: Int) -> [PlanColumn] {
    [
      PlanColumn(name: "leave", meaning: "cells that would be published", isAlwaysShown: true) { $0.publishedCells },
      PlanColumn(name: "few", meaning: "withheld: fewer than \(minimum) patients") { $0.smallCells },
      PlanColumn(name: "one", meaning: "withheld: one patient has more than half of the admissions") {
        $0.dominatedCells
      },
      PlanColumn(name: "all", meaning: "withheld: only a few patients lack the code") { $0.nearlyAllCells },
      PlanColumn(name: "top", meaning: "withheld: the code is beyond the table's top") { $0.cellsBeyondTop },
      PlanColumn(name: "before", meaning: "withheld: hardly changed since an earlier release") { $0.changedCells },
      PlanColumn(name: "protect", meaning: "withheld, because a withheld cell could be computed from it") {
        $0.complementaryCells
      },
    ]
  }
}

extension String {
  fileprivate func aligned(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
