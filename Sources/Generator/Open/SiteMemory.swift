internal import Foundation
internal import Shared

/// Remembers which key each site signs with, so that nobody else can speak in its name, and the latest release accepted
/// from each of its sources, so that nobody can replace it with an older one. A site numbers the releases of all its
/// sources in one ledger.
///
/// The file is `{"type": "cloister/sites", "format": 1, "sites": [{"site", "key-sha256", "releases": [{"source",
/// "sequence", "manifest-sha256"}]}]}`.
struct SiteMemory {
  private let path: String
  /// Keeps other programs from writing the file in the meantime; nil if it is only read.
  private let lock: FileLock?
  /// By name.
  private(set) var sites: [String: Site] = [:]

  struct Site: Equatable {
    /// SHA-256 of the public key.
    var key: String
    /// By source.
    var releases: [String: Release] = [:]
  }

  struct Release: Equatable {
    let sequence: Int
    let manifestSHA256: String
  }

  /// - Parameters:
  ///   - isToBeWritten: whether to keep other programs from writing the file.
  ///   - path: the file; nil for `cloister/sites.json` under `XDG_STATE_HOME`, or else under `~/.local/state`.
  /// - Throws: status 73 if there is no path and no default; 66 if the file can't be read; 76 if it is damaged.
  init(_ path: String?, isToBeWritten: Bool = false) throws(CloisterError) {
    let environment = ProcessInfo.processInfo.environment
    // An empty variable counts as unset.
    let named = environment["XDG_STATE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
    let state = named ?? environment["HOME"].map { "\($0)/.local/state" }
    guard let path = path ?? state.map({ "\($0)/cloister/sites.json" }) else {
      throw CloisterError(
        .cannotWrite, "there is no file in which to record accepted releases: neither XDG_STATE_HOME nor HOME is set",
        hint: "pass a file to --memory")
    }
    self.path = path
    lock = isToBeWritten ? try Self.locked(path) : nil
    guard FileStatus(of: path) != nil else { return }
    let name = harmless(path)
    let bytes = try readFile(path, name: name, limit: 16 << 20, refusal: .bundleRefused)
    do throws(FormatError) {
      let document = try StrictObject(parsing: bytes, path: name, names: ["type", "format", "sites"])
      guard try document.string("type") == Self.type else { throw document.error("type", "is not \(Self.type)") }
      guard try document.integer("format") == 1 else { throw document.error("format", "is not 1") }
      for site in try document.objects("sites", names: ["site", "key-sha256", "releases"]) {
        var known = Site(key: try site.string("key-sha256"))
        for release in try site.objects("releases", names: ["source", "sequence", "manifest-sha256"]) {
          known.releases[try release.string("source")] = Release(
            sequence: try release.integer("sequence"), manifestSHA256: try release.string("manifest-sha256"))
        }
        sites[try site.string("site")] = known
      }
    } catch {
      throw CloisterError(
        .bundleRefused, error.text,
        hint: "restore this record of accepted releases; remove it only if nobody can send you an older bundle")
    }
  }

  private static let type = "cloister/sites"

  private static func locked(_ path: String) throws(CloisterError) -> FileLock {
    let file = "\(path).lock"
    try makeFolders(above: path, in: path.hasPrefix("/") ? "" : ".")
    try ensureFile(at: file)
    return try FileLock(file) {}
  }

  /// Accepts a bundle and remembers it.
  ///
  /// - Returns: a note for the user; nil if there is nothing to note.
  /// - Throws: status 76 if the site signed with another key before, if a later release from the source was accepted
  ///   before, or if the release with the number before was accepted, but this one does not refer to it; 73 if the file
  ///   can't be written.
  mutating func accept(_ bundle: VerifiedBundle) throws(CloisterError) -> String? {
    let manifest = bundle.manifest
    var site = sites[manifest.site] ?? Site(key: bundle.signer.key)
    guard site.key == bundle.signer.key else { throw foreignKey(bundle, site) }
    let release = Release(sequence: manifest.sequence, manifestSHA256: bundle.digest)
    let known = site.releases[bundle.source]
    if let known {
      if known == release { return nil }
      guard manifest.sequence >= known.sequence else {
        throw bundleRefusal(
          .sequence,
          "manifest.json: this is release \(manifest.sequence) of the site, but release \(known.sequence) "
            + "of the same source was accepted before",
          hint: "use the later release; to read the earlier one on purpose, give --memory another file")
      }
      // Only a ledger gives numbers above 1, and it gives each only once.
      guard manifest.sequence > known.sequence || manifest.sequence == 1 else {
        throw bundleRefusal(
          .sequence, "manifest.json: a different bundle with number \(known.sequence) was accepted before")
      }
    }
    for before in site.releases.values where before.sequence == manifest.sequence - 1 {
      guard manifest.previous == before.manifestSHA256 else {
        throw bundleRefusal(
          .sequence, "manifest.json: previous is not release \(before.sequence), which was accepted before")
      }
    }
    site.releases[bundle.source] = release
    sites[manifest.site] = site
    try write()
    guard known?.sequence == release.sequence else { return nil }
    return
      "a different bundle with number \(release.sequence) was accepted from this site before; "
      + "without a ledger, a hospital numbers every bundle 1"
  }

  private func foreignKey(_ bundle: VerifiedBundle, _ site: Site) -> CloisterError {
    CloisterError(
      .bundleRefused,
      "\(BundleLayout.signature): bundles of \(harmless(bundle.manifest.site)) were signed with another key before, "
        + "SHA-256 \(site.key); this one with \(bundle.signer.key) (refused at: site)",
      hint: "ask the hospital, through a separate channel, whether it has a new key; if so, run "
        + "cloister-generator sites replace NAME --cert NEW.pem")
  }

  /// Remembers a new key for a known site.
  ///
  /// - Returns: SHA-256 of the key before.
  /// - Throws: status 66 if no bundle of the site was accepted yet; 73 if the file can't be written.
  mutating func replaceKey(of name: String, with key: String) throws(CloisterError) -> String {
    guard var site = sites[name] else {
      throw CloisterError(
        .inputMissing, "no bundle of a site with this name was accepted yet",
        hint: "cloister-generator sites list shows the names; a new site needs no replacement")
    }
    let before = site.key
    site.key = key
    sites[name] = site
    try write()
    return before
  }

  private func write() throws(CloisterError) {
    let entries = sites.inByteOrder().map { name, site in
      JSONValue.object([
        JSONMember("site", .string(name)), JSONMember("key-sha256", .string(site.key)),
        JSONMember(
          "releases",
          .array(
            site.releases.inByteOrder().map { source, release in
              .object([
                JSONMember("source", .string(source)), JSONMember("sequence", .integer(release.sequence)),
                JSONMember("manifest-sha256", .string(release.manifestSHA256)),
              ])
            })),
      ])
    }
    let document = JSONValue.object([
      JSONMember("type", .string(Self.type)), JSONMember("format", 1), JSONMember("sites", .array(entries)),
    ])
    try replaceFile(Array(document.formatted().utf8), at: path)
  }
}

extension VerifiedBundle {
  /// What the counts are about: a source, or an evaluation with records of that source.
  fileprivate var source: String { statistics.schema.rawValue + (policy.isForEvaluation ? ", evaluation" : "") }
}
