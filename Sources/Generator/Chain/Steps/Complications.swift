internal import Shared

extension Step {
  /// x2: the other diagnoses.
  static let complications = Step(
    name: "complications", drawn: [], asked: [.diagnosis], topic: .complications,
    template: text(PackageResources.complications_txt))
}
