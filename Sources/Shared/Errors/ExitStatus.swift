/// The meaning of a program's exit status. The numbers are those of `sysexits.h` where it defines one.
package enum ExitStatus: Int32, Sendable {
  case wrongArguments = 64
  case inputRefused = 65
  case inputMissing = 66
  case modelUnreachable = 69
  case internalError = 70
  /// The operating system, or the container around the program, refuses a sandbox or a thread.
  case systemRefused = 71
  case cannotWrite = 73
  case answersRefused = 75
  case bundleRefused = 76
  case releaseRefused = 77
  case policyOrKeyWrong = 78
}
