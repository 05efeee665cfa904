internal import Synchronization

/// Limits the number of requests in flight by giving each one a place. The queue goes through the waiting prompts in
/// alphabetical order and then starts over. Prompts with the same beginning thus reach the server one after another and
/// benefit from its prefix cache. A prompt without a place waits, which provides back-pressure.
///
/// The queue uses a lock instead of an actor because thousands of requests enter and leave each second and few have to
/// wait.
final class PromptQueue: Sendable {
  private let state: Mutex<State>

  private struct State {
    var free: Int
    /// Sorted by key; waiters with equal keys are in order of arrival.
    var waiters: [Waiter] = []
    var last = ""
    var isClosed = false
    var ticket = 0

    /// The index of the first waiter whose key `isPassed` rejects. All keys that `isPassed` accepts must come first.
    func firstPlace(_ isPassed: (String) -> Bool) -> Int {
      var low = 0
      var high = waiters.count
      while low < high {
        let middle = (low + high) / 2
        if isPassed(waiters[middle].key) { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  private struct Waiter {
    let key: String
    let ticket: Int
    let continuation: CheckedContinuation<Void, any Error>
  }

  /// - Parameter places: the largest number of requests in flight at the same time.
  init(places: Int) { state = Mutex(State(free: places)) }

  /// The number of waiting prompts.
  var waiting: Int { state.withLock { $0.waiters.count } }

  /// Closes the queue: waiting prompts are turned away, and requests in flight may finish.
  func close() {
    let waiters = state.withLock { state in
      state.isClosed = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.continuation.resume(throwing: CancellationError()) }
  }

  /// - Throws: CancellationError if the queue is closed.
  func checkOpen() throws { if state.withLock({ $0.isClosed }) { throw CancellationError() } }

  /// Waits for a place.
  ///
  /// - Throws: CancellationError if the task is cancelled or the queue is closed.
  func enter(_ key: String) async throws {
    try Task.checkCancellation()
    let ticket: Int? = try state.withLock { state in
      if state.isClosed { throw CancellationError() }
      state.ticket += 1
      guard state.free > 0 else { return state.ticket }
      state.free -= 1
      state.last = key
      return nil
    }
    guard let ticket else { return }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        if !wait(Waiter(key: key, ticket: ticket, continuation: continuation)) { continuation.resume() }
        if Task.isCancelled { cancel(ticket) }
      }
    } onCancel: {
      cancel(ticket)
    }
  }

  /// Adds the waiter to the queue; returns false if a place has become free in the meantime.
  private func wait(_ waiter: Waiter) -> Bool {
    enum Fate { case placed, waiting, refused }
    let fate = state.withLock { state -> Fate in
      if state.isClosed { return .refused }
      if state.free > 0 {
        state.free -= 1
        state.last = waiter.key
        return .placed
      }
      state.waiters.insert(waiter, at: state.firstPlace { $0 <= waiter.key })
      return .waiting
    }
    if fate == .refused { waiter.continuation.resume(throwing: CancellationError()) }
    return fate != .placed
  }

  /// Gives the place to the next prompt, or frees the place if none is waiting.
  func leave() {
    let next = state.withLock { state -> Waiter? in
      guard !state.waiters.isEmpty else {
        state.free += 1
        return nil
      }
      let place = state.firstPlace { $0 < state.last }
      let next = state.waiters.remove(at: place < state.waiters.count ? place : 0)
      state.last = next.key
      return next
    }
    next?.continuation.resume()
  }

  private func cancel(_ ticket: Int) {
    let waiter = state.withLock { state -> Waiter? in
      state.waiters.firstIndex { $0.ticket == ticket }.map { state.waiters.remove(at: $0) }
    }
    waiter?.continuation.resume(throwing: CancellationError())
  }
}
