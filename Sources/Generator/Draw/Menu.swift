internal import Foundation
internal import Shared

/// A candidate with its share among similar patients.
struct Candidate: Equatable, Sendable {
  let name: String
  let share: Double
  /// The commonest code of a group, to show what the group is.
  var example: String?
}

/// Draws candidates without replacement, with their shares as weights, and shuffles them, because small models copy the
/// beginning of a list.
///
/// A candidate's random rank depends only on the seed, the stream and the candidate itself (Efraimidis, Spirakis 2006),
/// so leaving a candidate out for one patient does not change the order of the others. Neighbours with the same stream
/// see nearly the same text, which a server's prefix cache can reuse.
func menu(_ candidates: [Candidate], most: Int, seed: UInt64, stream: UInt64) -> [Candidate] {
  var lots: [(candidate: Candidate, lot: Double, place: UInt64)] = []
  for candidate in candidates where candidate.share > 0 {
    var random = SeededRandom(seed: seed, stream: stream, textHash(candidate.name))
    lots.append((candidate, log(max(random.unit(), 1e-18)) / candidate.share, random.next()))
  }
  lots.sort { ($0.lot, ByteOrdered($1.candidate.name)) > ($1.lot, ByteOrdered($0.candidate.name)) }
  return lots.prefix(most).sorted {
    ($0.place, ByteOrdered($0.candidate.name)) < ($1.place, ByteOrdered($1.candidate.name))
  }.map(\.candidate)
}
