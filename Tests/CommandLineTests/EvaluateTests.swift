import Foundation
import Glibc
import TestSupport
import Testing

/// A hospital is split, counted, imitated and compared, as its staff would do it.
@Suite(.enabled("XGBoost is not installed (scripts/setup xgboost)") { hasXGBoost() }) struct EvaluateTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let parted = Result {
    let folder = try TemporaryFolder()
    let part = try runProgram(
      "\(Project.root)/scripts/split-patients",
      [
        "\(Project.root)/examples/mimic-iii", "--real", folder.path("real"), "--control", folder.path("control"),
        "--share", "30",
      ])
    guard part.status == 0 else { throw ProgramFailed(what: part.errors) }
    return folder
  }

  private static let bundle = Result {
    try ExampleBundle(input: try parted.get().path("real"), policy: "\(Project.root)/policies/demo.yaml")
  }

  private func evaluate(
    real: String? = nil, control: String? = nil, synthetic: String, policy: String = "evaluation", _ more: String...
  ) throws -> Finished {
    let parted = try Self.parted.get()
    let bundle = try Self.bundle.get()
    return try Project.extractor(
      [
        "evaluate", "--real", real ?? parted.path("real"), "--control", control ?? parted.path("control"),
        "--synthetic", synthetic, "--policy", "\(Project.root)/policies/\(policy).yaml", "--key", bundle.key, "--cert",
        bundle.certificate, "--out", folder.path("evaluation"), "--report", folder.path("report"), "--sample", "1200",
      ] + more)
  }

  private func figures() throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: try folder.read("report/evaluation.json")) as? [String: Any])
  }

  private func attacks(_ figures: [String: Any]) throws -> [(name: String, value: Double, isChance: Bool)] {
    let attacks = try #require((figures["privacy"] as? [String: Any])?["attacks"] as? [[String: Any]])
    return try attacks.map { attack in
      let figure = try #require(attack["figure"] as? [String: Double])
      return (
        try #require(attack["name"] as? String), try #require(figure["value"]),
        try #require(attack["is-chance"] as? Bool)
      )
    }
  }

  private func area(_ figures: [String: Any], _ task: String, _ training: String) throws -> Double {
    let scores = try #require((figures["utility"] as? [String: Any])?[task] as? [[String: Any]])
    let score = try #require(scores.first { $0["trained-on"] as? String == training })
    return try #require((score["area-under-roc"] as? [String: Double])?["value"])
  }

  @Test func syntheticAdmissionsAreAsUsefulAndTellAboutNobody() throws {
    let bundle = try Self.bundle.get()
    let made = try Project.generator(
      "generate", bundle.path, "--trust", bundle.certificate, "--admissions", "3500", "--model", "sampler", "--seed",
      "1", "--out", folder.path("run"))
    #expect(made.status == 0, "\(made.errors)")
    let evaluated = try evaluate(synthetic: folder.path("run/tables"))
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    // Logs may leave the hospital, so they must not contain any figures.
    #expect(!(evaluated.output + evaluated.errors).contains("0."))
    let figures = try figures()
    for task in ["mortality", "phenotype"] {
      let (synthetic, real) = (try area(figures, task, "synthetic"), try area(figures, task, "real"))
      // The cells withheld differ from run to run; the difference for mortality is 0.01 to 0.03.
      #expect(real > 0.65 && synthetic > real - 0.06, "\(task): \(synthetic) and \(real)")
    }
    for attack in try attacks(figures) where attack.name.hasPrefix("membership") {
      #expect(abs(attack.value - 0.5) < 0.06, "\(attack)")
    }
    let fidelity = try #require(figures["fidelity"] as? [[String: Any]])
    #expect(fidelity.count == 20)
    let verified = try Project.generator("verify", folder.path("evaluation"), "--trust", bundle.certificate)
    #expect(verified.status == 0, "\(verified.errors)")
    let attacked = try Project.extractor("attack", folder.path("evaluation"))
    #expect(attacked.status == 0, "\(attacked.errors)")
    let refused = try Project.generator(
      "generate", folder.path("evaluation"), "--trust", bundle.certificate, "--admissions", "10", "--model", "sampler",
      "--out", folder.path("no"))
    #expect(refused.status == 65)
  }

  /// The report must be able to show a failure. Here the synthetic admissions are copies of the real ones.
  @Test func copiesAreFound() throws {
    let parted = try Self.parted.get()
    let evaluated = try evaluate(synthetic: parted.path("real"))
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    let figures = try figures()
    let attacks = try attacks(figures)
    #expect(attacks.count == 4)
    for attack in attacks where !attack.name.hasPrefix("adversarial") { #expect(!attack.isChance, "\(attack)") }
    #expect(try #require(attacks.first { $0.name.hasPrefix("membership") }).value > 0.6)
  }

  @Test func whatCannotBeComparedIsRefused() throws {
    let parted = try Self.parted.get()
    let real = parted.path("real")
    let shared = try evaluate(control: real, synthetic: real)
    #expect(shared.status == 65 && shared.errors.contains("patients in common"), "\(shared.errors)")
    let other = try evaluate(synthetic: "\(Project.root)/examples/mimic-iv")
    #expect(other.status == 65 && other.errors.contains("schema"), "\(other.errors)")
    let plain = try evaluate(synthetic: real, policy: "demo")
    #expect(plain.status == 78 && plain.errors.contains("policies/evaluation.yaml"), "\(plain.errors)")
    let missing = try evaluate(synthetic: folder.path("nothing"))
    #expect(missing.status == 66, "\(missing.errors)")
    let bundle = try Self.bundle.get()
    let extracted = try Project.extractor(
      "extract", "--input", real, "--policy", "\(Project.root)/policies/evaluation.yaml", "--key", bundle.key, "--cert",
      bundle.certificate, "--out", folder.path("evaluation"))
    #expect(extracted.status == 78 && extracted.errors.contains("evaluate"), "\(extracted.errors)")
    #expect(try folder.names().isEmpty, "something half-written was left behind")
  }
}

private func hasXGBoost() -> Bool {
  guard let library = dlopen("libxgboost.so.0", RTLD_LAZY) else { return false }
  return dlclose(library) == 0
}
