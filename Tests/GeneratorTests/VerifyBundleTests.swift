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
      _ = try verifyBundle(UnverifiedBundle(files: changed), trusted: [bundle.certificate])
      return nil
    } catch { return error.status }
  }

  @Test func anUnchangedBundleIsVerified() throws {
    let verified = try verifyBundle(UnverifiedBundle(files: files), trusted: [bundle.certificate])
    #expect(verified.manifest.site == "Test Hospital")
    #expect(verified.signer.name == "Test Hospital")
    #expect(verified.statistics.schema == .mimicIII)
    #expect(verified.manifest.guarantee.contains("primary suppression only, not attack-tested"))
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
}
