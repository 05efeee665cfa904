internal import Foundation
import Shared
import Testing
import TestSupport

@testable import Generator

@Suite struct VerifyBundleTests {
  private let bundle: ExampleBundle
  private let files: [String: [UInt8]]

  init() throws {
    bundle = try ExampleBundle.mimicIII.get()
    files = try UnverifiedBundle(bundle.path).files
  }

  private func status(of changed: [String: [UInt8]]) -> Shared.ExitStatus? {
    do {
      _ = try verifyBundle(UnverifiedBundle(files: changed), Trust(sites: [bundle.certificate]))
      return nil
    } catch { return error.status }
  }

  @Test func anUnchangedBundleIsVerified() throws {
    let verified = try verifyBundle(UnverifiedBundle(files: files), Trust(sites: [bundle.certificate]))
    #expect(verified.manifest.site == "Test Hospital")
    #expect(verified.signer.name == "Test Hospital")
    #expect(verified.statistics.schema == .mimicIII)
    #expect(verified.manifest.guarantee.contains("k-anonymous cells, k = 11, attack-tested"))
  }

  @Test(arguments: [BundleLayout.manifest, BundleLayout.signature])
  func everyChangedByteOfWhatIsSignedIsRefused(_ name: String) throws {
    var passed: [Int] = []
    for index in try #require(files[name]).indices {
      for flip in [UInt8(1), 0x20, 0x80] {
        var changed = files
        changed[name]![index] ^= flip
        if status(of: changed) != .bundleRefused { passed.append(index) }
      }
    }
    #expect(passed.isEmpty, "changes at \(passed) of \(name) were not refused")
  }

  @Test func aChangedByteOfAnyOtherFileIsRefused() throws {
    for name in BundleLayout.listed {
      let count = try #require(files[name]).count
      for index in stride(from: 0, to: count, by: max(1, count / 50)) + [count - 1] {
        var changed = files
        changed[name]?[index] ^= 1
        #expect(status(of: changed) == .bundleRefused, "byte \(index) of \(name)")
      }
    }
  }

  /// Flips one bit in every byte of every file of a small bundle with approvals.
  @Test func everySingleByteChangeOfAWholeBundleIsRefused() throws {
    let small = try VectorBundle()
    let files = try UnverifiedBundle(small.path).files
    #expect(files.count == 7)
    let trust = Trust(sites: [small.key("site", "crt")], approvers: [small.key("officer", "crt")])
    #expect(throws: Never.self) { try verifyBundle(UnverifiedBundle(files: files), trust) }
    var passed: [String] = []
    for (name, bytes) in files {
      for index in bytes.indices {
        var changed = files
        changed[name]?[index] ^= UInt8(1 << (index % 8))
        do throws(CloisterError) {
          _ = try verifyBundle(UnverifiedBundle(files: changed), trust)
          passed.append("\(name) \(index)")
        } catch {
          if error.status != .bundleRefused { passed.append("\(name) \(index): \(error.status)") }
        }
      }
    }
    #expect(passed.isEmpty)
  }

  @Test func aMissingFileIsRefused() {
    for name in files.keys {
      var changed = files
      changed[name] = nil
      #expect(status(of: changed) == .bundleRefused, "\(name)")
    }
  }

  @Test func anUnlistedFileIsRefused() {
    var changed = files
    changed["policy.p7s"] = []
    #expect(status(of: changed) == .bundleRefused)
  }

  @Test func aSignatureByAnotherKeyIsRefused() throws {
    let other = try ExampleBundle.mimicIV.get()
    let error = #expect(throws: CloisterError.self) {
      try verifyBundle(UnverifiedBundle(files: files), Trust(sites: [other.certificate]))
    }
    #expect(error?.status == .bundleRefused)
    var swapped = files
    swapped[BundleLayout.signature] = try UnverifiedBundle(other.path).files[BundleLayout.signature]
    #expect(status(of: swapped) == .bundleRefused)
  }

  @Test func signedButHostileContentIsRefused() throws {
    let text = String(decoding: try #require(files[BundleLayout.statistics]), as: UTF8.self)
    for (old, new) in [
      ("\"WHITE\"", "\"\\u001b[2J\""), ("\"format\": 1", "\"format\": 2"), ("admissions\"", "patients\""),
      ("\"religion\"", "\"drug-count-band\""),
    ] {
      let resigned = try resign(text.replacingOccurrences(of: old, with: new))
      #expect(status(of: resigned) == .bundleRefused, "\(old)")
    }
    #expect(status(of: try resign(text)) == nil)
  }

  /// The bundle with other statistics, properly signed by its hospital.
  private func resign(_ statistics: String) throws -> [String: [UInt8]] {
    let manifest = try Manifest(parsing: try #require(files[BundleLayout.manifest]))
    var changed = files
    changed[BundleLayout.statistics] = Array(statistics.utf8)
    let bytes = Manifest(
      site: manifest.site, series: 1, sequence: 1, previous: nil, created: manifest.created,
      extractor: manifest.extractor,
      guarantee: manifest.guarantee, approvals: 0, sandbox: manifest.sandbox,
      codesAreConfirmed: manifest.codesAreConfirmed, secretSHA256: nil,
      policySHA256: manifest.policySHA256,
      files: BundleLayout.listed.map { Manifest.ListedFile(path: $0, content: changed[$0] ?? []) }
    ).formatted()
    let scratch = try TemporaryFolder()
    let path = try scratch.write(bytes, to: "manifest.json")
    let sign = try runProgram(
      "openssl",
      [
        "cms", "-sign", "-binary", "-in", path, "-outform", "DER", "-out", scratch.path("p7s"), "-signer",
        bundle.certificate, "-inkey", bundle.key,
      ])
    try #require(sign.status == 0)
    changed[BundleLayout.manifest] = Array(bytes.utf8)
    changed[BundleLayout.signature] = Array(try scratch.read("p7s"))
    return changed
  }
}

private func + (stride: StrideTo<Int>, more: [Int]) -> [Int] { Array(stride) + more }
