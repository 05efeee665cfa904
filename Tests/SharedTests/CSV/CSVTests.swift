import Shared
import Testing

/// One scenario per line: the bytes, and the records that they must give; nil if they must be refused.
private let vectors: [(input: String, records: [[String]]?)] = [
  ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
  ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
  ("a,b\n1,2", nil),
  ("a,b", [["a", "b"]]),
  ("a,b\n1,\n", [["a", "b"], ["1", ""]]),
  ("a,b\n1,", nil),
  ("a\n\n", [["a"], [""]]),
  ("\"a,b\",c\n", [["a,b", "c"]]),
  ("\"a\"\"b\",c\n", [["a\"b", "c"]]),
  ("\"\"\"ventilation\"\" pneumonitis\"\n", [["\"ventilation\" pneumonitis"]]),
  ("\"line\nbreak\",x\n", [["line\nbreak", "x"]]),
  ("\"line\r\nbreak\"\r\n", [["line\r\nbreak"]]),
  ("a,b\n\"\",\"\"\n", [["a", "b"], ["", ""]]),
  ("a,b\n\"\",\"\"", nil),
  (" a , b \n x , y \n", [["a", "b"], [" x ", " y "]]),
  ("a,b\n1,2\n\n\n", [["a", "b"], ["1", "2"]]),
  ("a,b\r\n1,2\r\n \t\r\n\r\n  ", [["a", "b"], ["1", "2"]]),
  ("a,b\n1,2\n,\n,\r\n\n", [["a", "b"], ["1", "2"]]),
  ("a,b\n1,2\n\n3,4\n", nil),
  ("a,b\n1,2\n,\n3,4\n", nil),
  ("a,b\n\n1,2\n", nil),
  ("a,b,,\n1,2,,\n", [["a", "b"], ["1", "2"]]),
  ("a,b,,\n1,2,,3\n", nil),
  (",a\n1,2\n", [["", "a"], ["1", "2"]]),
  ("1,2\n3,4\n", nil),
  ("a\"b\n", nil),
  ("\"a\"b\n", nil),
  ("\"a", nil),
  ("a\rb\n", nil),
  ("a\r", nil),
]

/// Splits slowly and simply, by character, for the vectors that are valid.
private func oracle(_ text: String) -> [[String]] {
  var records: [[String]] = []
  /// Whether each record has no quotes.
  var arePlain: [Bool] = []
  var isPlain = true
  var fields: [String] = []
  var field = ""
  var isQuoted = false
  var scalars = Array(text.unicodeScalars)
  // An unfinished last line is blank, or the file has no other line.
  if let feed = scalars.lastIndex(of: "\n") { scalars.removeSubrange((feed + 1)...) }
  if scalars.last != "\n" { scalars.append("\n") }
  var index = 0
  while index < scalars.count {
    let scalar = scalars[index]
    index += 1
    if isQuoted {
      if scalar != "\"" {
        field.unicodeScalars.append(scalar)
      } else if index < scalars.count, scalars[index] == "\"" {
        field += "\""
        index += 1
      } else {
        isQuoted = false
      }
    } else if scalar == "\"" {
      (isQuoted, isPlain) = (true, false)
    } else if scalar == "," {
      fields.append(field)
      field = ""
    } else if scalar == "\n" {
      records.append(fields + [field])
      arePlain.append(isPlain)
      (fields, field, isPlain) = ([], "", true)
    } else if scalar != "\r" {
      field.unicodeScalars.append(scalar)
    }
  }
  return withoutEmptyEnds(records, arePlain)
}

/// The records without blanks around column names, unnamed columns at the end, and empty lines at the end.
private func withoutEmptyEnds(_ records: [[String]], _ arePlain: [Bool]) -> [[String]] {
  guard var header = records.first else { return records }
  let width = header.count
  func isBlank(_ line: [String]) -> Bool {
    line.allSatisfy(\.isEmpty) || line.count == 1 && line[0].allSatisfy { " \t".contains($0) }
  }
  var rows = records.dropFirst()
  while width > 1, let last = rows.last, arePlain[rows.endIndex - 1], isBlank(last), [1, width].contains(last.count) {
    rows.removeLast()
  }
  header = header.map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
  while header.count > 1, header.last == "" { header.removeLast() }
  return [header] + rows.map { Array($0.prefix(header.count)) }
}

/// Returns its bytes in pieces of the given sizes, and repeats the last size.
private final class Pieces: ByteSource {
  private var rest: ArraySlice<UInt8>
  private var sizes: [Int]

  init(_ bytes: [UInt8], sizes: [Int]) {
    rest = bytes[...]
    self.sizes = sizes
  }

