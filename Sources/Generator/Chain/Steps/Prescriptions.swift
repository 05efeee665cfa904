internal import Shared

extension Step {
  /// x4: the drugs, each with the order fields of the paper's appendix A.3; see `DrugOrder`.
  static let prescriptions = Step(
    name: "prescriptions", drawn: [], asked: [.drug], topic: .treatment,
    template: text(PackageResources.prescriptions_txt))
}
