internal import Glibc

/// Starts a thread that belongs to no pool.
///
/// - Returns: false if the system refuses another thread, as a container or a limit on processes may; the work is then
///   still to be done.
package func startThread(_ work: @escaping @Sendable () -> Void) -> Bool {
  let box = unsafe Unmanaged.passRetained(Work(work))
  var thread = pthread_t()
  let code = unsafe pthread_create(&thread, nil, runWork, box.toOpaque())
  guard code == 0 else {
    unsafe box.release()
    return false
  }
  pthread_detach(thread)
  return true
}

/// A closure that C can carry.
private final class Work: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runWork(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let box = unsafe box else { return nil }
  unsafe Unmanaged<Work>.fromOpaque(box).takeRetainedValue().run()
  return nil
}

/// The number of processors that the system reports as online.
package let processorCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
