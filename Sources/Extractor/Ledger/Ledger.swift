internal import Shared

/// A site's releases so far, one line each, chained by digests: the file that `--ledger` names.
///
/// A line is `{"entry": …, "manifest-sha256": …}`; the entry names the digest of the line before. A broken chain is
/// refused: a ledger that lost or changed a line can't vouch for what was released.
struct Ledger: Sendable {
  let path: String
  private let lines: [Line]

  /// Where the next release stands.
  struct Place: Equatable, Sendable {
    let sequence: Int
    /// SHA-256 of the ledger's last line; nil for the first release.
    let previousLine: String?
    /// SHA-256 of the last release's manifest; nil for the first release.
    let previousManifest: String?

    static let first = Place(sequence: 1, previousLine: nil, previousManifest: nil)
  }

  /// Reads the ledger of a site, or, where none is named, of whichever it is; a file that does not exist yet is an empty ledger.
  ///
  /// - Throws: status 77 where the chain is broken or the ledger is another site's.
  init(_ path: String, site: String?) throws(CloisterError) {
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
        lines.append(try Line(Array(content), after: lines.last, number: lines.count + 1, site: site))
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

  /// Adds the release, and keeps a copy of what it published beside the ledger, for comparison with later ones.
  ///
  /// - Throws: status 77 where another release was added since the ledger was read; status 73 where it can't be written.
  func append(
    _ entry: LedgerEntry, manifest: [UInt8], statistics: [UInt8], policy: [UInt8]
  ) throws(CloisterError) {
    guard try Ledger(path, site: entry.site).next == next else {
      throw CloisterError(
        .releaseRefused, "\(Console.harmless(path)): another release was added while this one was made",
        hint: "run extract again: each release must know the one before it")
    }
    let line = JSONValue.object([
      JSONMember("entry", entry.json), JSONMember("manifest-sha256", .string(SHA256.hexadecimal(manifest))),
    ])
    // Left behind by a run that was killed before its line was written.
    removeTree(copyFolder(entry.place.sequence))
    try Ledger.begin(path)
    let copy = try OutputFolder(copyFolder(entry.place.sequence))
    try copy.write(statistics, to: BundleLayout.statistics)
    try copy.write(policy, to: BundleLayout.policy)
    try copy.publish()
    try appendLine(line.compact() + "\n", to: path)
  }

  /// The ledger and the folder beside it, where they are there.
  static func files(_ path: String) -> [String] { [path, "\(path).releases"].filter { FileStatus(of: $0) != nil } }

  /// Makes an empty ledger with its folder where there is none: within the sandbox neither could be made. - Throws: status 73.
  static func begin(_ path: String) throws(CloisterError) {
    if FileStatus(of: path) == nil { try writeNewFile([], to: path) }
    if FileStatus(of: "\(path).releases") == nil { try makeFolder("\(path).releases") }
  }

  private func copyFolder(_ sequence: Int) -> String { "\(path).releases/\(sequence)" }

  /// What the releases so far published, without those that noise protects.
  ///
  /// - Throws: status 77 where a copy is missing or not what the ledger says was published.
  func earlierReleases() throws(CloisterError) -> [EarlierRelease] {
    var releases: [EarlierRelease] = []
    for (number, line) in lines.enumerated() where line.epsilon == nil {
      let folder = copyFolder(number + 1)
      let policy = try copy(BundleLayout.policy, in: folder, line.policySHA256)
      let bytes = try copy(BundleLayout.statistics, in: folder, line.statisticsSHA256)
      do {
        releases.append(
          EarlierRelease(
            sequence: number + 1, policy: try Policy(parsing: policy, file: BundleLayout.policy),
            statistics: try Statistics(parsing: bytes)))
      } catch {
        throw CloisterError(
          .releaseRefused, "\(Console.harmless(folder)): the copy can't be read by this version",
          hint: "begin a new ledger only if no later release can be compared with the earlier ones by anyone")
      }
    }
    return releases
  }

  private func copy(_ file: String, in folder: String, _ digest: String) throws(CloisterError) -> [UInt8] {
    let name = "\(Console.harmless(folder))/\(file)"
    let bytes = try readFile(
      "\(folder)/\(file)", name: name, limit: BundleLayout.limits[file] ?? 0, refusal: .releaseRefused)
    guard SHA256.hexadecimal(bytes) == digest else {
      throw CloisterError(
        .releaseRefused, "\(name): not what the ledger says was published",
        hint: "restore the folder from a backup: without it nobody can tell what a new release gives away")
    }
    return bytes
  }

  /// Refuses a release that the ledger's earlier ones leave no room for.
  ///
  /// Claim: the releases with noise of one ledger cost no more than the policy's budget together, and none of exact counts is among
  /// them: exact counts would make the sum worthless.
  ///
  /// - Throws: status 77.
  func requireRoom(for noise: Policy.Noise?) throws(CloisterError) {
    let name = Console.harmless(path)
    guard lines.allSatisfy({ ($0.epsilon != nil) == (noise != nil) }) else {
      throw CloisterError(
        .releaseRefused, "\(name): releases with noise and releases of exact counts can't stand in one ledger",
        hint: "together they support no claim; keep to one kind of policy for a data source")
    }
    guard let noise else { return }
    let spent = lines.compactMap(\.epsilon).reduce(Epsilon.zero, +)
    guard spent + noise.epsilon <= noise.budget else {
      throw CloisterError(
        .releaseRefused,
        "\(name): epsilon \(spent.text) of the policy's budget of \(noise.budget.text) is spent; this release would cost "
          + "\(noise.epsilon.text) more",
        hint: "nothing more of this data source may leave under this budget; a larger one must be approved")
    }
  }
}
