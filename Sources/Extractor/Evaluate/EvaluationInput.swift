/// The inputs and settings of `evaluate`.
struct EvaluationInput: Sendable {
  /// The folder behind the statistics, a folder of other patients, and a folder of synthetic tables.
  let real: String
  let control: String
  let synthetic: String
  let threads: Int
  /// The largest number of admissions to test and count per folder.
  let sample: Int
  let seed: UInt64
}
