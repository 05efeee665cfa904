/// The multiple of an odd number that is nearest to a count: what a policy's `round-to` publishes.
package func rounded(_ count: Int, to multiple: Int) -> Int { (count + multiple / 2) / multiple * multiple }
