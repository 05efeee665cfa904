internal import Shared

/// A dictionary of codes, filled from the bundle's titles.
struct CodeDictionary: Sendable {
  let path: String
  let header: [String]
  let group: String
  let row: @Sendable (_ code: String, _ title: String) -> [String]

  /// The file's bytes.
  func content(_ titles: [(code: String, title: String)]) -> [UInt8] {
    var bytes = CSVLine.bytes(header)
    for (number, entry) in titles.enumerated() {
      let row = row(entry.code, entry.title)
      CSVLine.append(header[0] == "ROW_ID" ? ["\(number + 1)"] + row : row, to: &bytes)
    }
    return bytes
  }
}

/// The dictionaries of a schema's codes, with the source's file names and headers.
func codeDictionaries(_ schema: SourceSchema) -> [CodeDictionary] {
  let groups = [(name: "DIAGNOSES", group: "diagnosis"), (name: "PROCEDURES", group: "procedure")]
  switch schema {
  case .mimicIII:
    return groups.map { name, group in
      CodeDictionary(
        path: "D_ICD_\(name).csv", header: ["ROW_ID", "ICD9_CODE", "SHORT_TITLE", "LONG_TITLE"], group: group
      ) { [$0, shortened($1), $1] }
    } + [
      CodeDictionary(
        path: "D_LABITEMS.csv", header: ["ROW_ID", "ITEMID", "LABEL", "FLUID", "CATEGORY", "LOINC_CODE"], group: "lab"
      ) { [$0] + labelAndFluid($1) + [laboratory(ofItem: $0), ""] }
    ]
  case .mimicIV:
    return groups.map { name, group in
      CodeDictionary(
        path: "hosp/d_icd_\(name.lowercased()).csv", header: ["icd_code", "icd_version", "long_title"], group: group
      ) { category, title in
        let (version, code) = VersionedCode.parts(category)
        return [code, "\(version)", title]
      }
    } + [
      CodeDictionary(
        path: "hosp/d_labitems.csv", header: ["itemid", "label", "fluid", "category"], group: "lab"
      ) { [$0] + labelAndFluid($1) + [laboratory(ofItem: $0)] }
    ]
  }
}

/// The beginning of a title, as long as MIMIC's short titles are, without a part of a word.
private func shortened(_ title: String) -> String {
  guard title.count > 24 else { return title }
  let start = title.prefix(25)
  return String(start.lastIndex(of: " ").map { start[..<$0] } ?? start.dropLast())
}

/// Splits `Creatinine (Blood)` into its label and fluid.
private func labelAndFluid(_ title: String) -> [String] {
  guard title.hasSuffix(")"), let opening = title.lastIndex(of: "("), opening > title.startIndex else {
    return [title, ""]
  }
  let label = title[..<opening]
  return [
    String(label.hasSuffix(" ") ? label.dropLast() : label), String(title[title.index(after: opening)...].dropLast()),
  ]
}

/// The kind of laboratory that measures an item, by the ranges in which MIMIC numbers its items.
private func laboratory(ofItem item: String) -> String {
  switch Int(item) ?? 0 {
  case 50_800...50_834, 52_021...52_047, 52_434...52_455: "Blood Gas"
  case 50_835...51_109, 51_520...51_531, 51_556...52_020, 52_500...52_730, 53_084...53_154: "Chemistry"
  case 51_110...51_519, 51_532...51_555, 52_048...52_433, 52_769...53_083: "Hematology"
  default: "Unknown"
  }
}
