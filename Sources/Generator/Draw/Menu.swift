internal import Foundation
internal import Shared

/// A candidate with its share among like patients.
struct Candidate: Equatable, Sendable {
  let name: String
  let share: Double
}

/// Draws candidates without replacement, by their shares, and puts them into a random order: small models copy a list's
/// beginning.
///
/// Each candidate's lot depends on itself and the stream alone (Efraimidis, Spirakis 2006), so that what a patient rules out takes no
/// other candidate's place: neighbours with the same stream are offered nearly the same text, which a server's prefix cache keeps.
func menu(_ candidates: [Candidate], most: Int, seed: UInt64, stream: UInt64) -> [Candidate] {
  var lots: [(candidate: Candidate, lot: Double, place: UInt64)] = []
  for candidate in candidates where candidate.share > 0 {
    var random = SeededRandom(seed: seed, stream: stream, textHash(candidate.name))
    lots.append((candidate, log(max(random.unit(), 1e-18)) / candidate.share, random.next()))
  }
  lots.sort { ($0.lot, $1.candidate.name) > ($1.lot, $0.candidate.name) }
  return lots.prefix(most).sorted { ($0.place, $0.candidate.name) < ($1.place, $1.candidate.name) }.map(\.candidate)
}
