internal import Glibc
internal import Synchronization

/// Holds back SIGINT, SIGTERM and SIGHUP while something is made that must appear whole or not at all. Only one value
/// may exist at a time.
///
/// A separate thread waits for the signals. libdispatch can't do this: it reads /proc, which the extractor's sandbox
/// forbids.
package final class HeldSignals: Sendable {
  private let state = State()
  private let stop: Int32

  private static let numbers = [SIGINT, SIGTERM, SIGHUP]
  /// The end of the pipe to which the handler writes a signal's number.
  private static let pipe = Atomic<Int32>(-1)

  /// - Parameter onSignal: called on a separate thread when a signal arrives, unless signals are held.
  /// - Throws: status 71 if the system refuses the thread that waits for signals.
  package init(onSignal: @escaping @Sendable (EndedBySignal) -> Void = { _ in }) throws(CloisterError) {
    var ends: [Int32] = [-1, -1]
    precondition(unsafe Glibc.pipe(&ends) == 0, "a pipe can't be created")
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    stop = ends[1]
    let come = ends[0]
    Self.pipe.store(stop, ordering: .sequentiallyConsistent)
    for number in Self.numbers {
      signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        _ = unsafe write(HeldSignals.pipe.load(ordering: .relaxed), &byte, 1)
      }
    }
    let isStarted = startThread { [state] in
      var byte: UInt8 = 0
      while true {
        let got = unsafe read(come, &byte, 1)
        if got < 0, errno == EINTR { continue }
        if got != 1 || byte == 0 { break }
        state.number.store(Int32(byte), ordering: .sequentiallyConsistent)
        if !state.isHeld.load(ordering: .sequentiallyConsistent) { onSignal(EndedBySignal(number: Int32(byte))) }
      }
      close(come)
    }
    guard isStarted else {
      close(come)
      throw noThread
    }
  }

  /// Blocks the signals until `unblock`, for work that must come before any thread starts.
  package static func block() { mask(SIG_BLOCK) }

  /// Lets signals reach this thread again, including those that arrived in the meantime.
  package static func unblock() { mask(SIG_UNBLOCK) }

  fileprivate static func mask(_ how: Int32) {
    var all = sigset_t()
    unsafe sigemptyset(&all)
    for number in numbers { unsafe sigaddset(&all, number) }
    unsafe pthread_sigmask(how, &all, nil)
  }

  /// From now on, a signal that arrives is only remembered.
  package func hold() { state.isHeld.store(true, ordering: .sequentiallyConsistent) }

  deinit {
    for number in Self.numbers { signal(number, SIG_DFL) }
    var byte: UInt8 = 0
    _ = unsafe write(stop, &byte, 1)
    close(stop)
  }

  /// The last signal that arrived; nil if none did.
  package var came: EndedBySignal? {
    let number = state.number.load(ordering: .sequentiallyConsistent)
    return number == 0 ? nil : EndedBySignal(number: number)
  }

  private final class State: Sendable {
    /// 0 if no signal has arrived.
    let number = Atomic<Int32>(0)
    let isHeld = Atomic<Bool>(false)
  }
}

/// A signal that should end the program.
package struct EndedBySignal: Sendable {
  fileprivate let number: Int32

  /// Ends the program by the signal, as shells expect. First unblocks the signal, since the calling thread may have
  /// blocked it.
  package func endProgram() -> Never {
    signal(number, SIG_DFL)
    HeldSignals.mask(SIG_UNBLOCK)
    raise(number)
    exit(128 + number)
  }
}
