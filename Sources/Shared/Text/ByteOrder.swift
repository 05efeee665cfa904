/// Orders texts by their bytes, which is the same on every machine. Swift's own string order compares normal forms
/// instead.
package func byteOrder(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }

/// Orders keys made of several texts in the same way.
package func byteOrder(_ left: [String], _ right: [String]) -> Bool {
  left.lexicographicallyPrecedes(right, by: byteOrder)
}

/// A text that is compared by its bytes, for sorting by several keys.
package struct ByteOrdered: Comparable {
  private let text: String

  package init(_ text: String) { self.text = text }

  package static func < (left: ByteOrdered, right: ByteOrdered) -> Bool { byteOrder(left.text, right.text) }

  package static func == (left: ByteOrdered, right: ByteOrdered) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }
}

extension Sequence<String> {
  /// The texts in byte order.
  package func inByteOrder() -> [String] { sorted(by: byteOrder) }
}

extension Sequence {
  /// The members of a dictionary in the byte order of their keys.
  package func inByteOrder<Value>() -> [Element] where Element == (key: String, value: Value) {
    sorted { byteOrder($0.key, $1.key) }
  }
}
