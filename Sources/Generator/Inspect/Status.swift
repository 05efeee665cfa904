internal import Foundation
internal import GRDB
internal import Shared

/// How far a run has come.
struct RunStatus: Sendable {
  let settings: RunSettings
  let finished: Int
  let begun: Int
  let requests: RequestCounts
  let who: WhoChose
  /// The mean rate over the ten minutes before the last answer.
  let answersPerMinute: Double
  let hasTables: Bool
  let prices: Prices?

  init(_ run: RunFolder, _ prices: Prices?) throws {
    settings = run.settings
    self.prices = prices
    let progress = try run.journal.progress()
    finished = progress.ended.count
    begun = progress.answered.subtracting(progress.ended).count
    requests = try run.journal.requestCounts()
    who = try run.journal.whoChose()
    hasTables = FileStatus(of: "\(run.path)/report.json")?.isRegular == true
    answersPerMinute = try run.journal.read { db in
      let times = "SELECT at + coalesce(seconds, 0) AS t FROM sent WHERE outcome = 'ok'"
      let last = try Double.fetchOne(db, sql: "SELECT max(t) FROM (\(times))") ?? 0
      let recent = try Row.fetchOne(
        db, sql: "SELECT count(*) AS n, min(t) AS first FROM (\(times)) WHERE t > ?", arguments: [last - 600])
      let number: Int = recent?["n"] ?? 0
      let span = last - (recent?["first"] ?? last)
      return span > 1 ? Double(number) / span * 60 : 0
    }
  }

  var json: JSONValue {
    .object([
      JSONMember("admissions", .integer(settings.admissions)), JSONMember("finished", .integer(finished)),
      JSONMember("begun", .integer(begun)), JSONMember("tables", .bool(hasTables)),
      JSONMember("requests", requests.json), JSONMember("who-chose", who.json),
      JSONMember("answers-per-minute", .number((answersPerMinute * 10).rounded() / 10)),
      JSONMember("cost", .optional(prices) { .number($0.cost(requests.usage)) }),
    ])
  }

  var lines: [String] {
    let state =
      hasTables ? "finished" : finished == settings.admissions ? "tables not made yet" : "not finished"
    var lines = [
      "\(finished) of \(settings.admissions) admissions done, \(begun) more started: \(state)",
      "model \(settings.model.name), variant \(settings.variant.rawValue), started \(settings.created)",
    ]
    lines += requests.facts(admissions: finished).map { "\($0.0.lowercased()): \($0.1)" }
    if answersPerMinute > 0 {
      lines.append("recent answers per minute: \((answersPerMinute * 10).rounded() / 10)")
      let each = finished > 0 ? Double(requests.answered) / Double(finished) : 0
      let left = Double(settings.admissions - finished) * each / answersPerMinute
      if left > 0 { lines.append("about \(Int(left.rounded(.up))) minutes left at this rate") }
    }
    if let prices { lines.append("cost so far: \(prices.text(prices.cost(requests.usage)))") }
    lines.append(who.line)
    return lines
  }
}
