/// Order by the bytes of the text, the same on every machine. Swift's own order of strings is that of their normal forms.
package func byteOrder(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }

/// The same for keys of several texts.
package func byteOrder(_ left: [String], _ right: [String]) -> Bool {
  left.lexicographicallyPrecedes(right, by: byteOrder)
}

extension Sequence<String> {
  /// The texts in byte order.
  package func inByteOrder() -> [String] { sorted(by: byteOrder) }
}
