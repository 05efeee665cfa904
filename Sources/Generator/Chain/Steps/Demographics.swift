internal import Shared

extension Step {
  /// x0: who the patient is.
  static let demographics = Step(
    name: "demographics", drawn: [.gender, .ageBand],
    asked: [.insurance, .language, .religion, .maritalStatus, .ethnicity], isFixedWhenCalibrated: true,
    template: text(PackageResources.demographics_txt))
}
