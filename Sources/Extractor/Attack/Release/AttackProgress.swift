internal import Shared

/// Shows on a terminal, at most four times a second, how far the attack has come; silent elsewhere.
final class AttackProgress {
  private let show: Progress
  private var lastShown = ContinuousClock.now
  /// The number of the attack, if it is repeated until it fails.
  var round = 0

  init(_ show: @escaping Progress = { _ in }) { self.show = show }

  deinit { show(nil) }

  /// - Parameter what: what is attacked, with the parts that are done and the number of all parts.
  func note(_ what: @autoclosure () -> String, _ done: Int, of all: Int) {
    let now = ContinuousClock.now
    guard now - lastShown >= .milliseconds(250) else { return }
    lastShown = now
    show("attack\(round > 0 ? " \(round)" : ""): \(what()), \(done) of \(all)")
  }
}
