/// Places for requests in flight, given out like the stops of a lift: the next prompt is the one that follows the last in
/// alphabetical order, so that prompts with the same beginning go to the server one after another and its prefix cache works. Whoever
/// has no place waits: back-pressure.
actor PromptQueue {
  private var free: Int
  private var waiters: [Waiter] = []
  private var last = ""
  private var isClosed = false
  private var ticket = 0

  private struct Waiter {
    let key: String
    let ticket: Int
    let continuation: CheckedContinuation<Void, any Error>
  }

  /// - Parameter places: requests in flight at the same time.
  init(places: Int) { free = places }

  /// How many wait.
  var waiting: Int { waiters.count }

  /// Lets nobody in any more: who waits is turned away, and what is in flight may end.
  func close() {
    isClosed = true
    for waiter in waiters { waiter.continuation.resume(throwing: CancellationError()) }
    waiters = []
  }

  /// - Throws: CancellationError where the queue is closed.
  func checkOpen() throws { if isClosed { throw CancellationError() } }

  /// Waits for a place.
  ///
  /// - Throws: CancellationError where the task is cancelled meanwhile, or the queue closed.
  func enter(_ key: String) async throws {
    try Task.checkCancellation()
    try checkOpen()
    if free > 0 {
      free -= 1
      last = key
      return
    }
    ticket += 1
    let own = ticket
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let place = firstPlace(at: key)
        waiters.insert(Waiter(key: key, ticket: own, continuation: continuation), at: place)
        if Task.isCancelled || isClosed { cancel(own) }
      }
    } onCancel: {
      Task { await cancel(own) }
    }
  }

  /// Gives the place to the next prompt.
  func leave() {
    guard !waiters.isEmpty else {
      free += 1
      return
    }
    let place = firstPlace(at: last)
    let next = waiters.remove(at: place < waiters.count ? place : 0)
    last = next.key
    next.continuation.resume()
  }

  private func cancel(_ ticket: Int) {
    guard let place = waiters.firstIndex(where: { $0.ticket == ticket }) else { return }
    waiters.remove(at: place).continuation.resume(throwing: CancellationError())
  }

  /// The first waiter whose key is not before this one; they are in order.
  private func firstPlace(at key: String) -> Int {
    var low = 0
    var high = waiters.count
    while low < high {
      let middle = (low + high) / 2
      if waiters[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
