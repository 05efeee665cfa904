internal import Foundation
internal import Glibc
internal import Shared

/// The OMOP concepts of codes, from the vocabularies that a user has downloaded from OHDSI's Athena.
struct OMOPConcepts: Sendable {
  /// For each vocabulary and code without dots, the concepts of the source code and of the standard one it maps to.
  private var codes: [String: (source: Int, standard: Int)] = [:]
  /// For each ingredient of RxNorm, in lower case, its concept.
  private var ingredients: [String: Int] = [:]
  /// The version that the download names; `none` without one.
  private(set) var version = "none"

  /// Knows no codes.
  init() {}

  /// Reads `CONCEPT.csv`, `CONCEPT_RELATIONSHIP.csv` and `VOCABULARY.csv`, as Athena packs them: fields separated by
  /// tabs, without quotes.
  ///
  /// - Throws: status 66 if a file can't be opened; 65 if it has no such columns, or no concept that is looked for.
  init(athena folder: String) throws(CloisterError) {
    var keys: [Int: String] = [:]
    let columns = [
      "concept_id", "concept_name", "vocabulary_id", "concept_class_id", "standard_concept", "concept_code",
    ]
    try TabFile("\(folder)/CONCEPT.csv").forEach(columns) { row in
      guard let id = Int(row[0]) else { return }
      switch row[2] {
      case "ICD9CM", "ICD10CM", "ICD9Proc", "ICD10PCS", "CPT4":
        let key = Self.key(String(row[2]), String(row[5].replacing(".", with: "")))
        keys[id] = key
        codes[key] = (id, row[4] == "S" ? id : 0)
      case "RxNorm" where row[3] == "Ingredient" && row[4] == "S": ingredients[row[1].lowercased()] = id
      default: break
      }
    }
    guard !keys.isEmpty else {
      throw CloisterError(
        .inputRefused, "\(harmless(folder, file: "CONCEPT.csv")): no concept of ICD-9-CM or ICD-10 is in it",
        hint: "select the vocabularies ICD9CM, ICD9Proc, ICD10CM, ICD10PCS and RxNorm when downloading from Athena")
    }
    try TabFile("\(folder)/CONCEPT_RELATIONSHIP.csv").forEach(
      ["concept_id_1", "concept_id_2", "relationship_id", "invalid_reason"]
    ) { row in
      guard row[2] == "Maps to", row[3].isEmpty, let from = Int(row[0]), let to = Int(row[1]), let key = keys[from],
        let known = codes[key], known.standard == 0 || to < known.standard
      else { return }
      codes[key] = (known.source, to)
    }
    try TabFile("\(folder)/VOCABULARY.csv").forEach(["vocabulary_id", "vocabulary_version"]) { row in
      if row[0] == "None" { version = String(row[1]) }
    }
  }

  private static func key(_ vocabulary: String, _ code: String) -> String { "\(vocabulary)\t\(code)" }

  func concept(_ coded: CodedCategory) -> (standard: String, source: String) {
    let found = codes[Self.key(coded.system.omop, coded.code)]
    return ("\(found?.standard ?? 0)", "\(found?.source ?? 0)")
  }

  /// The ingredient that a drug's name is or begins with.
  func drug(_ name: String) -> String {
    let lower = name.lowercased()
    let first = lower.prefix { $0 != " " }
    return "\(ingredients[lower] ?? ingredients[String(first)] ?? 0)"
  }

  /// OMOP's concept of a race, by the words that MIMIC uses; 0 for others.
  static func race(_ ethnicity: String) -> String {
    let words = ethnicity.uppercased()
    return [
      ("WHITE", "8527"), ("BLACK", "8516"), ("ASIAN", "8515"), ("PACIFIC", "8557"), ("AMERICAN INDIAN", "8657"),
    ].first { words.contains($0.0) }?.1 ?? "0"
  }

  static let hispanic = "38003563"

  /// OMOP's concept of Hispanic and other ethnicities; 0 if it is not known.
  static func ethnicity(_ ethnicity: String) -> String {
    if ethnicity.isEmpty || ethnicity.uppercased().contains("UNKNOWN") { return "0" }
    return ethnicity.uppercased().contains("HISPANIC") ? hispanic : "38003564"
  }
}

/// A file of lines with fields separated by tabs, without quotes.
@safe private struct TabFile: ~Copyable {
  private let name: String
  private let file: UnsafeMutablePointer<FILE>

  init(_ path: String) throws(CloisterError) {
    name = harmless(path)
    guard let file = unsafe fopen(path, "re") else {
      throw CloisterError(
        .inputMissing, "\(name): can't be read", hint: "give the folder into which Athena's download was unpacked")
    }
    unsafe self.file = file
  }

  deinit { unsafe fclose(file) }

  /// Calls `body` with the fields of these columns for each line.
  func forEach(_ columns: [String], _ body: ([Substring]) -> Void) throws(CloisterError) {
    var places: [Int]?
    var buffer: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { unsafe free(buffer) }
    while true {
      let length = unsafe getline(&buffer, &capacity, file)
      guard length > 0, let line = unsafe buffer else { break }
      let bytes = unsafe UnsafeRawBufferPointer(start: line, count: length)
      let text = unsafe String(decoding: bytes, as: UTF8.self)
      let content = text.hasSuffix("\r\n") || text.hasSuffix("\n") ? text.dropLast() : text[...]
      let fields = content.split(separator: "\t", omittingEmptySubsequences: false)
      guard let places else {
        places = try self.places(of: columns, fields.map { $0.lowercased() })
        continue
      }
      if let last = places.max(), last < fields.count { body(places.map { fields[$0] }) }
    }
  }

  private func places(of columns: [String], _ header: [String]) throws(CloisterError) -> [Int] {
    var places: [Int] = []
    for column in columns {
      guard let place = header.firstIndex(of: column) else {
        throw CloisterError(
          .inputRefused, "\(name) line 1: the column \(column) is missing",
          hint: "give the folder into which Athena's download was unpacked, unchanged")
      }
      places.append(place)
    }
    return places
  }
}
