import Shared
import Testing

/// One scenario a line: the bytes, and the records or the fault that they must give.
private let vectors: [(input: String, records: [[String]]?)] = [
  ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
  ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
  ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
  ("a,b\n1,\n", [["a", "b"], ["1", ""]]),
  ("a,b\n1,", [["a", "b"], ["1", ""]]),
  ("a\n\n", [["a"], [""]]),
  ("\"a,b\",c\n", [["a,b", "c"]]),
  ("\"a\"\"b\",c\n", [["a\"b", "c"]]),
  ("\"\"\"Ventilation\"\" pneumonitis\"\n", [["\"Ventilation\" pneumonitis"]]),
  ("\"line\nbreak\",x\n", [["line\nbreak", "x"]]),
  ("\"line\r\nbreak\"\r\n", [["line\r\nbreak"]]),
  ("\"\",\"\"", [["", ""]]),
  (" a , b \n", [[" a ", " b "]]),
  (",\n", [["", ""]]),
  ("", []),
  ("a\"b\n", nil),
  ("\"a\"b\n", nil),
  ("\"a", nil),
  ("a\rb\n", nil),
  ("a\r", nil),
]

/// Splits slowly and plainly, on characters; for the vectors that are valid.
private func oracle(_ text: String) -> [[String]] {
  var records: [[String]] = []
  var fields: [String] = []
  var field = ""
  var isQuoted = false
  var scalars = Array(text.unicodeScalars)
  if let last = scalars.last, last != "\n" { scalars.append("\n") }
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
      isQuoted = true
    } else if scalar == "," {
      fields.append(field)
      field = ""
    } else if scalar == "\n" {
      records.append(fields + [field])
      (fields, field) = ([], "")
    } else if scalar != "\r" {
      field.unicodeScalars.append(scalar)
    }
  }
  return records
}

/// Gives its bytes in pieces, cut where it is told.
private final class Pieces: ByteSource {
  private var pieces: [[UInt8]]

  init(_ pieces: [[UInt8]]) { self.pieces = pieces.filter { !$0.isEmpty } }

  func read(into buffer: inout [UInt8]) { buffer = pieces.isEmpty ? [] : pieces.removeFirst() }
}

@Suite struct CSVTests {
  private func records(_ input: String) -> [[String]]? {
    var machine = CSVMachine()
    var records: [[String]] = []
    func keep() {
      records.append((0..<machine.fieldCount).map { String(decoding: machine.field($0), as: UTF8.self) })
    }
    do {
      for byte in input.utf8 where try machine.take(byte) == .record { keep() }
      if try machine.finish() == .record { keep() }
    } catch { return nil }
    return records
  }

  @Test(arguments: vectors.indices) func theMachineGivesTheVectorsRecords(_ index: Int) {
    #expect(records(vectors[index].input) == vectors[index].records)
  }

  @Test func theOracleAgrees() {
    for vector in vectors { if let records = vector.records { #expect(oracle(vector.input) == records) } }
  }

  @Test func anySplitOfTheInputGivesTheSameRows() throws {
    let text = Array("h1,h2\r\n\"a\"\"\n\",b\n,\"\"\r\nlast,\"x,y\"".utf8)
    func rows(_ pieces: [[UInt8]]) throws -> [[String]] {
      var reader = try CSVReader(Pieces(pieces), file: "test.csv")
      var rows: [[String]] = [reader.header]
      while try reader.next() { rows.append((0..<2).map { String(decoding: reader.field($0), as: UTF8.self) }) }
      return rows
    }
    let whole = try rows([text])
    #expect(whole == [["h1", "h2"], ["a\"\n", "b"], ["", ""], ["last", "x,y"]])
    for cut in text.indices { #expect(try rows([Array(text[..<cut]), Array(text[cut...])]) == whole) }
    #expect(try rows(text.map { [$0] }) == whole)
  }

  @Test func theHeaderIsLowerCasedAndAByteOrderMarkSkipped() throws {
    let reader = try CSVReader(Pieces([[0xEF, 0xBB, 0xBF] + Array("Hadm_ID,B\n".utf8)]), file: "test.csv")
    #expect(reader.header == ["hadm_id", "b"])
  }

  @Test(arguments: [
    ("a,b\n1,2\n1\n", "test.csv line 3: the row has 1 fields where the header has 2"),
    ("a,b\n\"1\n\n\",2\n1,2,3\n", "test.csv line 5: the row has 3 fields where the header has 2"),
    ("a,b\nx\"y,2\n", "test.csv line 2: a quote inside a field that is not quoted"),
    ("a,b\n\"1,2\n", "test.csv line 3: the file ends inside a quoted field"),
    ("a,A\n", "test.csv line 1: a column name stands twice"),
    ("", "test.csv: the file is empty"),
  ])
  func errorsSayTheLineAndNotTheContent(_ input: String, _ what: String) {
    let error = #expect(throws: CloisterError.self) {
      var reader = try CSVReader(Pieces([Array(input.utf8)]), file: "test.csv")
      while try reader.next() {}
    }
    #expect(error?.what == what)
    #expect(error?.status == .inputRefused)
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let fields = ["plain", "a,b", "say \"x\"", "two\nlines", "", " "]
    var reader = try CSVReader(Pieces([Array(("1,2,3,4,5,6\n" + CSVLine.formatted(fields)).utf8)]), file: "test.csv")
    #expect(try reader.next())
    #expect((0..<6).map { String(decoding: reader.field($0), as: UTF8.self) } == fields)
  }
}
