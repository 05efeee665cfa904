extension RandomAccessCollection where Index == Int {
  /// The collection in up to eight parts of about the same size, in order, to be worked on side by side.
  package var shares: [SubSequence] {
    let share = Swift.max(1, (count + 7) / 8)
    return stride(from: startIndex, to: endIndex, by: share).map { self[$0..<Swift.min($0 + share, endIndex)] }
  }
}
