internal import Shared

extension Step {
  /// x1: whether the patient dies, and the reason for the stay.
  static let mainDiagnosis = Step(
    name: "main-diagnosis", drawn: [], asked: [.diedInHospital, .mainDiagnosis], isFixedWhenCalibrated: true,
    suggests: true, template: text(PackageResources.main_diagnosis_txt))
}
