/// The multiple of an odd number that is nearest to a count. A policy with `round-to` publishes this multiple.
package func rounded(_ count: Int, to multiple: Int) -> Int { (count + multiple / 2) / multiple * multiple }
