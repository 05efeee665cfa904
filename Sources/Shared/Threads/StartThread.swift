internal import Foundation
internal import Glibc

/// Starts a thread that belongs to no pool.
package func startThread(_ work: @escaping @Sendable () -> Void) { Thread(block: work).start() }

/// The number of processors that the system reports as online.
package let processorCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
