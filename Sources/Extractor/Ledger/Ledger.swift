internal import Glibc
internal import Shared

/// The file given to `--ledger`: a site's releases so far, one line each, chained by digests and authenticated with the
/// site's secret.
///
/// A broken chain or a changed line is refused, because a ledger that lost or changed a line can't vouch for what was
/// released.
struct Ledger: Sendable {
  let path: String
  private let lines: [Line]

  /// The next release's place in the ledger.
  struct Place: Equatable, Sendable {
    let series: Int
    let sequence: Int
    /// SHA-256 of the ledger's last line; nil for the first release.
    let previousLine: String?
    /// SHA-256 of the last release's manifest; nil for the first release.
    let previousManifest: String?

    static let first = Place(series: 1, sequence: 1, previousLine: nil, previousManifest: nil)
  }

  /// Reads the ledger of a site, or of any site if `site` is nil. A file that does not exist yet is an empty ledger.
  ///
  /// - Throws: status 77 if a line was changed or lost, or the ledger belongs to another site; the errors of
  ///   `SiteSecret.kept`.
  init(_ path: String, site: String?) throws(CloisterError) {
    self.path = path
    let name = harmless(path)
    let isThere = FileStatus(of: path) != nil
    let bytes = isThere ? try readFile(path, name: name, limit: 64 << 20, refusal: .releaseRefused) : []
    guard bytes.isEmpty || bytes.last == UInt8(ascii: "\n") else {
      throw CloisterError(
        .releaseRefused, "\(name): the last line is incomplete",
        hint: "restore the ledger from a backup; never edit it")
    }
    var lines: [Line] = []
    if !bytes.isEmpty, let secret = try SiteSecret.kept(beside: path) {
      for content in bytes.split(separator: UInt8(ascii: "\n")) {
        do throws(FormatError) {
          lines.append(try Line(Array(content), after: lines, site: site, secret))
        } catch {
          throw CloisterError(
            .releaseRefused, "\(name): \(error.text)",
            hint: "pass this site's ledger to --ledger, or restore it and its secret from a backup; never edit it")
        }
      }
    }
    self.lines = lines
    let known = lines.releases.count
    guard let released = try Self.copies(path).compactMap({ Int($0) }).max(), released > known else { return }
    throw CloisterError(
      .releaseRefused,
      "\(name): there is a copy of release \(released) in \(name).releases, but the ledger "
        + (isThere ? "has only \(known == 1 ? "1 release" : "\(known) releases")" : "is missing"),
      hint: "restore the ledger from a backup: a ledger that lost a release can't protect what was released; "
        + "docs/releases-over-time.md says what to do if there is none")
  }

  /// The names in the folder of copies: release numbers, and unfinished copies.
  private static func copies(_ path: String) throws(CloisterError) -> [String] {
    let folder = "\(path).releases"
    return FileStatus(of: folder) == nil ? [] : try listFolder(folder, name: harmless(folder))
  }

  /// All releases, of all series.
  var releases: [Release] { lines.releases }

  /// How the present series began; nil in the first.
  var begunSeries: SeriesEntry? { lines.begun }

  /// How each series but the first began.
  var series: [SeriesEntry] {
    lines.compactMap { line in if case .series(let entry) = line.content { entry } else { nil } }
  }

  var next: Place {
    Place(
      series: lines.series, sequence: releases.count + 1, previousLine: lines.last?.sha256,
      previousManifest: releases.last?.manifestSHA256)
  }

  /// Adds the release, and stores next to the ledger a copy of what it published, for comparison with later releases.
  ///
  /// - Parameters:
  ///   - categories: the categories under which codes were counted; none without roll-up.
  ///   - onWritten: called once the line is on the disk.
  /// - Throws: status 77 if another release was added since the ledger was read; 73 if the ledger or the copy
  ///   can't be written.
  func append(
    _ entry: LedgerEntry, manifest: [UInt8], statistics: [UInt8], policy: [UInt8],
    counting categories: CodeCategories = .none, onWritten: () -> Void = {}
  ) throws(CloisterError) {
    guard try Ledger(path, site: entry.site).next == next else {
      throw CloisterError(
        .releaseRefused, "\(harmless(path)): another release was added while this one was being made",
        hint: "run the command again: each release must take the one before it into account")
    }
    let secret = try SiteSecret.begun(beside: path)
    let line = Ledger.line(Ledger.members(of: entry, manifest: manifest, categories), secret)
    try Ledger.makeFiles(path)
    var copy = try OutputFolder(copyFolder(entry.place.sequence))
    try copy.write(statistics, to: BundleLayout.statistics)
    try copy.write(policy, to: BundleLayout.policy)
    // If the program ends between these two, the next one finishes the copy: see `finishCopies`.
    try appendLine(line + "\n", to: path)
    copy.keep()
    onWritten()
    try copy.publish()
  }

  /// Begins a new series.
  func append(_ entry: SeriesEntry) throws(CloisterError) {
    let secret = try SiteSecret.begun(beside: path)
    try appendLine(Ledger.line([JSONMember("series", entry.json)], secret) + "\n", to: path)
  }

  /// The ledger and what is kept beside it, as far as they exist.
  static func files(_ path: String) -> [String] {
    [path, "\(path).releases", SiteSecret.file(beside: path)].filter { FileStatus(of: $0) != nil }
  }

