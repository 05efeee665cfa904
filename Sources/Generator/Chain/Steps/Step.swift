internal import Shared

/// One link of the chain: what the sampler draws, what the model is asked to choose, and the words it is asked in. A new
/// step is a file of its own and a name in `Step.chain`.
struct Step: Sendable {
  let name: String
  /// Drawn by the sampler before the model is asked: the paper's prior draws. In `base` the model chooses them too, except
  /// where it is asked for nothing else.
  let drawn: [Attribute]
  /// Chosen by the model.
  var asked: [Attribute] = []
  /// In `calibrated` the sampler draws what is asked.
  var isFixedWhenCalibrated = false
  /// What the sampler would draw is told to the model, which may think better of it.
  var suggests = false
  /// What of the knowledge about the main diagnosis the prompt tells; nil: none.
  var topic: KnowledgeText.Topic?
  /// The built-in template; empty where the model is not asked.
  var template = ""

  /// The chain of the LLMSYN paper (x0 to x4), with the stay and the laboratory values drawn by the sampler.
  static let chain: [Step] = [
    demographics, mainDiagnosis, stay, complications, procedures, prescriptions, laboratory,
  ]

  func asked(_ variant: Variant) -> [Attribute] {
    if asked.isEmpty || (variant.fixesMargins && isFixedWhenCalibrated) { return [] }
    return variant.tellsPriors ? asked : drawn + asked
  }

  func drawn(_ variant: Variant) -> [Attribute] {
    if variant.fixesMargins && isFixedWhenCalibrated { return drawn + asked }
    return variant.tellsPriors || asked.isEmpty ? drawn : []
  }
}
