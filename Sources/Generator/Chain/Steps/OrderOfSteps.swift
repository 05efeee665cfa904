internal import Shared

extension Step {
  /// The chain of the LLMSYN paper (x0 to x4), and two steps that the sampler draws: the stay and the laboratory
  /// values.
  static let chain: [Step] = [
    demographics, mainDiagnosis, stay, complications, procedures, prescriptions, laboratory,
  ]
}
