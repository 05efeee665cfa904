internal import Foundation
internal import Shared

/// Texts from MedlinePlus Connect, the U.S. National Library of Medicine's service for coded diagnoses. Each request
/// asks for one code, and the reply is kept on disk permanently. If a code has no entry, its category is tried, and
/// then another source.
struct MedlinePlus: KnowledgeSource {
  private let fetch: @Sendable (String) async throws -> WebClient.Reply
  private let cache: String
  private let fallback: any KnowledgeSource
  private let pace: Pace

  static let address = "https://connect.medlineplus.gov/service"

  /// - Parameters:
  ///   - cache: the folder where replies are kept.
  ///   - fallback: the source to ask if MedlinePlus has no entry.
  ///   - requestsPerMinute: the service allows 100.
  init(
    cache: String, fallback: any KnowledgeSource, requestsPerMinute: Double = 100,
    fetch: @escaping @Sendable (String) async throws -> WebClient.Reply = {
      try await WebClient.standard.send(to: $0, body: nil, seconds: 30)
    }
  ) {
    self.cache = cache
    self.fallback = fallback
    self.fetch = fetch
    pace = Pace(seconds: 60 / requestsPerMinute)
  }

  func text(about category: String, title: String?) async throws -> KnowledgeText? {
    if category == missingCategory { return nil }
    let (version, code) = VersionedCode.parts(category)
    let length = version == 9 && code.hasPrefix("E") ? 4 : 3
    for candidate in code.count > length ? [code, String(code.prefix(length))] : [code] {
      let entry = try await page(version, candidate)
      if let best = Self.best(entry.reply, title: title) {
        return KnowledgeText(
          title: best.title, text: best.text, source: "MedlinePlus Connect, \(candidate), read \(entry.read)")
      }
    }
    return try await fallback.text(about: category, title: title)
  }

  /// The address of the request for one code.
  static func address(_ version: Int, _ code: String) -> String {
    let system = version == 10 ? "2.16.840.1.113883.6.90" : "2.16.840.1.113883.6.103"
    let whole = version == 9 && code.hasPrefix("E") ? 4 : 3
    let dotted = code.count > whole ? "\(code.prefix(whole)).\(code.dropFirst(whole))" : code
    return address + "?mainSearchCriteria.v.cs=\(system)&mainSearchCriteria.v.c=\(dotted)"
      + "&informationRecipient.languageCode.c=en&knowledgeResponseType=application%2Fjson"
  }

  /// The reply for a code, from disk or else from the service.
  private func page(_ version: Int, _ code: String) async throws -> (reply: JSONValue, read: String) {
    let path = "\(cache)/icd\(version)-\(code).json"
    if let kept = Self.kept(path) { return kept }
    let reply = try await request(Self.address(version, code))
    let read = Date.now.formatted(.iso8601.year().month().day())
    let text = reply.compact()
    let document = JSONValue.object([
      JSONMember("read", .string(read)), JSONMember("sha256", .string(SHA256.hexadecimal(Array(text.utf8)))),
      JSONMember("reply", .string(text)),
    ])
    try makeFolders(above: path, in: path.hasPrefix("/") ? "" : ".")
    try replaceFile(Array(document.formatted().utf8), at: path)
    return (reply, read)
  }

  /// The reply on disk; nil if there is none or it is damaged.
  private static func kept(_ path: String) -> (reply: JSONValue, read: String)? {
    guard FileStatus(of: path)?.isRegular == true,
      let bytes = try? readFile(path, name: path, limit: 8 << 20, refusal: .inputRefused),
      let document = try? JSONValue(parsing: bytes), let text = document["reply"]?.string,
      let read = document["read"]?.string, document["sha256"]?.string == SHA256.hexadecimal(Array(text.utf8)),
      let reply = try? JSONValue(parsing: text)
    else { return nil }
    return (reply, read)
  }

  private func request(_ address: String) async throws -> JSONValue {
    var reason = ""
    for attempt in 0..<5 {
      try await pace.next()
      do {
        let reply = try await fetch(address)
        if reply.status == 200, let document = try? JSONValue(parsing: reply.body) { return document }
        reason = "answered with status \(reply.status)"
        guard reply.status == 200 || reply.status == 429 || reply.status >= 500 else { break }
        try await Task.sleep(for: .seconds(max(reply.retryAfter ?? 0, pace.seconds * Double(1 << attempt))))
      } catch let error where !(error is CancellationError) {
        reason = "can't be reached (\(type(of: error)))"
        try await Task.sleep(for: .seconds(pace.seconds * Double(1 << attempt)))
      }
    }
    throw CloisterError(
      .modelUnreachable, "MedlinePlus Connect \(reason)",
      hint: "try again later with resume, or start a run without --knowledge or with a folder, which needs no network")
  }

  /// Spaces requests evenly.
  private actor Pace {
    let seconds: Double
    private var free = ContinuousClock.now

    init(seconds: Double) { self.seconds = seconds }

    func next() async throws {
      let turn = max(free, ContinuousClock.now)
      free = turn + .seconds(seconds)
      try await Task.sleep(until: turn, clock: .continuous)
    }
  }
}
