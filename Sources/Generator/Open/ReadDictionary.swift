internal import Shared

/// Reads MIMIC's code dictionaries, uncompressed: `D_ICD_DIAGNOSES.csv` and `D_ICD_PROCEDURES.csv`, or the files of
/// MIMIC-IV. Codes carry a version if the bundle's codes do.
///
/// - Throws: status 65, with file, line and column; 66 if a file can't be read.
func readDictionaries(_ paths: [String], _ schema: SourceSchema) throws(CloisterError) -> CodeTitles {
  var titles = CodeTitles()
  for path in paths {
    let name = harmless(path.split(separator: "/").last.map(String.init) ?? path)
    let groups = ["diagnoses": "diagnosis", "procedures": "procedure"]
    guard let group = groups.first(where: { name.lowercased().contains($0.key) })?.value else {
      throw CloisterError(
        .inputRefused, "\(name): the file name contains neither diagnoses nor procedures",
        hint: "keep MIMIC's file names, such as D_ICD_DIAGNOSES.csv")
    }
    try readDictionary(path, name, group, schema, into: &titles)
  }
  return titles
}

private func readDictionary(
  _ path: String, _ name: String, _ group: String, _ schema: SourceSchema, into titles: inout CodeTitles
) throws(CloisterError) {
  let bytes = try readFile(path, name: name, limit: 256 << 20, refusal: .inputRefused)
  var reader = try CSVReader(file: name) { offset throws(CloisterError) in MemoryBytes(bytes, from: offset) }
  let code = reader.header.firstIndex(of: "icd9_code") ?? reader.header.firstIndex(of: "icd_code")
  let version = reader.header.firstIndex(of: "icd_version")
  guard let code, let title = reader.header.firstIndex(of: "long_title") else {
    throw CloisterError(
      .inputRefused, "\(name) line 1: the column long_title or the code column, icd9_code or icd_code, is missing",
      hint: "export the dictionary with its original columns")
  }
  while try reader.nextBatch() {
    for record in 0..<reader.recordCount {
      func text(_ column: Int) -> String {
        String(decoding: reader.unquoted(reader.field(record, column)), as: UTF8.self)
      }
      let number = version.map { Int(text($0)) ?? 9 } ?? 9
      let name = text(code)
      if schema == .mimicIII, number != 9 { continue }
      let category = schema == .mimicIV ? VersionedCode.category(version: number, code: name) : name
      if !name.isEmpty { titles[group, category] = harmless(text(title), limit: 200) }
    }
  }
}
