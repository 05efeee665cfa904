internal import Shared

/// The settings that a run began with, stored in `run.json`. They never change, so every later command works on the
/// same run.
struct RunSettings: Equatable, Sendable {
  let bundle: String
  let site: String
  let guarantee: String
  let schema: String
  let admissions: Int
  let model: ModelChoice
  let variant: Variant
  let knowledge: KnowledgeChoice
  /// Whether codes from the run's own dictionary may be chosen.
  let hasDictionary: Bool
  /// Whether the run has its own numbers of how often codes occur at large.
  let hasPrior: Bool
  let seed: UInt64
  let repairs: Int
  let generator: String
  /// When the run was created, in UTC: `2026-01-31T12:00:00Z`.
  let created: String

  /// The model that answers the questions.
  enum ModelChoice: Equatable, Sendable {
    case sampler
    /// A model on servers, with the name that the servers use for it.
    case servers(name: String, urls: [String])
    /// A model that is asked through batch files, with its name.
    case batch(name: String)

    var name: String {
      switch self {
      case .sampler: "sampler"
      case .servers(let name, _), .batch(let name): name
      }
    }
  }

  /// Where text about diseases comes from.
  enum KnowledgeChoice: String, Sendable {
    case builtIn = "built-in"
    /// The user's own folder, copied into the run.
    case own
    case medlineplus
  }
}

extension RunSettings {
  var provenance: Provenance {
    Provenance(
      site: site, bundle: bundle, guarantee: guarantee, generator: generator,
      model: "\(model.name), \(variant.rawValue)", seed: seed, admissions: admissions, created: created)
  }

  var json: JSONValue {
    let kind: (String, [String]) =
      switch model {
      case .sampler: ("sampler", [])
      case .servers(_, let urls): ("servers", urls)
      case .batch: ("batch", [])
      }
    return .object([
      JSONMember("type", "cloister/run"), JSONMember("format", 3), JSONMember("bundle", .string(bundle)),
      JSONMember("site", .string(site)), JSONMember("guarantee", .string(guarantee)),
      JSONMember("schema", .string(schema)), JSONMember("admissions", .integer(admissions)),
      JSONMember("model", .string(model.name)), JSONMember("asked-by", .string(kind.0)),
      JSONMember("servers", .array(kind.1.map { .string($0) })), JSONMember("variant", .string(variant.rawValue)),
      JSONMember("knowledge", .string(knowledge.rawValue)), JSONMember("dictionary", .bool(hasDictionary)),
      JSONMember("prior", .bool(hasPrior)),
      JSONMember("seed", .string("\(seed)")), JSONMember("repairs", .integer(repairs)),
      JSONMember("generator", .string(generator)), JSONMember("created", .string(created)),
    ])
  }

  /// Reads `run.json`. - Throws: status 65 if it is malformed.
  init(parsing bytes: [UInt8]) throws(CloisterError) {
    do throws(FormatError) {
      let document = try StrictObject(
        parsing: bytes, path: "run.json",
        names: [
          "type", "format", "bundle", "site", "guarantee", "schema", "admissions", "model", "asked-by", "servers",
          "variant", "knowledge", "dictionary", "prior", "seed", "repairs", "generator", "created",
        ])
      guard try document.string("type") == "cloister/run", try document.integer("format") == 3 else {
        throw document.error("format", "is not cloister/run 3")
      }
      bundle = try document.string("bundle")
      site = try document.string("site")
      guarantee = try document.string("guarantee")
      schema = try document.string("schema")
      admissions = try document.integer("admissions")
      let name = try document.string("model")
      switch try document.string("asked-by") {
      case "sampler": model = .sampler
      case "servers": model = .servers(name: name, urls: try document.strings("servers"))
      case "batch": model = .batch(name: name)
      default: throw document.error("asked-by", "is unknown")
      }
      guard let variant = Variant(rawValue: try document.string("variant")) else {
        throw document.error("variant", "is unknown")
      }
      guard let knowledge = KnowledgeChoice(rawValue: try document.string("knowledge")) else {
        throw document.error("knowledge", "is unknown")
      }
      guard let seed = UInt64(try document.string("seed")) else { throw document.error("seed", "is not a number") }
      self.variant = variant
      self.knowledge = knowledge
      self.seed = seed
      hasDictionary = try document.boolean("dictionary")
      hasPrior = try document.boolean("prior")
      repairs = try document.integer("repairs")
      generator = try document.string("generator")
      created = try document.string("created")
    } catch {
      throw CloisterError(
        .inputRefused, error.text, hint: "give the path of a run folder that generate made, with its run.json unchanged"
      )
    }
  }
}
