internal import Shared

/// A bundle's files as read from its folder; nothing in them is trusted yet.
struct UnverifiedBundle: Sendable {
  /// Every file in the folder, by name.
  let files: [String: [UInt8]]

  init(files: [String: [UInt8]]) { self.files = files }

  /// Reads a folder that may contain only the files of format 1. Refuses subfolders, links, other names and oversized
  /// files.
  ///
  /// - Parameter mostStatistics: the largest `statistics.json` to read, in MiB; nil for the largest of the format.
  /// - Throws: status 66 if there is no such folder; 76 for anything that does not belong in a bundle.
  init(_ path: String, mostStatistics: Int? = nil) throws(CloisterError) {
    let shown = harmless(path)
    guard FileStatus(of: path)?.isFolder == true else {
      throw CloisterError(.inputMissing, "\(shown): no such folder", hint: "name the folder that the hospital sent")
    }
    guard FileStatus(of: "\(path)/run.json") == nil else {
      throw CloisterError(
        .bundleRefused, "\(shown): this is the folder of a run, not a bundle",
        hint: "the bundle that it was made from is in \(shown)/bundle")
    }
    var files: [String: [UInt8]] = [:]
    for name in try listFolder(path, name: shown) {
      guard var limit = BundleLayout.limits[name] else { throw Self.stranger(name) }
      if let mostStatistics {
        if name == BundleLayout.statistics { limit = mostStatistics << 20 }
        if name == BundleLayout.review { limit = mostStatistics << 22 }
      }
      do {
        files[name] = try readFile(
          "\(path)/\(name)", name: name, limit: limit, followsLinks: false, refusal: .bundleRefused)
      } catch { throw bundleRefusal(.folder, error.what) }
    }
    self.files = files
  }

  /// Refuses a file that is not one of a bundle's.
  private static func stranger(_ name: String) -> CloisterError {
    let refusal = bundleRefusal(.folder, "\(harmless(name)): this file does not belong in a bundle")
    let isDesktops = [".DS_Store", "Thumbs.db", "desktop.ini", ".directory"].contains(name) || name.hasPrefix("._")
    guard isDesktops else { return refusal }
    return CloisterError(
      refusal.status, refusal.what, hint: "a desktop program left this file here; remove it and try again")
  }
}

/// The verification step that refused a bundle, under the name that errors and test vectors use.
enum VerificationStage: String, CaseIterable, Sendable {
  case folder, timestamp, signature, manifest, files, policy, approvals, statistics, texts, ledger, site, sequence
}

func bundleRefusal(_ stage: VerificationStage, _ what: String, hint: String? = nil) -> CloisterError {
  CloisterError(
    .bundleRefused, "\(what) (refused at: \(stage.rawValue))",
    hint: hint
      ?? "do not use this bundle; get it again from the hospital, and the certificate through a separate channel")
}
