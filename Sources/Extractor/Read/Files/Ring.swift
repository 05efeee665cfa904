internal import Dispatch
internal import Shared
internal import Synchronization

/// A few items between a thread that makes them and one that takes them, in order. Taken items come back, so that their
/// memory is used again.
final class Ring<Item: Sendable>: Sendable {
  private let made = Mutex<[Result<Item?, CloisterError>]>([])
  private let used = Mutex<[Item]>([])
  private let isAbandoned = Atomic<Bool>(false)
  private let filled = DispatchSemaphore(value: 0)
  private let free = DispatchSemaphore(value: 0)

  init() { for _ in 0..<4 { free.signal() } }

  /// Starts the thread.
  ///
  /// - Parameter start: makes, on that thread, what gives item after item: from a used one, if there is one; nil at the end.
  func start(
    _ start: @escaping @Sendable () throws(CloisterError) -> (Item?) throws(CloisterError) -> Item?
  ) {
    startThread { [self] in
      do throws(CloisterError) {
        let next = try start()
        while true {
          free.wait()
          if isAbandoned.load(ordering: .acquiring) { return }
          let item = try next(used.withLock { $0.popLast() })
          put(.success(item))
          if item == nil { return }
        }
      } catch { put(.failure(error)) }
    }
  }

  /// Lets the thread end early.
  func abandon() {
    isAbandoned.store(true, ordering: .releasing)
    free.signal()
  }

  /// The next item; nil at the end, and from then on. An error is thrown again each time.
  func take() throws(CloisterError) -> Item? {
    filled.wait()
    let next = made.withLock { $0.removeFirst() }
    free.signal()
    if case .success(.some(let item)) = next { return item }
    put(next)
    return try next.get()
  }

  /// Gives an item back that was taken.
  func reuse(_ item: Item) { used.withLock { $0.append(item) } }

  private func put(_ item: Result<Item?, CloisterError>) {
    made.withLock { $0.append(item) }
    filled.signal()
  }
}
