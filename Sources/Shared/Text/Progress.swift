/// Takes a line that says how far some work has progressed, or nil when it is over. The work itself prints nothing.
package typealias Progress = @Sendable (_ line: String?) -> Void
