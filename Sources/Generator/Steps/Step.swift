internal import Shared

/// One link of the chain: what the sampler draws first, what the model is then asked to choose, and the words it is asked
/// in. A new step is a new value in `Step.chain`.
struct Step: Sendable {
  let name: String
  /// Settled by the sampler before the model is asked: the paper's prior draws.
  let drawn: [Attribute]
  /// Chosen by the model.
  let asked: [Attribute]
  /// Role and task, an example of the output, what each label means, and the steps to take; the patient and the candidates
  /// follow as the user's message. Empty where the model is not asked.
  let prompt: String

  /// The chain of the LLMSYN paper (x0 to x3), with the stay, the prescriptions and the laboratory
  /// values drawn by the sampler.
  static let chain: [Step] = [
    Step(
      name: "demographics", drawn: [.gender, .ageBand],
      asked: [.insurance, .language, .religion, .maritalStatus, .ethnicity],
      prompt: text(PackageResources.demographics_txt)),
    Step(
      name: "main-diagnosis", drawn: [.diedInHospital], asked: [.mainDiagnosis],
      prompt: text(PackageResources.main_diagnosis_txt)),
    Step(
      name: "stay", drawn: [.admissionType, .admissionLocation, .dischargeLocation, .lengthOfStayBand], asked: [],
      prompt: ""),
    Step(name: "complications", drawn: [], asked: [.diagnosis], prompt: text(PackageResources.complications_txt)),
    Step(name: "procedures", drawn: [], asked: [.procedure, .cpt], prompt: text(PackageResources.procedures_txt)),
    Step(name: "prescriptions", drawn: [.drug], asked: [], prompt: ""),
    Step(name: "laboratory", drawn: [.lab], asked: [], prompt: ""),
  ]

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
