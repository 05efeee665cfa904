internal import Shared

/// What a model's tokens cost, from a price file:
/// `{"currency": "USD", "models": {"NAME": {"prompt": 0.15, "answer": 0.60}}}`.
///
/// Prices are per million tokens; `cached-prompt` is for servers that charge less for tokens in their cache.
struct Prices: Equatable, Sendable {
  let currency: String
  private let prompt: Double
  private let cachedPrompt: Double
  private let answer: Double

  /// - Parameter model: the model's name in the file.
  /// - Throws: status 65 if the file is malformed, or has no price or a negative price for the model.
  init(_ bytes: [UInt8], name: String, model: String) throws(CloisterError) {
    do throws(FormatError) {
      let document = try StrictObject(parsing: bytes, path: name, names: ["currency", "models"])
      currency = try document.string("currency")
      let models = try document.object("models", names: nil)
      guard models.members.contains(where: { $0.name == model }) else {
        throw models.error(harmless(model), "is missing: the file has no price for the run's model")
      }
      let prices = try models.object(model, names: ["prompt", "cached-prompt", "answer"], allRequired: false)
      prompt = try prices.number("prompt")
      answer = try prices.number("answer")
      let hasCached = prices.members.contains { $0.name == "cached-prompt" }
      cachedPrompt = hasCached ? try prices.number("cached-prompt") : prompt
    } catch {
      throw CloisterError(
        .inputRefused, error.text,
        hint:
          #"write {"currency": "USD", "models": {"NAME": {"prompt": 0.15, "answer": 0.60}}}, with prices "#
          + "per million tokens")
    }
    guard [prompt, answer, cachedPrompt].allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw CloisterError(
        .inputRefused, "\(name): a price is negative", hint: "give prices of 0 or more per million tokens")
    }
  }

  func cost(_ usage: Usage) -> Double {
    let cached = min(usage.cachedTokens ?? 0, usage.promptTokens)
    let fresh = Double(usage.promptTokens - cached)
    return (fresh * prompt + Double(cached) * cachedPrompt + Double(usage.answerTokens) * answer) / 1_000_000
  }

  func text(_ cost: Double) -> String {
    let cents = (cost * 100).rounded()
    let rest = Int(cents) % 100
    return "\(Int(cents) / 100).\(rest < 10 ? "0" : "")\(rest) \(currency)"
  }
}
