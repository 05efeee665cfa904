/// Why a document does not have the expected format; `path` leads to the place without showing its content.
package struct FormatError: Error, Equatable, Sendable {
  package let path: String
  package let reason: String

  package var text: String { "\(path): \(reason)" }
}

/// A JSON object of a known shape: unknown, duplicate and missing members are refused with their path.
package struct StrictObject: Sendable {
  package let members: [JSONMember]
  let path: String

  /// Reads a document whose outermost value is an object with exactly these members.
  package init(parsing bytes: [UInt8], path: String, names: [String]) throws(FormatError) {
    let document: JSONValue
    do {
      document = try JSONValue(parsing: bytes, mostStringBytes: JSONReader.mostInFormats)
    } catch {
      throw error.formatError(path)
    }
    try self.init(document, path: path, names: names, allRequired: true)
  }

  private init(_ value: JSONValue, path: String, names: [String]?, allRequired: Bool) throws(FormatError) {
    guard let members = value.members else { throw FormatError(path: path, reason: "is not an object") }
    self.members = members
    self.path = path
    guard let names else { return }
    for member in members where !names.contains(member.name) {
      throw FormatError(path: path, reason: "has a member that this format does not define")
    }
    if allRequired, let absent = names.first(where: { self[$0] == nil }) {
      throw FormatError(path: path, reason: "has no member \(absent)")
    }
  }

  subscript(name: String) -> JSONValue? { members.first { $0.name == name }?.value }

  package func error(_ name: String, _ reason: String) -> FormatError {
    FormatError(path: "\(path).\(name)", reason: reason)
  }

  package func string(_ name: String) throws(FormatError) -> String {
    guard let text = self[name]?.string else { throw error(name, "is not text") }
    return text
  }

  package func optionalString(_ name: String) throws(FormatError) -> String? {
    self[name] == .null ? nil : try string(name)
  }

  package func integer(_ name: String) throws(FormatError) -> Int {
    guard let number = self[name]?.integer else { throw error(name, "is not a whole number") }
    return number
  }

  package func optionalInteger(_ name: String) throws(FormatError) -> Int? {
    self[name] == .null ? nil : try integer(name)
  }

  package func boolean(_ name: String) throws(FormatError) -> Bool {
    guard let flag = self[name]?.bool else { throw error(name, "is neither true nor false") }
    return flag
  }

  package func number(_ name: String) throws(FormatError) -> Double {
    guard let number = self[name]?.double else { throw error(name, "is not a number") }
    return number
  }

  package func strings(_ name: String) throws(FormatError) -> [String] {
    guard let texts = self[name]?.strings else { throw error(name, "is not a list of strings") }
    return texts
  }

  package func object(_ name: String, names: [String]?, allRequired: Bool = true) throws(FormatError) -> StrictObject {
    try StrictObject(self[name] ?? .null, path: "\(path).\(name)", names: names, allRequired: allRequired)
  }

  package func objects(_ name: String, names: [String]) throws(FormatError) -> [StrictObject] {
    guard let elements = self[name]?.array else { throw error(name, "is not a list") }
    var objects: [StrictObject] = []
    for (index, element) in elements.enumerated() {
      objects.append(
        try StrictObject(element, path: "\(path).\(name)[\(index)]", names: names, allRequired: true))
    }
    return objects
  }
}
