internal import Shared

extension PublishedTable {
  /// The published cells, one row each: the categories and the count of admissions. The count of a withheld cell that
  /// has a public name is empty.
  func csv() -> [UInt8] {
    var bytes = CSVLine.bytes(attributes.map(\.rawValue) + ["admissions"])
    for cell in cells { CSVLine.append(cell.key + ["\(cell.count)"], to: &bytes) }
    for key in suppressed { CSVLine.append(key + [""], to: &bytes) }
    return bytes
  }
}