  func read(into buffer: inout [UInt8], from offset: Int, to end: Int) -> Int {
    let size = sizes.count > 1 ? sizes.removeFirst() : sizes[0]
    let piece = rest.prefix(min(max(size, 1), end - offset))
    for (place, byte) in piece.enumerated() { buffer[offset + place] = byte }
    rest = rest.dropFirst(piece.count)
    return piece.count
  }
}

@Suite struct CSVTests {
  private func reader(_ input: String, sizes: [Int] = [1 << 20], batch: Int = 1 << 16) throws -> CSVReader {
    let bytes = Array(input.utf8)
    return try CSVReader(file: "test.csv", batchSize: batch) { offset throws(CloisterError) in
      Pieces(Array(bytes[min(offset, bytes.count)...]), sizes: sizes)
    }
  }

  /// The header and all rows; nil if the reader refuses the input.
  private func records(_ input: String, sizes: [Int] = [1 << 20], batch: Int = 1 << 16) -> [[String]]? {
    guard var reader = try? reader(input, sizes: sizes, batch: batch) else { return nil }
    var records = [reader.header]
    do {
      while try reader.nextBatch() {
        for record in 0..<reader.recordCount {
          records.append(
            reader.header.indices.map {
              String(decoding: reader.unquoted(reader.field(record, $0)), as: UTF8.self)
            })
        }
      }
    } catch { return nil }
    return records
  }

  @Test(arguments: vectors.indices) func aVectorGivesItsRecordsHoweverItIsCut(_ number: Int) {
    let (input, expected) = vectors[number]
    #expect(records(input) == expected, "whole")
    for batch in [1, 2, 3, 7] {
      #expect(records(input, sizes: [1], batch: batch) == expected, "byte by byte, \(batch)")
    }
    for cut in 0...input.utf8.count {
      #expect(records(input, sizes: [cut, 1 << 20]) == expected, "cut at \(cut)")
    }
  }

  /// The masks work on 64 bytes, so a long field before each vector moves the vector over a block's edge.
  @Test(arguments: vectors.indices) func aVectorGivesItsRecordsWhereverItStandsInABlock(_ number: Int) {
    // The padding becomes the header, so the vector's own first line must have as many columns as it has names.
    guard let width = vectors[number].records?.first?.count, vectors[number].input.hasSuffix("\n"),
      !vectors[number].input.hasPrefix("a,b,,")
    else { return }
    for length in 50..<130 {
      let padding = [String(repeating: "x", count: length)] + Array(repeating: "y", count: width - 1)
      let input = padding.joined(separator: ",") + "\n" + vectors[number].input
      #expect(records(input) == oracle(input), "\(length)")
    }
  }

