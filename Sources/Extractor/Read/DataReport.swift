internal import Shared

/// What a data manager wants to see before a release is signed: how much was read, what is missing, and what looks
/// unusual. It holds exact figures that no policy protects, so it stays inside the hospital.
struct DataReport: Sendable {
  let schema: SourceSchema
  /// In reading order; empty for counts from a warehouse.
  let tables: [TableFindings]
  let admissions: Int
  let patients: Int
  /// For each event table that was read, how many admissions of the cohort have a row with a code.
  let coverage: [Coverage]
  let leadingZeros: [LeadingZeros]
  /// The same for the hospital's own dictionaries.
  let dictionaryZeros: [LeadingZeros]
  /// How many admissions of the cohort have a main diagnosis; nil if it was not read.
  let mainDiagnoses: Int?
  /// For each group of codes, what the dictionaries know.
  let codes: [CodeFindings]
  /// Files that were passed over, each as a sentence.
  let ignored: [String]

  struct Coverage: Sendable {
    let table: SourceTable
    let file: String
    let admissions: Int
  }

  /// What the dictionaries know of the codes of one group.
  struct CodeFindings: Sendable {
    let group: String
    /// The file of the hospital's own dictionary; nil if it has none.
    let file: String?
    let codes: Int
    /// Codes without a title in the hospital's own dictionary and in the program's, sorted.
    let unknown: [String]
    /// Codes without a title in the hospital's own dictionary; nil if it has none.
    let untitled: Int?
    /// Codes with different titles in the two, sorted.
    let retitled: [Retitled]

    struct Retitled: Sendable {
      let code: String
      let hospitals: String
      let programs: String
    }
  }

  /// - Parameter ignored: the plain files that also exist compressed.
  init(_ records: HospitalRecords, ignored: [String]) {
    schema = records.schema
    tables = records.findings.tables
    admissions = records.admissionCount
    patients = records.subjects.count
    coverage = records.findings.tables.compactMap { found in
      records.covered(by: found.table).map { Coverage(table: found.table, file: found.file, admissions: $0) }
    }
    leadingZeros = records.findings.codeUses.inByteOrder().map { LeadingZeros($0.key, $0.value, records.titles) }
    dictionaryZeros = records.findings.dictionaryZeros
    codes = records.codeFindings
    mainDiagnoses = records.categories[.mainDiagnosis].map { main in
      main.ids.count { main.names[Int($0)] != missingCategory }
    }
    self.ignored = ignored.map { "\($0) exists both plain and compressed; the plain file is read" }
  }

  /// - Parameters:
  ///   - schema: the source that a warehouse counted.
  ///   - uses: for each group of codes, how many admissions have each code.
  init(_ schema: SourceSchema, admissions: Int, uses: [String: [String: Int]], _ titles: CodeTitles) {
    self.schema = schema
    self.admissions = admissions
    leadingZeros = uses.inByteOrder().map { LeadingZeros($0.key, $0.value, titles) }
    (tables, patients, coverage, codes, ignored) = ([], 0, [], [], [])
    (dictionaryZeros, mainDiagnoses) = ([], nil)
  }

  /// What is doubtful about the codes, for each file or, with counts from a warehouse, for each group of codes.
  ///
  /// - Parameter minimum: as for `notesForLog`.
  func doubtsForLog(minimum: Int?) -> [String] {
    leadingZeros.compactMap { $0.doubt { Self.figureForLog($0, minimum: minimum) } }
  }

  /// Notes for people inside the hospital.
  var notes: [String] { notes({ "\($0)" }, portion: { "only \($0) %" }) }

  /// Notes for a log, which may leave the hospital: a small figure is not given exactly.
  ///
  /// - Parameter minimum: the smallest figure that is given exactly; nil if none is, as under a policy with noise.
  func notesForLog(minimum: Int?) -> [String] {
    // A share would tell a small figure too.
    notes({ Self.figureForLog($0, minimum: minimum) }, portion: { _ in "only some" })
  }

  private static func figureForLog(_ count: Int, minimum: Int?) -> String {
    guard let minimum else { return "some" }
    return count >= minimum ? "\(count)" : "fewer than \(minimum)"
  }

  private func notes(_ figure: (Int) -> String, portion: (Int) -> String) -> [String] {
    var notes = ignored
    if !tables.isEmpty {
      notes.append("rows read: " + tables.map { "\($0.file) \(figure($0.rows))" }.joined(separator: ", "))
    }
    for table in tables where table.rows == 0 { notes.append("\(table.file) has no rows") }
    for covered in coverage where covered.isDoubtful(of: admissions) {
      notes.append(
        "\(covered.file) has rows for \(portion(covered.percent(of: admissions))) of the admissions; was it cut off?")
    }
    if let mainDiagnoses, admissions > 0, mainDiagnoses * 10 < admissions * 9 {
      let percent = mainDiagnoses * 100 / admissions
      notes.append("\(portion(percent)) of the admissions have a main diagnosis, which is the one with seq_num 1")
    }
    for group in codes where (group.untitled ?? 0) * 5 > group.codes {
      notes.append(
        "\(group.file ?? "the dictionary") lacks the titles of \(figure(group.untitled ?? 0)) of the "
          + "\(figure(group.codes)) \(group.group) codes; was it cut off?")
    }
    for table in tables { notes += table.notes(figure) }
    for zeros in dictionaryZeros where zeros.areMostlyLost {
      notes.append(
        "the dictionary of \(zeros.group) codes has \(figure(zeros.codesWithoutZero)) that exist only with a zero "
          + "before them; did the export drop leading zeros?")
    }
    return notes + leadingZeros.compactMap { $0.doubt(figure) }.map { "\($0); did the export change leading zeros?" }
  }
}

