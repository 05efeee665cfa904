/// How much of the bundle the model is told, as in the LLMSYN paper; `calibrated` is ours.
enum Variant: String, CaseIterable, Sendable {
  /// The sampler settles demographics, main diagnosis, death and how many codes; the model chooses among candidates.
  case calibrated
  /// Prior draws and retrieved knowledge.
  case full
  /// Prior draws, no knowledge.
  case prior
  /// The templates alone: no number of the bundle reaches the model, only the categories and codes that there are.
  case base

  /// Whether draws and shares from the bundle's tables stand in the prompts.
  var tellsPriors: Bool { self != .base }

  /// Whether text about the main diagnosis stands in the prompts.
  var tellsKnowledge: Bool { self == .calibrated || self == .full }

  /// Whether the sampler, not the model, owns the margins.
  var fixesMargins: Bool { self == .calibrated }
}
