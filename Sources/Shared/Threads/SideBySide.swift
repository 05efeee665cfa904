internal import Dispatch
internal import Synchronization

/// Runs `count` independent pieces of work on up to `threads` threads and returns their results in order. Goes on with
/// fewer threads where the system refuses to start more.
package func sideBySide<Result: Sendable>(
  _ count: Int, threads: Int, _ work: @escaping @Sendable (Int) -> Result
) -> [Result] {
  if threads <= 1 || count <= 1 { return (0..<count).map(work) }
  let results = Mutex<[Int: Result]>([:])
  let next = Atomic<Int>(0)
  let take: @Sendable () -> Void = {
    while case let number = next.wrappingAdd(1, ordering: .relaxed).oldValue, number < count {
      let result = work(number)
      results.withLock { $0[number] = result }
    }
  }
  // Start our own threads: libdispatch's pool reads /proc and traps because the sandbox forbids this.
  let others = min(threads, count) - 1
  let ended = DispatchGroup()
  for _ in 0..<others {
    ended.enter()
    let isStarted = startThread {
      take()
      ended.leave()
    }
    if !isStarted {
      ended.leave()
      break
    }
  }
  take()
  ended.wait()
  return results.withLock { results in (0..<count).compactMap { results[$0] } }
}