  /// Fields after the last kept one are skipped, but still checked.
  @Test(arguments: vectors.indices) func keepingFewerFieldsChangesNothingElse(_ number: Int) throws {
    let header = try String(
      #require(vectors[number].records?.first ?? ["a", "b"]).map { _ in "h" }.joined(separator: ","))
    let names = header.split(separator: ",").enumerated().map { "h\($0.offset)" }.joined(separator: ",")
    let input = names + "\n" + String(repeating: vectors[number].input, count: 9)
    for suffix in ["", "x\n", "x,y,z\n"] {
      let whole = kept(input + suffix, names.count)
      for count in 1...3 {
        for size in [1, 5, 1 << 20] {
          let some = kept(input + suffix, count, sizes: [size])
          #expect(some.records == whole.records.map { Array($0.prefix(count)) }, "\(count) of \(input + suffix)")
          #expect(some.error == whole.error)
        }
      }
    }
  }

  /// The records without the header, and the error that ends them, if any.
  private func kept(_ input: String, _ count: Int, sizes: [Int] = [1 << 20]) -> (
    records: [[String]], error: CloisterError?
  ) {
    var records: [[String]] = []
    do throws(CloisterError) {
      let bytes = Array(input.utf8)
      var reader = try CSVReader(file: "test.csv", batchSize: 64) { offset throws(CloisterError) in
        Pieces(Array(bytes[min(offset, bytes.count)...]), sizes: sizes)
      }
      let kept = min(count, reader.header.count)
      reader.keepFields(kept)
      while try reader.nextBatch() {
        for record in 0..<reader.recordCount {
          records.append((0..<kept).map { String(decoding: reader.unquoted(reader.field(record, $0)), as: UTF8.self) })
        }
      }
      return (records, nil)
    } catch { return (records, error) }
  }

  @Test func theOracleAgrees() {
    for vector in vectors { if let records = vector.records { #expect(oracle(vector.input) == records) } }
  }

  /// Tries random text made of the bytes that matter. Whatever the reader accepts, it must read as the oracle does.
  @Test func randomInputIsReadAsTheOracleReadsIt() {
    var random = SystemRandomNumberGenerator()
    let alphabet = Array("a,\"\n\r ".unicodeScalars)
    var accepted = 0
    // Once accepted with a large buffer only.
    #expect(records(",a\n\n\n\r \n\n ") == nil)
    for _ in 0..<20_000 {
      let length = Int.random(in: 1...140, using: &random)
      let isPlain = Bool.random(using: &random)
      var input = ""
      for _ in 0..<length {
        let scalar =
          isPlain ? "aaaa,".unicodeScalars.randomElement(using: &random) : alphabet.randomElement(using: &random)
        input.unicodeScalars.append(scalar ?? "a")
      }
      let whole = records(input)
      #expect(records(input, sizes: [1], batch: 5) == whole, "\(Array(input.utf8))")
      if let whole {
        accepted += 1
        #expect(oracle(input) == whole, "\(Array(input.utf8))")
      }
    }
    #expect(accepted > 1000)
  }

  @Test func theHeaderIsLowerCasedAndAByteOrderMarkSkipped() throws {
    #expect(try reader("\u{FEFF}Hadm_ID,B\n").header == ["hadm_id", "b"])
    #expect(try reader("\u{FEFF}Hadm_ID,B\n", sizes: [1], batch: 1).header == ["hadm_id", "b"])
  }

  @Test(arguments: [
    ("a,b\n1,2\n1\n", "test.csv line 3: the row has 1 fields but the header has 2"),
    ("a,b\n\"1\n\n\",2\n1,2,3\n", "test.csv line 5: the row has 3 fields but the header has 2"),
    ("a,b\nx\"y,2\n", "test.csv line 2: a quote inside an unquoted field"),
    ("a,b\n\"1,2\n", "test.csv line 3: the file ends inside a quoted field"),
    ("a,b\n1,2\r", "test.csv line 2: a carriage return without a line feed"),
    ("a,A\n", "test.csv line 1: a column name appears twice"),
    ("", "test.csv: the file is empty"),
    (
      "a,b\n1,2\n3,4",
      "test.csv line 3: the last line has no line break, although others have one: the file may have been cut off"
    ),
    ("a,b\n1,2\n\n3,4\n", "test.csv line 3: the line is empty, but other lines follow"),
    ("a,b\n1,2\n,\n3\n", "test.csv line 3: the line is empty, but other lines follow"),
    ("a,b,\n1,2,\n3,4,5\n", "test.csv line 3: a value has no column name; is a separator or a quote missing?"),
    ("a;b\n1;2\n", "test.csv line 1: the fields are separated by semicolons, not by commas"),
    ("a\tb\n1\t2\n", "test.csv line 1: the fields are separated by tabs, not by commas"),
    ("7,b\n1,2\n", "test.csv line 1: the line holds values, not column names"),
    ("PAR1x", "test.csv: is a Parquet file, not CSV"),
    ("a\0,\0b\0\n\0", "test.csv: is not UTF-8 text; it looks like UTF-16"),
  ])
  func errorsSayTheLineAndNotTheContent(_ input: String, _ what: String) {
    for size in [1, 1 << 20] {
      let error = #expect(throws: CloisterError.self) {
        var reader = try reader(input, sizes: [size])
        while try reader.nextBatch() {}
      }
      #expect(error?.what == what)
      #expect(error?.status == .inputRefused)
    }
  }

  @Test func recordsBeforeAFaultAreGiven() throws {
    var reader = try reader("a,b\n1,2\n3,4\n5\n")
    #expect(try reader.nextBatch())
    #expect(reader.recordCount == 2)
    #expect(throws: CloisterError.self) { try reader.nextBatch() }
  }

  @Test func sharesMeetWhereverTheFileIsCut() throws {
    let input = "a,b\n1,\"x\ny\"\n22,z\n\"3\",\"\"\"\n\"\n4,\n"
    let whole = try #require(records(input))
    let first = try reader(input)
    for cut in first.nextOffset...input.utf8.count {
      var left = try first.records(from: first.nextOffset, to: cut)
      var count = 0
      while try left.nextBatch() { count += left.recordCount }
      var right = try first.records(from: left.nextOffset, to: .max)
      while try right.nextBatch() { count += right.recordCount }
      #expect(count == whole.count - 1, "\(cut)")
      #expect(left.nextOffset >= cut)
    }
  }

  @Test func whatIsWrittenIsReadAgain() {
    let fields = ["plain", "a,b", "say \"x\"", "two\nlines", "", " "]
    var line: [UInt8] = []
    CSVLine.append(fields, to: &line)
    #expect(records("a,b,c,d,e,f\n" + String(decoding: line, as: UTF8.self))?.last == fields)
  }
}
