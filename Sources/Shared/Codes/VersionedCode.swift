/// A category of MIMIC-IV's diagnoses and procedures: the ICD version, a colon and the code, `9:4280` or `10:I509`.
/// The same characters can mean different things in the two versions, so both parts are needed.
package enum VersionedCode {
  package static func category(version: Int, code: String) -> String { "\(version):\(code)" }

  /// The version and the code; a category without a version is ICD-9, as MIMIC-III's are.
  package static func parts(_ category: String) -> (version: Int, code: String) {
    let parts = category.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let version = Int(parts[0]) else { return (9, category) }
    return (version, String(parts[1]))
  }
}