extension TableFindings {
  /// What is unusual about the columns.
  fileprivate func notes(_ figure: (Int) -> String) -> [String] {
    var notes: [String] = []
    for (name, column) in columns.inByteOrder() {
      let place = "\(file), column \(name)"
      if !column.words.isEmpty {
        let words = column.words.inByteOrder().map {
          let number = figure($0.value)
          return "\(number) \(number == "1" ? "field holds" : "fields hold") \($0.key)"
        }
        notes.append("\(place): \(words.joined(separator: ", ")), counted as missing")
      }
      if column.namesWithMark > 0 {
        notes.append("\(place): some categories have a question mark; were letters lost in a conversion?")
      }
      if column.namesInAnotherCase > 0 {
        notes.append("\(place): some categories differ only in letter case and are counted separately")
      }
      if rows > 0, column.missing == rows { notes.append("\(place): no field has a value") }
      if table == .diagnoses, name == "seq_num", column.emptyFields > 0 {
        notes.append(
          "\(place): \(figure(column.emptyFields)) diagnoses have no rank, so none of them is a main diagnosis")
      }
      if column.timesWithoutHour > 0 {
        notes.append("\(place): \(figure(column.timesWithoutHour)) times have no time of day, counted as midnight")
      } else if column.times >= 20, column.timesAtMidnight == column.times {
        notes.append("\(place): all times are at midnight; did the export drop the time of day?")
      }
    }
    if endsBeforeStart > 0 {
      notes.append(
        "\(file), column dischtime: \(figure(endsBeforeStart)) admissions end before they begin; "
          + "their length of stay counts as missing"
      )
    }
    return notes
  }
}

extension DataReport.Coverage {
  /// Rounded down, so that 100 % means all.
  func percent(of admissions: Int) -> Int { admissions == 0 ? 100 : self.admissions * 100 / admissions }

  /// Nearly every admission has a diagnosis; other events are rarer.
  fileprivate func isDoubtful(of admissions: Int) -> Bool {
    percent(of: admissions) < (table == .diagnoses ? 90 : table == .labEvents ? 50 : 20)
  }
}

extension HospitalRecords {
  /// How many admissions have a code from an event table; nil if no such codes were read.
  fileprivate func covered(by table: SourceTable) -> Int? {
    let bands: [SourceTable: Attribute] = [
      .diagnoses: .diagnosisCountBand, .procedures: .procedureCountBand, .prescriptions: .drugCountBand,
    ]
    if let band = bands[table], let column = categories[band] {
      return column.ids.count { column.names[Int($0)] != "0" }
    }
    let columns = codes.filter { eventTable(of: $0.key) == table }.map(\.value)
    let main = table == .diagnoses ? categories[.mainDiagnosis] : nil
    guard !columns.isEmpty || main != nil else { return nil }
    return (0..<admissionCount).count { admission in
      columns.contains { !$0.codes(of: admission).isEmpty }
        || main.map { $0.names[Int($0.ids[admission])] != missingCategory } ?? false
    }
  }

  fileprivate var codeFindings: [DataReport.CodeFindings] {
    let groups = [("diagnosis", [Attribute.mainDiagnosis, .diagnosis]), ("procedure", [.procedure]), ("lab", [.lab])]
    return groups.compactMap { group, attributes in
      var names: Set<String> = []
      for attribute in attributes {
        names.formUnion((codes[attribute]?.names ?? []).map(attribute.titledCode))
        names.formUnion(categories[attribute]?.names.filter { $0 != missingCategory } ?? [])
      }
      if names.isEmpty { return nil }
      var (unknown, untitled, retitled) = ([String](), 0, [DataReport.CodeFindings.Retitled]())
      for code in names.inByteOrder() {
        let (own, shipped) = (titles[group, code], ShippedDictionary.title(of: code, in: group))
        if own == nil { untitled += 1 }
        if own == nil, shipped == nil { unknown.append(code) }
        if let own, let shipped, !isAlike(own, shipped) {
          retitled.append(DataReport.CodeFindings.Retitled(code: code, hospitals: own, programs: shipped))
        }
      }
      let file = findings.dictionaryFiles[group]
      return DataReport.CodeFindings(
        group: group, file: file, codes: names.count, unknown: unknown, untitled: file.map { _ in untitled },
        retitled: retitled)
    }
  }

  /// Whether two titles have the same letters and digits, whatever their case.
  private func isAlike(_ one: String, _ other: String) -> Bool {
    func letters(_ title: String) -> String { title.lowercased().filter { $0.isLetter || $0.isNumber } }
    return letters(one) == letters(other)
  }
}
