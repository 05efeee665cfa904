internal import Shared

/// Reads one table, a large plain one in shares side by side; gives the shares' results in the order of the file.
///
/// A share begins where a line begins, which may be inside quotes: so each share's beginning must be where the share before
/// it ended, or it is read again from there. The result is that of one thread, whatever the number of threads.
///
/// - Throws: the first error in the order of the file.
func readInShares<Part: Sendable>(
  _ table: SourceTable, _ input: InputFolder,
  _ read: @escaping @Sendable (inout TableRows) throws(CloisterError) -> Part
) throws(CloisterError) -> [Part] {
  let whole = try input.open(table)
  guard let size = try input.plainSize(table), size / input.threads >= input.smallestShare, input.threads > 1 else {
    var rows = TableRows(whole, isAhead: input.threads > 1)
    return [try read(&rows)]
  }
  var starts = [whole.nextOffset]
  for share in 1..<input.threads {
    starts.append(max(try input.lineStart(table, behind: size / input.threads * share), starts[share - 1]))
  }
  let limits = Array(starts.dropFirst()) + [Int.max]
  let shares = Shares(reader: whole, starts: starts, limits: limits, read: read)
  return try shares.joined(sideBySide(starts.count, threads: input.threads) { shares.run($0) })
}

/// What became of one share: its result, and where the next record begins.
private struct Share<Part: Sendable>: Sendable {
  let result: Result<(part: Part, end: Int), CloisterError>
}

private struct Shares<Part: Sendable>: @unchecked Sendable {
  /// Only copied, never advanced.
  let reader: CSVReader
  let starts: [Int]
  let limits: [Int]
  let read: @Sendable (inout TableRows) throws(CloisterError) -> Part

  func run(_ number: Int, from start: Int? = nil) -> Share<Part> {
    do throws(CloisterError) {
      var rows = TableRows(try reader.records(from: start ?? starts[number], to: limits[number]), isAhead: false)
      let part = try read(&rows)
      return Share(result: .success((part, rows.nextOffset)))
    } catch { return Share(result: .failure(error)) }
  }

  func joined(_ done: [Share<Part>]) throws(CloisterError) -> [Part] {
    var parts: [Part] = []
    var expected = starts[0]
    for number in starts.indices {
      if expected >= limits[number] { continue }
      let share = starts[number] == expected ? done[number] : nil
      let (part, end) = try (share ?? run(number, from: expected)).result.get()
      parts.append(part)
      expected = end
    }
    return parts
  }
}
