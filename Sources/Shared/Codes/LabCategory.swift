/// A category of the attribute `lab`: the item, a colon, and either a flag, `50912:abnormal`, or a bin from the policy,
/// `50912:1.2 to 4`.
package enum LabCategory {
  /// A value without a flag.
  package static let unflagged = "unflagged"
  /// The flags that the source's documentation names, and `unflagged` for values without one.
  package static let flags = ["abnormal", "delta", unflagged]
  /// A value without a number, for an item with bins.
  package static let noNumber = "no number"

  package static func category(item: String, value: String) -> String { "\(item):\(value)" }

  /// The group of an item's values, `50912:*`.
  package static func group(of item: String) -> String { category(item: item, value: "*") }

  /// The item's id.
  package static func item(of category: String) -> String { String(category.prefix { $0 != ":" }) }

  /// The flag or bin.
  package static func value(of category: String) -> String {
    String(category.drop { $0 != ":" }.dropFirst())
  }

  /// Whether the bytes are a single word that can be a flag, rather than free text.
  package static func isFlag(_ bytes: ArraySlice<UInt8>) -> Bool {
    (1...16).contains(bytes.count) && bytes.allSatisfy { (0x61...0x7A).contains($0 | 0x20) }
  }
}

/// The bins that a policy declares for one laboratory item. The first holds values under the first edge, the last holds
/// values from the last edge up, and each of the others holds values from one edge up to but not including the next.
/// Edges come from the policy, never from the data.
package struct LabBins: Equatable, Sendable {
  package let item: Int
  /// The edges as the policy writes them, in increasing order.
  package let edges: [String]
  private let numbers: [Double]

  /// nil if there are no edges, if one is not a decimal number, or if they do not increase.
  package init?(item: Int, edges: [String]) {
    let numbers = edges.compactMap { decimalNumber(Array($0.utf8), 0..<$0.utf8.count) }
    guard !edges.isEmpty, numbers.count == edges.count, zip(numbers, numbers.dropFirst()).allSatisfy(<) else {
      return nil
    }
    self.item = item
    self.edges = edges
    self.numbers = numbers
  }

  /// The bins' names, from the lowest: `under 1.2`, `1.2 to 4`, `4 or more`.
  package var labels: [String] {
    ["under \(edges[0])"] + zip(edges, edges.dropFirst()).map { "\($0) to \($1)" } + [
      "\(edges[edges.count - 1]) or more"
    ]
  }

  /// The edges in a bin's name, as the policy wrote them; nil if the text is not a bin's name.
  package static func ends(of label: String) -> (lower: String?, upper: String?)? {
    let words = label.split(separator: " ").map(String.init)
    switch (words.count, words.first, words.dropFirst().joined(separator: " ")) {
    case (2, "under", let upper): return (nil, upper)
    case (3, let lower?, "or more"): return (lower, nil)
    case (3, let lower?, let rest) where rest.hasPrefix("to "): return (lower, String(rest.dropFirst(3)))
    default: return nil
    }
  }

  /// The index in `labels` of a number's bin.
  package func index(of number: Double) -> Int { numbers.lastIndex { $0 <= number }.map { $0 + 1 } ?? 0 }
}

/// A decimal number such as `-0.75` or `1e3`; nil if the bytes are not a decimal number, or if the number is not
/// finite.
///
/// The result is the nearest `Double`, so two texts for the same number, such as `1` and `1.0`, give the same value.
package func decimalNumber(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
  var digits = 0
  var mantissa = 0
  var decimals = 0
  var hasPoint = false
  let isNegative = !range.isEmpty && bytes[range.lowerBound] == UInt8(ascii: "-")
  for place in isNegative ? range.dropFirst() : range {
    let byte = bytes[place]
    if byte == UInt8(ascii: "."), !hasPoint {
      hasPoint = true
    } else if (0x30...0x39).contains(byte), digits < 15 {
      mantissa = mantissa * 10 + Int(byte - 0x30)
      digits += 1
      if hasPoint { decimals += 1 }
    } else {
      return unusualNumber(bytes[range])
    }
  }
  guard digits > 0 else { return nil }
  let number = Double(mantissa) / powersOfTen[decimals]
  return isNegative ? -number : number
}

private func unusualNumber(_ bytes: ArraySlice<UInt8>) -> Double? {
  let isDecimal = bytes.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
  guard isDecimal, let number = Double(String(decoding: bytes, as: UTF8.self)), number.isFinite else { return nil }
  return number
}

/// Each of these powers is exact as a `Double`.
private let powersOfTen: [Double] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
]
