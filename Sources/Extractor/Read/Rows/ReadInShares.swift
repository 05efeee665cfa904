internal import Shared

/// Reads one table and returns the results in file order, with what was found in all rows. A large plain table is read
/// in shares, in parallel.
///
/// A share begins at the start of a line, which may be inside quotes. So a share that does not begin where the one
/// before it ended is read again from that point. The joined result does not depend on the number of threads.
///
/// - Throws: the first error in file order.
func readInShares<Part: Sendable>(
  _ table: SourceTable, _ input: InputFolder,
  _ read: @escaping @Sendable (inout TableRows) throws(CloisterError) -> Part
) throws(CloisterError) -> (parts: [Part], findings: TableFindings) {
  let files = try input.files(of: table)
  let whole = try files.open(0)
  guard let size = files.plainSize, size / input.threads >= input.smallestShare, input.threads > 1 else {
    var rows = TableRows(RowReader(whole, files: files), isAhead: input.threads > 1)
    return ([try read(&rows)], rows.findings(table))
  }
  var starts = [whole.nextOffset]
  for share in 1..<input.threads {
    starts.append(max(try input.lineStart(files, behind: size / input.threads * share), starts[share - 1]))
  }
  let limits = Array(starts.dropFirst()) + [Int.max]
  let shares = Shares(table: table, reader: whole, starts: starts, limits: limits, read: read)
  return try shares.joined(sideBySide(starts.count, threads: input.threads) { shares.run($0) })
}

/// The outcome of one share: its result and the offset of the next record, or an error.
private struct Share<Part: Sendable>: Sendable {
  let result: Result<(part: Part, end: Int, findings: TableFindings), CloisterError>
}

private struct Shares<Part: Sendable>: @unchecked Sendable {
  let table: SourceTable
  /// Only copied, never advanced.
  let reader: CSVReader
  let starts: [Int]
  let limits: [Int]
  let read: @Sendable (inout TableRows) throws(CloisterError) -> Part

  func run(_ number: Int, from start: Int? = nil) -> Share<Part> {
    do throws(CloisterError) {
      let share = try reader.records(from: start ?? starts[number], to: limits[number])
      var rows = TableRows(RowReader(share), isAhead: false)
      let part = try read(&rows)
      return Share(result: .success((part, rows.nextOffset, rows.findings(table))))
    } catch { return Share(result: .failure(error)) }
  }

  func joined(_ done: [Share<Part>]) throws(CloisterError) -> (parts: [Part], findings: TableFindings) {
    var parts: [Part] = []
    var findings = TableFindings(table: table, file: reader.file)
    var expected = starts[0]
    for number in starts.indices {
      if expected >= limits[number] { continue }
      let share = starts[number] == expected ? done[number] : nil
      let (part, end, found) = try (share ?? run(number, from: expected)).result.get()
      parts.append(part)
      findings.add(found)
      expected = end
    }
    return (parts, findings)
  }
}
