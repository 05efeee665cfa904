internal import Yams

/// A place in a policy file: 1-based line and column.
package struct PolicyPlace: Equatable, Sendable {
  package let line: Int
  package let column: Int
}

/// Why a policy file is wrong, and where.
package struct PolicyError: Error, Equatable, Sendable {
  package let place: PolicyPlace
  package let reason: String
}

/// A YAML mapping, read strictly: keys from a fixed list, each used once, with values of one kind.
struct PolicyMapping {
  let place: PolicyPlace
  private let values: [String: Node]

  /// - Throws: if the node is not a mapping, or a key is unknown or appears twice.
  init(_ node: Node, what: String, keys: [String]) throws(PolicyError) {
    let place = PolicyPlace(node.mark)
    guard case .mapping(let mapping) = node else {
      throw PolicyError(place: place, reason: "\(what) must be a mapping of keys to values")
    }
    var values: [String: Node] = [:]
    for (key, value) in mapping {
      guard let name = key.scalar?.string, keys.contains(name) else {
        let known = knownNames(keys, nearest: key.scalar?.string ?? "")
        throw PolicyError(place: PolicyPlace(key.mark), reason: "unknown key in \(what); \(known)")
      }
      guard values.updateValue(value, forKey: name) == nil else {
        throw PolicyError(place: PolicyPlace(key.mark), reason: "the key \(name) appears twice in \(what)")
      }
    }
    self.place = place
    self.values = values
  }

  func node(_ key: String) -> Node? { values[key] }

  func required(_ key: String) throws(PolicyError) -> Node {
    guard let node = values[key] else { throw PolicyError(place: place, reason: "the key \(key) is missing") }
    return node
  }

  func text(_ key: String, default fallback: String? = nil) throws(PolicyError) -> String {
    if let fallback, values[key] == nil { return fallback }
    let node = try required(key)
    guard let text = node.scalar?.string else { throw error(key, "must be text") }
    return text
  }

  func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil) throws(PolicyError) -> Int {
    if let fallback, values[key] == nil { return fallback }
    let text = try text(key)
    guard let number = plainNumber(text), range.contains(number) else {
      throw error(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The value that `words` gives to the word under the key; `fallback` if the key is missing. No other word is
  /// allowed.
  func choice<Value>(_ key: String, _ words: [String: Value], default fallback: Value) throws(PolicyError) -> Value {
    guard values[key] != nil else { return fallback }
    guard let value = words[try text(key)] else {
      throw error(key, "must be \(words.keys.inByteOrder().joined(separator: " or "))")
    }
    return value
  }

  func texts(_ key: String, default fallback: [String]) throws(PolicyError) -> [String] {
    guard let node = values[key] else { return fallback }
    guard case .sequence(let sequence) = node else { throw error(key, "must be a list") }
    let texts = sequence.compactMap { $0.scalar?.string }
    guard texts.count == sequence.count else { throw error(key, "must be a list of words") }
    return texts
  }

  func error(_ key: String, _ reason: String) -> PolicyError {
    PolicyError(place: values[key].map { PolicyPlace($0.mark) } ?? place, reason: "\(key) \(reason)")
  }
}

extension PolicyPlace {
  init(_ mark: Mark?) { self.init(line: mark?.line ?? 1, column: mark?.column ?? 1) }
}

/// The whole number that a text is, written in digits without leading zeros; nil if it is none.
func plainNumber(_ text: String) -> Int? {
  let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) } && (text == "0" || !text.hasPrefix("0"))
  return isPlain ? Int(text) : nil
}
