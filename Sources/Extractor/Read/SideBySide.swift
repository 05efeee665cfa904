internal import Dispatch
internal import Synchronization

/// Runs independent pieces of work on that many threads; gives their results in order.
func sideBySide<Result: Sendable>(_ count: Int, threads: Int, _ work: @Sendable (Int) -> Result) -> [Result] {
  if threads <= 1 || count <= 1 { return (0..<count).map(work) }
  let results = Mutex<[Int: Result]>([:])
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while case let number = next.wrappingAdd(1, ordering: .relaxed).oldValue, number < count {
      let result = work(number)
      results.withLock { $0[number] = result }
    }
  }
  return results.withLock { results in (0..<count).compactMap { results[$0] } }
}
