/// The written form of each kind of code. A value in any other form is refused, as free text in a code column must
/// never reach a table. A code that is too short to be whole has lost its leading zeros.
package enum CodeShape: Sendable {
  case icd9Diagnosis, icd9Procedure, icd10Diagnosis, icd10Procedure, cpt

  /// Whether the bytes have the kind's written form: upper case, no dot.
  package func matches(_ code: ArraySlice<UInt8>) -> Bool {
    guard let first = code.first else { return false }
    let isAlphanumeric = code.allSatisfy { isDigit($0) || isUpper($0) }
    switch self {
    case .icd9Diagnosis:
      let shortest = first == UInt8(ascii: "E") ? 4 : 3
      let isLettered = first == UInt8(ascii: "E") || first == UInt8(ascii: "V")
      return (shortest...5).contains(code.count) && (isDigit(first) || isLettered)
        && code.dropFirst().allSatisfy(isDigit)
    case .icd9Procedure: return (3...4).contains(code.count) && code.allSatisfy(isDigit)
    case .icd10Diagnosis: return (3...7).contains(code.count) && isUpper(first) && isAlphanumeric
    case .icd10Procedure: return code.count == 7 && isAlphanumeric
    case .cpt: return code.count == 5 && isAlphanumeric
    }
  }

  /// Whether the bytes look like the end of an ICD-9 code that has lost its leading zeros: digits, but too few.
  package func isCutShort(_ code: ArraySlice<UInt8>) -> Bool {
    (self == .icd9Diagnosis || self == .icd9Procedure) && (1...2).contains(code.count) && code.allSatisfy(isDigit)
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
}
