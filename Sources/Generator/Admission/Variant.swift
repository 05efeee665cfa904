/// How much of the bundle the model sees, as in the LLMSYN paper; `calibrated` is this project's addition.
enum Variant: String, CaseIterable, Sendable {
  /// The sampler settles demographics, main diagnosis, death and the number of codes; the model chooses among
  /// candidates.
  case calibrated
  /// Prior draws and retrieved knowledge.
  case full
  /// Prior draws without knowledge.
  case prior
  /// The templates alone: the model sees the categories and codes of the bundle, but none of its numbers.
  case base

  /// Whether prompts contain draws and shares from the bundle's tables.
  var tellsPriors: Bool { self != .base }

  /// Whether prompts contain text about the main diagnosis.
  var tellsKnowledge: Bool { self == .calibrated || self == .full }

  /// Whether the sampler, rather than the model, sets the margins.
  var fixesMargins: Bool { self == .calibrated }
}
