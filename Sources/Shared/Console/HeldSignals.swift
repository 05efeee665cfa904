internal import Dispatch
internal import Glibc
internal import Synchronization

/// Holds SIGINT, SIGTERM and SIGHUP back while something is made that must be there whole or not at all. For any thread: what is not
/// atomic is made in init and touched again in deinit only.
package final class HeldSignals: @unchecked Sendable {
  private let first = FirstSignal()
  private let sources: [any DispatchSourceSignal]

  private static let numbers = [SIGINT, SIGTERM, SIGHUP]

  /// - Parameter onSignal: called when one comes, on a thread of its own.
  package init(onSignal: @escaping @Sendable () -> Void = {}) {
    sources = Self.numbers.map { [first] number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        first.number.store(number, ordering: .relaxed)
        if !first.isHeld.load(ordering: .sequentiallyConsistent) { onSignal() }
      }
      source.resume()
      return source
    }
  }

  /// Blocks the signals until a value is made: for what must come before any thread starts.
  package static func block() { mask(SIG_BLOCK) }

  private static func mask(_ how: Int32) {
    var all = sigset_t()
    unsafe sigemptyset(&all)
    for number in numbers { unsafe sigaddset(&all, number) }
    unsafe pthread_sigmask(how, &all, nil)
  }

  /// Ends what `block` began, for the rest of the process; `onSignal` is called here for a signal that came meanwhile.
  package static func unblock(onSignal: @escaping @Sendable (HeldSignals) -> Void) -> HeldSignals {
    var pending = sigset_t()
    unsafe sigpending(&pending)
    let early = numbers.first { unsafe sigismember(&pending, $0) == 1 }
    let signals = Reference()
    let held = HeldSignals { if let signals = signals.value { onSignal(signals) } }
    signals.value = held
    mask(SIG_UNBLOCK)
    if let early {
      held.first.number.store(early, ordering: .relaxed)
      onSignal(held)
    }
    return held
  }

  /// Never let go: taking signal sources down while they are still being set up makes libdispatch trap.
  private final class Reference: @unchecked Sendable {
    var value: HeldSignals?
  }

  /// From now on a signal that comes is only remembered.
  package func hold() { first.isHeld.store(true, ordering: .sequentiallyConsistent) }

  deinit {
    for source in sources { source.cancel() }
    for number in Self.numbers { signal(number, SIG_DFL) }
  }

  /// A signal came, and the program should end as soon as what was made is gone.
  package var cameOne: Bool { first.number.load(ordering: .relaxed) != 0 }

  /// Ends the program by the signal that came, as a shell expects. It is let through first, since threads that Swift makes
  /// block it.
  package func endProgram() -> Never {
    let number = first.number.load(ordering: .relaxed)
    signal(number, SIG_DFL)
    var only = sigset_t()
    unsafe sigemptyset(&only)
    unsafe sigaddset(&only, number)
    unsafe pthread_sigmask(SIG_UNBLOCK, &only, nil)
    raise(number)
    exit(128 + number)
  }
}

/// The signal that came; 0: none.
private final class FirstSignal: Sendable {
  let number = Atomic<Int32>(0)
  let isHeld = Atomic<Bool>(false)
}
