/// Why a command stopped: the exit status, what is wrong and where, and what to do next.
///
/// Neither text ever shows the content of a cell in a patient table, as logs may leave the building. File names, line
/// numbers, column names and counts of fields are fine.
package struct CloisterError: Error, Equatable, Sendable {
  package let status: ExitStatus
  package let what: String
  package let hint: String

  package init(_ status: ExitStatus, _ what: String, hint: String) {
    self.status = status
    self.what = what
    self.hint = hint
  }
}
