internal import Shared

/// A bundle's bytes as they lie in the folder: nothing about them is believed yet.
struct UnverifiedBundle: Sendable {
  /// Every file of the folder, by name.
  let files: [String: [UInt8]]

  init(files: [String: [UInt8]]) { self.files = files }

  /// Reads a folder that holds files of format 1 and nothing else: no subfolder, no link, no other name, none too large.
  ///
  /// - Throws: status 66 where there is no folder; 76 for anything that does not belong in a bundle.
  init(_ path: String) throws(CloisterError) {
    let shown = Console.harmless(path)
    guard FileStatus(of: path)?.isFolder == true else {
      throw CloisterError(.inputMissing, "\(shown): no such folder", hint: "name the folder that the hospital sent")
    }
    var files: [String: [UInt8]] = [:]
    for name in try listFolder(path, name: shown) {
      guard let limit = BundleLayout.limits[name] else {
        throw bundleRefusal(.folder, "\(Console.harmless(name)): this file does not belong in a bundle")
      }
      do {
        files[name] = try readFile(
          "\(path)/\(name)", name: name, limit: limit, followsLinks: false, refusal: .bundleRefused)
      } catch { throw bundleRefusal(.folder, error.what) }
    }
    self.files = files
  }
}

/// The step of verification that refused a bundle, as errors and test vectors name it.
enum VerificationStage: String, CaseIterable, Sendable {
  case folder, timestamp, signature, manifest, files, policy, approvals, statistics, texts, sequence
}

func bundleRefusal(_ stage: VerificationStage, _ what: String) -> CloisterError {
  CloisterError(
    .bundleRefused, "\(what) (refused at: \(stage.rawValue))",
    hint: "do not use this bundle; get it again from the hospital, and its certificate by another way than the bundle")
}
