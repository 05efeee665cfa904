internal import Shared

extension DataReport {
  /// The page for the hospital's data manager.
  func html() -> String {
    HTML.page(
      title: "What was read: must stay in the hospital",
      HTML.paragraph(
        "This page holds exact figures about real records, which no policy protects. It shows what the extractor found "
          + "in the exported tables, so that mistakes of the export are seen before anything is signed.")
        + HTML.facts([
          ("Source", schema.title), ("Admissions in the policy's cohort", "\(admissions)"),
          ("Patients with such an admission", "\(patients)"),
        ])
        + HTML.section("Notes", notes.isEmpty ? HTML.paragraph("There is nothing to note.") : HTML.list(notes))
        + HTML.section("Tables", tablesTable) + HTML.section("Columns", columnsTable)
        + HTML.section("Codes", codesTable))
  }

  private var tablesTable: String {
    HTML.paragraph(
      "Rows are used if their admission is in the cohort. If few admissions have a row, the file may have been cut off."
    )
      + HTML.table(
        header: ["file", "rows", "rows used", "admissions with a row"],
        rows: tables.map { table in
          let covered = coverage.first { $0.table == table.table }
          return [
            table.file, "\(table.rows)", table.table == .patients ? "" : "\(table.usedRows)",
            covered.map { "\($0.admissions) (\($0.percent(of: admissions)) %)" } ?? "",
          ]
        })
  }

  private var columnsTable: String {
    let rows = tables.flatMap { table in
      table.columns.inByteOrder().map { name, column in
        [
          table.file, name, column.range.map { "\($0.lowerBound.date) to \($0.upperBound.date)" } ?? "",
          column.words.inByteOrder().map { "\($0.key): \($0.value)" }.joined(separator: ", "),
          "\(column.unknownFields)", "\(column.emptyFields)",
        ]
      }
    }
    return HTML.paragraph(
      "Only columns that the policy's tables need are read. A column is listed if fields in it have no value, or if it "
        + "holds dates.")
      + HTML.table(
        header: ["file", "column", "dates in the cohort", "words for an empty field", "unknown", "empty"], words: 4,
        rows: rows)
  }

  private var codesTable: String {
    HTML.paragraph(
      "The program has the titles of ICD-9-CM and ICD-10. Codes that are in no dictionary, not even the hospital's "
        + "own, may be mistakes, or local codes.")
      + HTML.table(
        header: ["codes of", "different codes", "with another title in the hospital's dictionary", "unknown"],
        rows: codes.map { [$0.group, "\($0.codes)", "\($0.retitled.count)", "\($0.unknown.count)"] })
      + codes.map { codeLists($0) }.joined()
      + HTML.table(
        header: ["ICD-9 codes of", "times used", "of these, codes that begin with 0"],
        rows: leadingZeros.map { [$0.group, "\($0.uses)", "\($0.usesWithZero)"] })
  }

  /// The codes that a person may want to look at, as far as a page can hold them.
  private func codeLists(_ group: CodeFindings) -> String {
    let mostShown = 100
    func heading(_ what: String, _ count: Int) -> String {
      HTML.paragraph(count > mostShown ? "\(what), the first \(mostShown) of \(count):" : "\(what):")
    }
    var lists = ""
    if !group.unknown.isEmpty {
      lists += heading("Codes of \(group.group) that are in no dictionary", group.unknown.count)
      lists += HTML.list([group.unknown.prefix(mostShown).joined(separator: ", ")])
    }
    if !group.retitled.isEmpty {
      lists += heading("Codes of \(group.group) with two titles", group.retitled.count)
      lists += HTML.table(
        header: ["code", "the hospital's title", "the program's title"], words: 3,
        rows: group.retitled.prefix(mostShown).map { [$0.code, $0.hospitals, $0.programs] })
    }
    return lists
  }

  /// The same figures for scripts.
  var json: JSONValue {
    [
      "stays-inside": true, "admissions": .integer(admissions), "patients": .integer(patients),
      "notes": .array(notes.map { .string($0) }),
      "tables": .array(
        tables.map { table in
          [
            "file": .string(table.file), "rows": .integer(table.rows), "rows-used": .integer(table.usedRows),
            "admissions-with-a-row": .optional(coverage.first { $0.table == table.table }) { .integer($0.admissions) },
            "columns": .array(table.columns.inByteOrder().map { name, column in column.json(name) }),
          ]
        }),
      "codes": .array(
        codes.map { group in
          [
            "group": .string(group.group), "codes": .integer(group.codes), "unknown": .integer(group.unknown.count),
            "retitled": .integer(group.retitled.count),
          ]
        }),
      "leading-zeros": .array(
        leadingZeros.map { zeros in
          [
            "group": .string(zeros.group), "uses": .integer(zeros.uses), "uses-with-zero": .integer(zeros.usesWithZero),
            "codes-without-zero": .integer(zeros.codesWithoutZero),
          ]
        }),
    ]
  }
}

extension ColumnFindings {
  fileprivate func json(_ name: String) -> JSONValue {
    .object([
      JSONMember("name", .string(name)), JSONMember("empty", .integer(emptyFields)),
      JSONMember("unknown", .integer(unknownFields)),
      JSONMember("words", .object(words.inByteOrder().map { JSONMember($0.key, .integer($0.value)) })),
      JSONMember("first-date", .optional(range) { .string($0.lowerBound.date) }),
      JSONMember("last-date", .optional(range) { .string($0.upperBound.date) }),
    ])
  }
}
