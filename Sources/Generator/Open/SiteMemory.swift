internal import Foundation
internal import Shared

/// What the generator remembers of each site: the latest release that it accepted, so that nobody can put an older one in its place.
///
/// The file is `{"type": "cloister/sites", "format": 1, "sites": [{"site", "sequence", "manifest-sha256"}]}`.
struct SiteMemory {
  private let path: String
  private var sites: [String: Release] = [:]

  private struct Release: Equatable {
    let sequence: Int
    let manifestSHA256: String
  }

  /// - Parameter path: nil: `cloister/sites.json` under `XDG_STATE_HOME`, or under `.local/state` at home.
  /// - Throws: status 73 where no place is known; 76 where the file can't be read.
  init(_ path: String?) throws(CloisterError) {
    let environment = ProcessInfo.processInfo.environment
    let state = environment["XDG_STATE_HOME"] ?? environment["HOME"].map { "\($0)/.local/state" }
    guard let path = path ?? state.map({ "\($0)/cloister/sites.json" }) else {
      throw CloisterError(
        .cannotWrite, "there is no place to remember releases at: neither XDG_STATE_HOME nor HOME is set",
        hint: "name a file with --memory")
    }
    self.path = path
    guard FileStatus(of: path) != nil else { return }
    let name = Console.harmless(path)
    let bytes = try readFile(path, name: name, limit: 16 << 20, refusal: .bundleRefused)
    do throws(FormatError) {
      let document = try StrictObject(parsing: bytes, path: name, names: ["type", "format", "sites"])
      guard try document.string("type") == Self.type else { throw document.error("type", "is not \(Self.type)") }
      guard try document.integer("format") == 1 else { throw document.error("format", "is not 1") }
      for site in try document.objects("sites", names: ["site", "sequence", "manifest-sha256"]) {
        sites[try site.string("site")] = Release(
          sequence: try site.integer("sequence"), manifestSHA256: try site.string("manifest-sha256"))
      }
    } catch {
      throw CloisterError(
        .bundleRefused, error.text,
        hint: "the memory of accepted releases is damaged; restore it, or remove it if no older bundle could reach you")
    }
  }

  private static let type = "cloister/sites"

  /// Accepts a bundle, and remembers it.
  ///
  /// - Returns: what a person should know of it; nil for nothing.
  /// - Throws: status 76 where a later release was accepted before, or where this one does not follow the one before; 73 where it can't be
  ///   remembered.
  mutating func accept(_ bundle: VerifiedBundle) throws(CloisterError) -> String? {
    let manifest = bundle.manifest
    let release = Release(sequence: manifest.sequence, manifestSHA256: bundle.digest)
    let known = sites[manifest.site]
    if let known {
      if known == release { return nil }
      guard manifest.sequence >= known.sequence else {
        throw bundleRefusal(
          .sequence,
          "manifest.json: this is release \(manifest.sequence) of the site, and release \(known.sequence) was accepted before"
        )
      }
      guard manifest.sequence != known.sequence + 1 || manifest.previous == known.manifestSHA256 else {
        throw bundleRefusal(
          .sequence, "manifest.json: previous is not the release \(known.sequence) that was accepted before")
      }
    }
    sites[manifest.site] = release
    try write()
    guard known?.sequence == release.sequence else { return nil }
    return
      "another bundle with the number \(release.sequence) of this site was accepted before; without a ledger, a hospital numbers every bundle 1"
  }

  private func write() throws(CloisterError) {
    let entries = sites.sorted { $0.key < $1.key }.map { site, release in
      JSONValue.object([
        JSONMember("site", .string(site)), JSONMember("sequence", .integer(release.sequence)),
        JSONMember("manifest-sha256", .string(release.manifestSHA256)),
      ])
    }
    let document = JSONValue.object([
      JSONMember("type", .string(Self.type)), JSONMember("format", 1), JSONMember("sites", .array(entries)),
    ])
    try makeFolders(above: path, in: path.hasPrefix("/") ? "" : ".")
    try replaceFile(Array(document.formatted().utf8), at: path)
  }
}
