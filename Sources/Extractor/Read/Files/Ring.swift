internal import Dispatch
internal import Shared
internal import Synchronization

/// Passes items in order from the thread that makes them to the thread that takes them, and buffers a few in between.
/// Items can be given back after use so that their memory is reused. If the system refuses another thread, the taking
/// thread makes the items.
final class Ring<Item: Sendable>: Sendable {
  private let made = Mutex<[Result<Item?, CloisterError>]>([])
  private let used = Mutex<[Item]>([])
  private let isAbandoned = Atomic<Bool>(false)
  private let filled = DispatchSemaphore(value: 0)
  private let free = DispatchSemaphore(value: 0)
  /// What makes the next item on the taking thread; nil if another thread makes them.
  private let makeHere = Mutex<Maker?>(nil)

  /// Makes items one after another.
  private final class Maker: @unchecked Sendable {
    private let start: @Sendable () throws(CloisterError) -> (Item?) throws(CloisterError) -> Item?
    private var next: ((Item?) throws(CloisterError) -> Item?)?

    init(_ start: @escaping @Sendable () throws(CloisterError) -> (Item?) throws(CloisterError) -> Item?) {
      self.start = start
    }

    func item(reusing used: Item?) throws(CloisterError) -> Item? {
      if let next { return try next(used) }
      let next = try start()
      self.next = next
      return try next(used)
    }
  }

  init() { for _ in 0..<4 { free.signal() } }

  /// Starts the thread that makes the items.
  ///
  /// - Parameter start: runs on that thread and returns a closure that makes one item per call. The closure reuses the
  ///   memory of a used item if it gets one, and returns nil at the end.
  func start(
    _ start: @escaping @Sendable () throws(CloisterError) -> (Item?) throws(CloisterError) -> Item?
  ) {
    let maker = Maker(start)
    let isStarted = startThread { [self] in
      do throws(CloisterError) {
        while true {
          free.wait()
          if isAbandoned.load(ordering: .acquiring) { return }
          let item = try maker.item(reusing: used.withLock { $0.popLast() })
          put(.success(item))
          if item == nil { return }
        }
      } catch { put(.failure(error)) }
    }
    if !isStarted { makeHere.withLock { $0 = maker } }
  }

  /// Lets the thread end early.
  func abandon() {
    isAbandoned.store(true, ordering: .releasing)
    free.signal()
  }

  /// Returns the next item, or nil once there are no more. After an error, every later call throws the same error.
  func take() throws(CloisterError) -> Item? {
    if let maker = makeHere.withLock({ $0 }) { return try maker.item(reusing: used.withLock { $0.popLast() }) }
    filled.wait()
    let next = made.withLock { $0.removeFirst() }
    free.signal()
    if case .success(.some(let item)) = next { return item }
    put(next)
    return try next.get()
  }

  /// Gives back an item that was taken.
  func reuse(_ item: Item) { used.withLock { $0.append(item) } }

  private func put(_ item: Result<Item?, CloisterError>) {
    made.withLock { $0.append(item) }
    filled.signal()
  }
}
