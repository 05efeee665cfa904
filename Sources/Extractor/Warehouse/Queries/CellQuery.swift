internal import Shared

/// The queries, one per result.
extension CountQuery {
  /// The SQL query for a result.
  mutating func text(_ result: CountedResult) -> String {
    switch result {
    case .checks: checks()
    case .table(let request): table(request)
    case .together(let attributes): together(attributes)
    case .titles(let group): titles(group)
    }
  }

  private mutating func table(_ request: Policy.TableRequest) -> String {
    let (stays, axes) = addAxes(request.attributes)
    let keys = axes.map(\.attribute.column)
    let all = addByPatient(
      "by_patient", "The number of admissions of each patient in each cell.", stays, axes, counts: [])
    var (joins, withouts) = ("", [String]())
    for axis in axes where axis.attribute.isMultiValued {
      let rest = axes.filter { $0.attribute != axis.attribute }
      let partition = rest.isEmpty ? "" : "PARTITION BY \(rest.map(\.category).joined(separator: ", "))"
      let people = "count(*) OVER (\(partition)) AS patients"
      let name = addByPatient(
        "any_\(axis.attribute.column)", "The same counts, ignoring \(axis.attribute.rawValue).", stays, rest,
        counts: [people]
      )
      let matches = (["subject_id"] + rest.map(\.attribute.column)).map { "\(name).\($0) = b.\($0)" }
      joins += "\nJOIN \(name) ON \(matches.joined(separator: " AND "))"
      withouts.append(
        "nullif(max(\(name).patients) - sum(CASE WHEN \(name).admissions = b.admissions THEN 1 ELSE 0 END), 0)")
    }
    let without = withouts.count > 1 ? "least(\(withouts.joined(separator: ",\n    ")))" : withouts.first ?? "NULL"
    let columns = keys.map { "b.\($0)" }
    add(
      "cells",
      withouts.isEmpty
        ? "Each cell: admissions, distinct patients, and the most admissions of any one patient."
        : "Each cell. patients_without counts the patients with an admission that lacks only one code of the cell.",
      "SELECT \(columns.joined(separator: ", ")),\n  sum(b.admissions) AS admissions, count(*) AS patients, "
        + "max(b.admissions) AS largest,\n  \(without) AS patients_without\nFROM \(all) b\(joins)\n"
        + "GROUP BY \(columns.joined(separator: ", "))")
    return text(
      .table(request),
      keys.map { Column(name: $0, type: dialect.text) } + [
        Column(name: "admissions", type: "bigint", heading: "count(*)"),
        Column(name: "patients", type: "bigint", heading: "count(DISTINCT subject_id)"),
        Column(name: "largest", type: "bigint"), Column(name: "patients_without", type: "bigint"),
      ], heading: stays, rows: "cells")
  }

  private struct Axis {
    let attribute: Attribute
    /// The step that the axis's categories come from.
    let step: String
    var category: String { "\(alias).\(attribute.isMultiValued ? "category" : attribute.column)" }
    var alias: String { attribute.isMultiValued ? "x_\(attribute.column)" : "s" }
  }

  private mutating func addAxes(_ attributes: [Attribute]) -> (stays: String, axes: [Axis]) {
    let stays = addStays(attributes.filter { !$0.isMultiValued })
    let axes = attributes.map { attribute in
      Axis(attribute: attribute, step: attribute.isMultiValued ? addCodes(attribute, of: stays) : stays)
    }
    return (stays, axes)
  }

  /// Adds a step that counts admissions by patient and by the axes.
  private mutating func addByPatient(
    _ name: String, _ comment: String, _ stays: String, _ axes: [Axis], counts: [String]
  ) -> String {
    let joins = axes.filter(\.attribute.isMultiValued).map {
      "\nJOIN \($0.step) \($0.alias) ON \($0.alias).hadm_id = s.hadm_id"
    }
    let columns = axes.map { "\($0.category) AS \($0.attribute.column)" }
    return add(
      name, comment,
      "SELECT \((["s.subject_id"] + columns + ["count(*) AS admissions"] + counts).joined(separator: ", "))\n"
        + "FROM \(stays) s\(joins.joined())\n"
        + "GROUP BY \((["s.subject_id"] + axes.map(\.category)).joined(separator: ", "))"
    )
  }

  private mutating func together(_ attributes: [Attribute]) -> String {
    let (stays, axes) = addAxes(attributes)
    let joins = axes.filter(\.attribute.isMultiValued).map {
      "\nJOIN \($0.step) \($0.alias) ON \($0.alias).hadm_id = s.hadm_id"
    }
    let columns = axes.map { $0.attribute.isMultiValued ? "\($0.category) AS \($0.attribute.column)" : $0.category }
    add(
      "cells",
      "Tables that share attributes imply more together than each alone. The attack needs these counts.",
      "SELECT \(columns.joined(separator: ", ")), count(*) AS admissions\nFROM \(stays) s\(joins.joined())\n"
        + "GROUP BY \(axes.map(\.category).joined(separator: ", "))"
    )
    return text(
      .together(attributes),
      axes.map { Column(name: $0.attribute.column, type: dialect.text) } + [
        Column(name: "admissions", type: "bigint", heading: "count(*)")
      ], heading: stays, rows: "cells")
  }

  private mutating func titles(_ group: String) -> String {
    let titles = addTitles(group)
    return text(
      .titles(group: group), [Column(name: "code", type: dialect.text), Column(name: "title", type: dialect.text)],
      heading: nil, rows: titles)
  }
}
