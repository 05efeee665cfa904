internal import Shared

/// One step of the chain: what the sampler draws, what the model chooses, and the prompt. To add a step, define it
/// in an extension and list it in `Step.chain`.
struct Step: Sendable {
  let name: String
  /// The attributes that the sampler draws before the model is asked: the paper's prior draws. In `base` the model
  /// chooses these too, unless the step asks it nothing else.
  let drawn: [Attribute]
  /// The attributes that the model chooses.
  var asked: [Attribute] = []
  /// Whether the sampler draws the asked attributes in `calibrated`.
  var isFixedWhenCalibrated = false
  /// Whether the prompt tells the model what the sampler would draw; the model may decide otherwise.
  var suggests = false
  /// The part of the knowledge about the main diagnosis that the prompt includes; nil if it includes none.
  var topic: KnowledgeText.Topic?
  /// The built-in template; empty if the model is not asked.
  var template = ""

  /// The name of the question that precedes the step's own, where a planned group is large.
  var categoryQuestion: String { "\(name)-category" }

  /// The names of the questions that the step may ask, in order.
  var questions: [String] { asked.contains(.mainDiagnosis) ? [categoryQuestion, name] : [name] }

  func asked(_ variant: Variant) -> [Attribute] {
    if asked.isEmpty || (variant.fixesMargins && isFixedWhenCalibrated) { return [] }
    return variant.tellsPriors ? asked : drawn + asked
  }

  func drawn(_ variant: Variant) -> [Attribute] {
    if variant.fixesMargins && isFixedWhenCalibrated { return drawn + asked }
    return variant.tellsPriors || asked.isEmpty ? drawn : []
  }
}
