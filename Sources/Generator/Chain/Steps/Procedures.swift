internal import Shared

extension Step {
  /// x3: the procedures, in order.
  static let procedures = Step(
    name: "procedures", drawn: [], asked: [.procedure, .cpt], topic: .treatment,
    template: text(PackageResources.procedures_txt))
}
