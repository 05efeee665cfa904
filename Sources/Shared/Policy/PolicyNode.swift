internal import Yams

/// A place in a policy file: 1-based line and column.
package struct PolicyPlace: Hashable, Sendable {
  package let line: Int
  package let column: Int
}

/// What is wrong in a policy file, and where.
package struct PolicyFault: Error, Equatable, Sendable {
  package let place: PolicyPlace
  package let reason: String
}

/// Everything that is wrong in a policy file, as far as it could be read, by place.
package struct PolicyFaults: Error, Equatable, Sendable {
  /// At least one.
  package let all: [PolicyFault]

  /// The error of a command that needs the file.
  ///
  /// - Parameters:
  ///   - file: the file's name.
  ///   - hint: what to do next.
  package func error(in file: String, hint: String) -> CloisterError {
    let first = all.first.map { "\(file) \($0.place.text): \($0.reason)" } ?? file
    let more = all.count > 1 ? " (and \(all.count - 1) more)" : ""
    return CloisterError(.policyOrKeyWrong, first + more, hint: hint)
  }
}

extension PolicyPlace {
  package var text: String { "line \(line), column \(column)" }

  init(_ mark: Mark?) { self.init(line: mark?.line ?? 1, column: mark?.column ?? 1) }
}

/// Collects faults while a file is read to its end, so that a person sees all of them at once.
final class PolicyFaultList {
  private var found: [(fault: PolicyFault, key: String)] = []
  private var unread: Set<PolicyPlace> = []

  /// Notes a fault, unless one is known for the same key at the same place: what follows from a fault is not another.
  func note(_ place: PolicyPlace, _ key: String, _ reason: String) {
    if unread.contains(place) { return }
    if found.contains(where: { $0.fault.place == place && $0.key == key }) { return }
    found.append((PolicyFault(place: place, reason: reason), key))
  }

  /// Notes that there is no mapping at a place. Later faults at this place follow from that, and are not noted.
  func noteUnread(_ place: PolicyPlace, _ reason: String) {
    note(place, "", reason)
    unread.insert(place)
  }

  var count: Int { found.count }

  /// - Throws: everything noted, if there is anything.
  func end() throws(PolicyFaults) {
    if found.isEmpty { return }
    throw PolicyFaults(
      all: found.map(\.fault).sorted { ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column) })
  }
}

/// A YAML mapping, read strictly: keys from a fixed list, each used once, with values of one kind. Whatever is wrong is
/// noted, and reading goes on with a harmless value in its place.
struct PolicyMapping {
  let faults: PolicyFaultList
  private let place: PolicyPlace
  private let values: [String: Node]

  /// Notes a fault if the node is not a mapping, and one for each unknown key. The value of a misspelt key is still
  /// read, so that its own faults are noted as well.
  init(_ node: Node, what: String, keys: [String], _ faults: PolicyFaultList) {
    self.faults = faults
    place = PolicyPlace(node.mark)
    guard case .mapping(let mapping) = node else {
      // A person who leaves out the blank sees a key and its value; YAML sees one word.
      let isJoined = node.scalar?.string.contains(":") ?? false
      faults.noteUnread(
        place,
        "\(what) must be a mapping of keys to values" + (isJoined ? "; a blank must follow the colon of each key" : ""))
      values = [:]
      return
    }
    var values: [String: Node] = [:]
    var misspelt: [String: Node] = [:]
    for (key, value) in mapping {
      let name = key.scalar?.string ?? ""
      if keys.contains(name) {
        if values.updateValue(value, forKey: name) != nil {
          faults.note(PolicyPlace(key.mark), name, "the key \(name) appears twice in \(what)")
        }
      } else {
        faults.note(PolicyPlace(key.mark), "", "unknown key in \(what); \(knownNames(keys, nearest: name))")
        if let meant = nearestName(keys, to: name) { misspelt[meant] = value }
      }
    }
    self.values = values.merging(misspelt) { known, _ in known }
  }

  func node(_ key: String) -> Node? { values[key] }

  /// Notes a missing key.
  func required(_ key: String) -> Node? {
    if values[key] == nil { faults.note(place, "missing \(key)", "the key \(key) is missing") }
    return values[key]
  }

  /// A text; `fallback` if the key is missing. Without a fallback, the key is required.
  func text(_ key: String, default fallback: String? = nil) -> String {
    if let fallback, values[key] == nil { return fallback }
    guard let node = required(key) else { return "" }
    guard let text = node.scalar?.string else {
      note(key, "must be text")
      return fallback ?? ""
    }
    return text
  }

  func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil) -> Int {
    if let fallback, values[key] == nil { return fallback }
    guard let node = required(key) else { return range.lowerBound }
    guard let number = node.scalar.flatMap({ plainNumber($0.string) }), range.contains(number) else {
      note(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
      return fallback ?? range.lowerBound
    }
    return number
  }

  /// The value that `words` gives to the word under the key; `fallback` if the key is missing. No other word is
  /// allowed.
  func choice<Value>(_ key: String, _ words: [String: Value], default fallback: Value) -> Value {
    guard let node = values[key] else { return fallback }
    guard let value = node.scalar.flatMap({ words[$0.string] }) else {
      note(key, "must be \(words.keys.inByteOrder().joined(separator: " or "))")
      return fallback
    }
    return value
  }

  /// The words of a list, each with its place; none if the key is missing.
  func words(_ key: String) -> [(text: String, place: PolicyPlace)] {
    guard let node = values[key] else { return [] }
    guard case .sequence(let sequence) = node else {
      note(key, "must be a list")
      return []
    }
    let words = sequence.compactMap { node in node.scalar.map { (text: $0.string, place: PolicyPlace($0.mark)) } }
    if words.count < sequence.count { note(key, "must be a list of words") }
    return words
  }

  func texts(_ key: String) -> [String] { words(key).map(\.text) }

  /// Notes what is wrong with the key's value.
  func note(_ key: String, _ reason: String) {
    faults.note(values[key].map { PolicyPlace($0.mark) } ?? place, key, "\(key) \(reason)")
  }
}

/// The whole number that a text is, written in digits without leading zeros; nil if it is none.
func plainNumber(_ text: String) -> Int? {
  let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) } && (text == "0" || !text.hasPrefix("0"))
  return isPlain ? Int(text) : nil
}
