/// What `evaluate` compares, and how.
struct EvaluationInput: Sendable {
  /// The folder that the statistics were taken from, one of other patients, and the synthetic tables.
  let real: String
  let control: String
  let synthetic: String
  let threads: Int
  /// At most so many admissions of each folder are tested and counted.
  let sample: Int
  let seed: UInt64
}
