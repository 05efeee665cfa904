internal import Shared

/// The steps in which the model is not asked, because the paper has no prompts for them.
extension Step {
  /// How the patient came and went, and how long the stay was.
  static let stay = Step(
    name: "stay", drawn: [.admissionType, .admissionLocation, .dischargeLocation, .lengthOfStayBand])

  static let laboratory = Step(name: "laboratory", drawn: [.lab])
}
