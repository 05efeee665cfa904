internal import Dispatch
internal import Glibc
internal import Synchronization

/// Holds SIGINT, SIGTERM and SIGHUP back while something is made that must be there whole or not at all.
package final class HeldSignals {
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
        onSignal()
      }
      source.resume()
      return source
    }
  }

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
}
