internal import Shared

/// Text for SQL commands that name files of one folder.
struct SQLText: Sendable {
  private let folder: String

  init(folder: String) { self.folder = folder }

  /// The quoted path of a file in the folder.
  func path(_ file: String) -> String { Self.quoted("\(folder)/\(file)") }

  /// A text constant.
  static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

  /// A name, quoted.
  static func name(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
}
