internal import Foundation
internal import Glibc

/// Starts a thread that belongs to no pool.
package func startThread(_ work: @escaping @Sendable () -> Void) { Thread(block: work).start() }

/// How many processors the system gives this program.
package let processorCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
