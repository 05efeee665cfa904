/// The written form of each kind of code. A value in any other form is refused, as free text in a code column must
/// never reach a table.
package enum CodeShape: Sendable {
  case icd9Diagnosis, icd9Procedure, icd10Diagnosis, icd10Procedure, cpt

  /// Whether the bytes have the kind's written form: upper case, no dot.
  package func matches(_ code: ArraySlice<UInt8>) -> Bool {
    guard let first = code.first else { return false }
    let isAlphanumeric = code.allSatisfy { isDigit($0) || isUpper($0) }
    switch self {
    case .icd9Diagnosis:
      let isLettered = first == UInt8(ascii: "E") || first == UInt8(ascii: "V")
      return (3...5).contains(code.count) && (isDigit(first) || isLettered) && code.dropFirst().allSatisfy(isDigit)
    case .icd9Procedure: return (2...4).contains(code.count) && code.allSatisfy(isDigit)
    case .icd10Diagnosis: return (3...7).contains(code.count) && isUpper(first) && isAlphanumeric
    case .icd10Procedure: return code.count == 7 && isAlphanumeric
    case .cpt: return code.count == 5 && isAlphanumeric
    }
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
}
