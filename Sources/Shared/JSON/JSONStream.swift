/// Reads a large JSON document of a known shape piece by piece, so that it never stands in memory as a whole. It is as
/// strict as `StrictObject`: unknown, duplicate and missing members are refused with their path.
package struct JSONStream {
  private var reader: JSONReader
  private let file: String

  /// - Parameter file: the file's name, for errors.
  package init(_ bytes: [UInt8], file: String) {
    reader = JSONReader(bytes: bytes)
    reader.mostStringBytes = JSONReader.mostInFormats
    self.file = file
  }

  /// Reads an object.
  ///
  /// - Parameters:
  ///   - path: leads to the object, for errors.
  ///   - names: the members that it may have; nil for any.
  ///   - read: called with each member's name; must read its value.
  package mutating func object(
    _ path: @autoclosure () -> String, names: [String]?, allRequired: Bool = true,
    _ read: (inout JSONStream, String) throws(FormatError) -> Void
  ) throws(FormatError) {
    guard taken("{") else { throw FormatError(path: path(), reason: "is not an object") }
    var found: Set<String> = []
    if !taken("}") {
      repeat {
        let name = try string(path())
        guard found.insert(name).inserted else { throw syntaxError("a member name appears twice in one object") }
        guard names?.contains(name) ?? true else {
          throw FormatError(path: path(), reason: "has a member that this format does not define")
        }
        try expect(":")
        try read(&self, name)
      } while taken(",")
      try expect("}")
    }
    guard allRequired, let absent = names?.first(where: { !found.contains($0) }) else { return }
    throw FormatError(path: path(), reason: "has no member \(absent)")
  }

  /// Reads an array.
  ///
  /// - Parameter read: called with each element's number, from 0; must read the element.
  package mutating func array(
    _ path: @autoclosure () -> String, _ read: (inout JSONStream, Int) throws(FormatError) -> Void
  ) throws(FormatError) {
    guard taken("[") else { throw FormatError(path: path(), reason: "is not a list") }
    if taken("]") { return }
    var number = 0
    repeat {
      try read(&self, number)
      number += 1
    } while taken(",")
    try expect("]")
  }

  package mutating func string(_ path: @autoclosure () -> String) throws(FormatError) -> String {
    reader.skipWhiteSpace()
    guard reader.current == UInt8(ascii: "\"") else { throw FormatError(path: path(), reason: "is not text") }
    return try syntax { (reader) throws(JSONError) in try reader.string() }
  }

  package mutating func strings(_ path: @autoclosure () -> String) throws(FormatError) -> [String] {
    var texts: [String] = []
    try array(path()) { (stream, _) throws(FormatError) in texts.append(try stream.string(path())) }
    return texts
  }

  package mutating func integer(_ path: @autoclosure () -> String) throws(FormatError) -> Int {
    guard let number = try value().integer else { throw FormatError(path: path(), reason: "is not a whole number") }
    return number
  }

  package mutating func optionalInteger(_ path: @autoclosure () -> String) throws(FormatError) -> Int? {
    let value = try value()
    if value == .null { return nil }
    guard let number = value.integer else { throw FormatError(path: path(), reason: "is not a whole number") }
    return number
  }

  /// Requires that nothing follows.
  package mutating func end() throws(FormatError) {
    reader.skipWhiteSpace()
    guard reader.current == nil else { throw syntaxError("text after the document") }
  }

  private mutating func value() throws(FormatError) -> JSONValue {
    try syntax { (reader) throws(JSONError) in try reader.value() }
  }

  private mutating func taken(_ character: Unicode.Scalar) -> Bool { reader.take(character) }

  private mutating func expect(_ character: Unicode.Scalar) throws(FormatError) {
    try syntax { (reader) throws(JSONError) in try reader.expect(character) }
  }

  private mutating func syntax<Value>(
    _ read: (inout JSONReader) throws(JSONError) -> Value
  ) throws(FormatError) -> Value {
    do throws(JSONError) { return try read(&reader) } catch { throw error.formatError(file) }
  }

  private func syntaxError(_ reason: String) -> FormatError { reader.error(reason).formatError(file) }
}

extension JSONError {
  /// The error, with the file's name.
  func formatError(_ file: String) -> FormatError { FormatError(path: file, reason: "\(reason), at byte \(offset)") }
}
