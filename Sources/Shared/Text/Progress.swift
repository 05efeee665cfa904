/// Takes a line about how far some work is, and nil when the work is over. Work tells it and prints nothing itself.
package typealias Progress = @Sendable (_ line: String?) -> Void
