package import Foundation

/// The folder of all temporary folders of this process. It is removed when the process ends, for folders whose objects
/// live until then.
private let temporaryFolders: String = {
  atexit { try? FileManager.default.removeItem(atPath: temporaryFolders) }
  let name = "cloister-test-\(UUID().uuidString.prefix(8))"
  return FileManager.default.temporaryDirectory.appendingPathComponent(name).path
}()

/// A fresh folder that is removed when the object is destroyed.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() throws {
    path = "\(temporaryFolders)/\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  package func path(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a text file, and creates the folders above it.
  @discardableResult
  package func write(_ text: String, to name: String) throws -> String {
    try write(Data(text.utf8), to: name)
  }

  @discardableResult
  package func write(_ data: Data, to name: String) throws -> String {
    let url = URL(fileURLWithPath: path(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
    return url.path
  }

  /// The path of a ledger without releases, with a secret that is the same in all tests: two releases of the same
  /// counts then have the same bytes.
  package func ledger(_ name: String) throws -> String {
    let secret = try write(String(repeating: "0123456789abcdef", count: 4) + "\n", to: "\(name).secret")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
    // A secret without a ledger would mean that the ledger was lost.
    return try write("", to: name)
  }

  package func read(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

  package func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

  /// The sorted names in the folder, or in one of the folders in it.
  package func names(_ name: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(name)).sorted()
  }
}