  /// Creates an empty ledger and its folder if they don't exist.
  static func makeFiles(_ path: String) throws(CloisterError) {
    try ensureFile(at: path, permissions: 0o600)
    if FileStatus(of: "\(path).releases") == nil { try makeFolder("\(path).releases") }
  }

  /// Finishes the copy of the last release if its program was killed after it had written its line, and removes copies
  /// of releases that have no line: no bundle of these has appeared.
  static func finishCopies(_ path: String) throws(CloisterError) {
    let mark = ".incomplete-"
    let unfinished = try copies(path).filter { $0.contains(mark) }
    if unfinished.isEmpty { return }
    let releases = try Ledger(path, site: nil).releases
    for name in unfinished {
      let folder = "\(path).releases/\(name)"
      let isLast = name.hasPrefix("\(releases.count)\(mark)")
      let bytes =
        isLast
        ? try? readFile("\(folder)/\(BundleLayout.statistics)", name: "", limit: 1 << 30, refusal: .releaseRefused)
        : nil
      let isWhole = bytes.map(SHA256.hexadecimal) == releases.last?.statisticsSHA256
      let whole = "\(path).releases/\(releases.count)"
      if isLast, isWhole, FileStatus(of: whole) == nil {
        guard unsafe rename(folder, whole) == 0 else { throw cannotWrite(folder) }
      } else {
        removeTree(folder)
      }
    }
  }

  private func copyFolder(_ sequence: Int) -> String { "\(path).releases/\(sequence)" }

  /// What the earlier releases of a series published, except for releases with noise.
  ///
  /// - Parameter series: nil for the present one.
  ///
  /// - Throws: status 77 if a copy is missing or not what the ledger says was published.
  func earlierReleases(of series: Int? = nil) throws(CloisterError) -> [EarlierRelease] {
    var releases: [EarlierRelease] = []
    for release in self.releases where release.epsilon == nil && release.series == series ?? lines.series {
      let folder = copyFolder(release.sequence)
      let policy = try copy(BundleLayout.policy, in: folder, release.policySHA256)
      let bytes = try copy(BundleLayout.statistics, in: folder, release.statisticsSHA256)
      do {
        releases.append(
          EarlierRelease(
            sequence: release.sequence, policy: try Policy(parsing: policy, file: BundleLayout.policy),
            statistics: try Statistics(parsing: bytes), codeCategories: release.codeCategories))
      } catch {
        throw CloisterError(
          .releaseRefused,
          "\(harmless(folder)): this version of cloister-extractor can't read this copy of an earlier "
            + "release",
          hint: "use the version that made it; docs/releases-over-time.md says how to begin a new series")
      }
    }
    return releases
  }

  private func copy(_ file: String, in folder: String, _ digest: String) throws(CloisterError) -> [UInt8] {
    let name = harmless(folder, file: file)
    guard FileStatus(of: "\(folder)/\(file)") != nil else {
      throw CloisterError(
        .releaseRefused, "\(name): this copy of an earlier release is missing",
        hint: "restore it from a backup, or from the bundle of that release")
    }
    let bytes = try readFile(
      "\(folder)/\(file)", name: name, limit: BundleLayout.limits[file] ?? 0, refusal: .releaseRefused)
    guard SHA256.hexadecimal(bytes) == digest else {
      throw CloisterError(
        .releaseRefused, "\(name): this is not what the ledger says was published",
        hint: "restore the folder from a backup: without it nobody can tell what a new release would reveal")
    }
    return bytes
  }

  /// What all releases with noise cost together.
  var spent: Epsilon { releases.compactMap(\.epsilon).reduce(Epsilon.zero, +) }

  /// Refuses a release for which the ledger's earlier releases leave no room.
  ///
  /// Claim: together, a ledger's releases with noise cost no more than the policy's budget, and no release of exact
  /// counts is among them, because that would make the sum worthless.
  ///
  /// - Throws: status 77.
  func requireRoom(for noise: Policy.Noise?) throws(CloisterError) {
    let name = harmless(path)
    guard releases.allSatisfy({ ($0.epsilon != nil) == (noise != nil) }) else {
      throw CloisterError(
        .releaseRefused, "\(name): one ledger can't hold releases with noise and releases of exact counts",
        hint: "use only one kind of policy for each data source: no guarantee holds for the two together")
    }
    guard let noise else { return }
    guard spent + noise.epsilon <= noise.budget else {
      throw CloisterError(
        .releaseRefused,
        "\(name): epsilon \(spent.text) of the policy's budget of \(noise.budget.text) is spent, and this release "
          + "would cost \(noise.epsilon.text) more",
        hint: "do not release this under the present budget; a larger one must be approved first")
    }
  }

  /// Refuses a policy that begins a new series if the ledger has not begun it.
  ///
  /// - Throws: status 77.
  func requireSeries(of policy: Policy) throws(CloisterError) {
    guard let reason = policy.newSeries, reason != begunSeries?.reason else { return }
    throw CloisterError(
      .releaseRefused, "\(harmless(path)): the policy begins a new series, but the ledger has not begun it",
      hint: "run cloister-extractor ledger new-series first, or leave new-series out of the policy")
  }
}
