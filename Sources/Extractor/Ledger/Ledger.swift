internal import Shared

/// A site's releases so far, one line each, chained by digests: the file that `--ledger` names.
///
/// A line is `{"entry": …, "manifest-sha256": …}`; the entry names the digest of the line before. A broken chain is
/// refused: a ledger that lost or changed a line can't vouch for what was released.
struct Ledger: Sendable {
  let path: String
  private let lines: [Line]

  private struct Line: Sendable {
    let sha256: String
    let manifestSHA256: String
  }

  /// Where the next release stands.
  struct Place: Equatable, Sendable {
    let sequence: Int
    /// SHA-256 of the ledger's last line; nil for the first release.
    let previousLine: String?
    /// SHA-256 of the last release's manifest; nil for the first release.
    let previousManifest: String?

    static let first = Place(sequence: 1, previousLine: nil, previousManifest: nil)
  }

  /// Reads the ledger of a site; a file that does not exist yet is an empty ledger.
  ///
  /// - Throws: status 77 where the chain is broken or the ledger is another site's.
  init(_ path: String, site: String) throws(CloisterError) {
    self.path = path
    guard FileStatus(of: path) != nil else {
      lines = []
      return
    }
    let name = Console.harmless(path)
    let bytes = try readFile(path, name: name, limit: 64 << 20, refusal: .releaseRefused)
    var lines: [Line] = []
    for content in bytes.split(separator: UInt8(ascii: "\n")) {
      do throws(FormatError) {
        let line = try StrictObject(
          parsing: Array(content), path: "line \(lines.count + 1)", names: ["entry", "manifest-sha256"])
        let entry = try line.object("entry", names: ledgerEntryNames)
        guard try entry.optionalString("previous") == lines.last?.sha256 else {
          throw entry.error("previous", "is not the digest of the line before")
        }
        guard try entry.integer("sequence") == lines.count + 1 else { throw entry.error("sequence", "is not the next") }
        guard try entry.string("site") == site else { throw entry.error("site", "is not the certificate's name") }
        lines.append(
          Line(sha256: SHA256.hexadecimal(Array(content)), manifestSHA256: try line.string("manifest-sha256")))
      } catch {
        throw CloisterError(
          .releaseRefused, "\(name): \(error.text)",
          hint: "the ledger was changed or belongs to another site; restore it from a backup, never edit it")
      }
    }
    self.lines = lines
  }

  var next: Place {
    guard let last = lines.last else { return .first }
    return Place(
      sequence: lines.count + 1, previousLine: last.sha256, previousManifest: last.manifestSHA256)
  }

  /// Adds the release.
  ///
  /// - Throws: status 77 where another release was added since the ledger was read; status 73 where it can't be written.
  func append(_ entry: LedgerEntry, manifest: [UInt8]) throws(CloisterError) {
    guard try Ledger(path, site: entry.site).next == next else {
      throw CloisterError(
        .releaseRefused, "\(Console.harmless(path)): another release was added while this one was made",
        hint: "run extract again: each release must know the one before it")
    }
    let line = JSONValue.object([
      JSONMember("entry", entry.json), JSONMember("manifest-sha256", .string(SHA256.hexadecimal(manifest))),
    ])
    try appendLine(line.compact() + "\n", to: path)
  }
}

/// The content of `ledger-entry.json`: this release's place in the site's ledger.
struct LedgerEntry: Sendable {
  let site: String
  let place: Ledger.Place
  let created: String
  let policySHA256: String
  let statisticsSHA256: String
  let guarantee: String

  var json: JSONValue {
    .object([
      JSONMember("type", "cloister/ledger-entry"), JSONMember("format", 1), JSONMember("site", .string(site)),
      JSONMember("sequence", .integer(place.sequence)),
      JSONMember("previous", .optional(place.previousLine) { .string($0) }),
      JSONMember("created", .string(created)), JSONMember("policy-sha256", .string(policySHA256)),
      JSONMember("statistics-sha256", .string(statisticsSHA256)), JSONMember("guarantee", .string(guarantee)),
    ])
  }
}

private let ledgerEntryNames = [
  "type", "format", "site", "sequence", "previous", "created", "policy-sha256", "statistics-sha256", "guarantee",
]
