internal import CProcess
internal import Glibc

/// Makes sure that a crash shows and leaves nothing of what the process had in memory: no backtrace with registers, no
/// core file, not even one that is piped to a collector. Call this before anything is read.
///
/// Claim: a process that ends by a signal writes at most the runtime's one line about the broken assumption.
func crashQuietly() {
  var all = sigset_t()
  unsafe sigemptyset(&all)
  for number in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
    // Swift's runtime handles these signals to print a backtrace.
    signal(number, SIG_DFL)
    unsafe sigaddset(&all, number)
  }
  // The program that started this one may have blocked them.
  unsafe pthread_sigmask(SIG_UNBLOCK, &all, nil)
  var none = rlimit(rlim_cur: 0, rlim_max: 0)
  let isLimited = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0
  precondition(isLimited && cprocess_set_not_dumpable() == 0, "core files can't be turned off")
}
