internal import Shared

extension Step {
  /// The chain of the LLMSYN paper (x0 to x4), with the stay and the laboratory values drawn by the sampler.
  static let chain: [Step] = [
    demographics, mainDiagnosis, stay, complications, procedures, prescriptions, laboratory,
  ]
}
