internal import Shared

/// The run's tables as Croissant 1.0 describes data sets (https://docs.mlcommons.org/croissant).
///
/// - Parameter digests: the SHA-256 of each table's file, by its path below `tables/`.
func croissant(_ provenance: Provenance, _ dictionary: DataDictionary, _ digests: [String: String]) -> JSONValue {
  let files = dictionary.files.filter { digests[$0.path] != nil }
  return [
    "@context": croissantContext, "@type": "sc:Dataset",
    "conformsTo": "http://mlcommons.org/croissant/1.0",
    "name": .string("synthetic-admissions-\(provenance.bundle.prefix(8))"),
    "description": .string(provenance.fullDescription),
    "datePublished": .string(String(provenance.created.prefix(10))), "version": "1.0.0",
    "creator": ["@type": "sc:Organization", "name": .string(provenance.site)],
    "keywords": ["synthetic data", "electronic health records", .string(Provenance.warning)],
    "citeAs": .string(Provenance.citation),
    "distribution": .array(
      files.map { file in
        [
          "@type": "cr:FileObject", "@id": .string(file.path), "name": .string(file.path),
          "contentUrl": .string("tables/\(file.path)"), "encodingFormat": "text/csv",
          "sha256": .string(digests[file.path] ?? ""),
        ]
      }),
    "recordSet": .array(files.map(recordSet)),
  ]
}

private func recordSet(_ file: (path: String, columns: [DataDictionary.Column])) -> JSONValue {
  let name = file.path.replacing(".csv", with: "").replacing("/", with: ".")
  return [
    "@type": "cr:RecordSet", "@id": .string(name), "name": .string(name),
    "field": .array(
      file.columns.map { column in
        [
          "@type": "cr:Field", "@id": .string("\(name)/\(column.name)"), "name": .string("\(name)/\(column.name)"),
          "description": .string(column.note), "dataType": .string(column.type.croissant),
          "source": ["fileObject": ["@id": .string(file.path)], "extract": ["column": .string(column.name)]],
        ]
      }),
  ]
}

extension ColumnType {
  fileprivate var croissant: String {
    switch self {
    case .integer: "sc:Integer"
    case .number: "sc:Float"
    case .date: "sc:Date"
    case .timestamp: "sc:DateTime"
    case .text: "sc:Text"
    }
  }
}

/// The words that Croissant documents use, as its specification gives them.
private let croissantContext: JSONValue = {
  let own = [
    "citeAs", "column", "extract", "field", "fileProperty", "fileObject", "fileSet", "format", "includes",
    "equivalentProperty", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references",
    "regex", "repeated", "samplingRate",
    "replace", "separator", "source", "subField", "transform",
  ].map { JSONMember($0, .string("cr:\($0)")) }
  return .object(
    [
      JSONMember("@language", "en"), JSONMember("@vocab", "https://schema.org/"),
      JSONMember("conformsTo", "dct:conformsTo"), JSONMember("cr", "http://mlcommons.org/croissant/"),
      JSONMember("rai", "http://mlcommons.org/croissant/RAI/"), JSONMember("dct", "http://purl.org/dc/terms/"),
      JSONMember("sc", "https://schema.org/"), JSONMember("data", ["@id": "cr:data", "@type": "@json"]),
      JSONMember("dataType", ["@id": "cr:dataType", "@type": "@vocab"]),
      JSONMember("examples", ["@id": "cr:examples", "@type": "@json"]),
    ] + own)
}()
