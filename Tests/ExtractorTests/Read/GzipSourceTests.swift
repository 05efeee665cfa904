import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

@Suite struct GzipSourceTests {
  private let folder: TemporaryFolder
  private let content = Array((0..<200_000).map { "line \($0),\($0 * 7919 % 104_729)\n" }.joined().utf8)
  private let compressed: Data

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Data(content), to: "plain")
    _ = try runProgram("gzip", ["-k", "-n", folder.path("plain")])
    compressed = try folder.read("plain.gz")
  }

  private func inflate(_ data: Data) throws -> [UInt8] {
    let path = try folder.write(data, to: "test.gz")
    let source = PrefetchedSource { () throws(CloisterError) in
      GzipSource(try FileSource(path, name: "test.gz"), name: "test.gz")
    }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 100_000)
    while case let count = try source.read(into: &buffer, from: 1000, to: 99_000), count > 0 {
      all += buffer[1000..<1000 + count]
    }
    return all
  }

  @Test func aReaderThatStopsEarlyLeavesNoThreadBehindItsRing() throws {
    let path = try folder.write(compressed, to: "test.gz")
    for _ in 0..<200 {
      let source = PrefetchedSource { () throws(CloisterError) in
        GzipSource(try FileSource(path, name: "test.gz"), name: "test.gz")
      }
      var buffer = [UInt8](repeating: 0, count: 10)
      #expect(try source.read(into: &buffer, from: 0, to: 10) == 10)
    }
  }

  @Test func oneMemberGivesItsBytes() throws { #expect(try inflate(compressed) == content) }

  @Test func severalMembersAndPaddingGiveAllBytes() throws {
    #expect(try inflate(compressed + compressed + Data(count: 700)) == content + content)
  }

  @Test func anEmptyFileGivesNothing() throws { #expect(try inflate(Data()) == []) }

  @Test func everyTruncationIsRefused() throws {
    for kept in [
      1, 9, 10, 11, 500, compressed.count / 2, compressed.count - 8, compressed.count - 4, compressed.count - 1,
    ] {
      let error = #expect(throws: CloisterError.self) { try inflate(compressed.prefix(kept)) }
      #expect(error?.status == .inputRefused, "\(kept) bytes")
    }
  }

  @Test func damageIsRefused() throws {
    for place in [0, compressed.count / 3, compressed.count - 7, compressed.count - 2] {
      var damaged = compressed
      damaged[place] ^= 0x55
      #expect(throws: CloisterError.self, "byte \(place)") { try inflate(damaged) }
    }
    #expect(throws: CloisterError.self) { try inflate(compressed + Data("garbage".utf8)) }
  }
}
