/// Numbers all combinations of digits. Each position has its own number of possible digits; the last digit changes
/// fastest.
struct MixedRadix: Equatable, Sendable {
  let sizes: [Int]
  /// How many combinations there are.
  let count: Int

  init(_ sizes: [Int]) {
    self.sizes = sizes
    count = sizes.reduce(1, *)
  }

  /// - Parameter digit: the digit at each position.
  @inline(__always)
  func place(_ digit: (_ position: Int) -> Int) -> Int {
    var place = 0
    for position in sizes.indices { place = place * sizes[position] + digit(position) }
    return place
  }

  /// The same as `place`, but nil if any digit is negative; a negative digit stands for an unknown one.
  @inline(__always)
  func placeOfKnown(_ digit: (_ position: Int) -> Int) -> Int? {
    var place = 0
    for position in sizes.indices {
      let next = digit(position)
      if next < 0 { return nil }
      place = place * sizes[position] + next
    }
    return place
  }

  /// Passes each digit of a place to `body`, starting with the last position.
  @inline(__always)
  func forEachDigit(of place: Int, _ body: (_ position: Int, _ digit: Int) -> Void) {
    var rest = place
    for position in sizes.indices.reversed() {
      body(position, rest % sizes[position])
      rest /= sizes[position]
    }
  }

  func digits(_ place: Int) -> [Int] {
    var digits = [Int](repeating: 0, count: sizes.count)
    forEachDigit(of: place) { digits[$0] = $1 }
    return digits
  }
}
