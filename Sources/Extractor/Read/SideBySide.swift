internal import Dispatch
internal import Synchronization

/// Runs independent pieces of work on the machine's processors; gives their results in order.
func sideBySide<Result: Sendable>(_ count: Int, _ work: @Sendable (Int) -> Result) -> [Result] {
  let results = Mutex<[Int: Result]>([:])
  DispatchQueue.concurrentPerform(iterations: count) { number in
    let result = work(number)
    results.withLock { $0[number] = result }
  }
  return results.withLock { results in (0..<count).compactMap { results[$0] } }
}
