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

/// The purposes for which an evaluation draws random numbers. Their raw values never change, because the same seed must
/// always give the same samples.
enum EvaluationDraw: UInt64, Sendable {
  case members = 1
  case control = 2
  case synthetic = 3
  case syntheticViolations = 4
  case realViolations = 5
  case bootstrap = 7
}
