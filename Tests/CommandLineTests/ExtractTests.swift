import Foundation
import Shared
import TestSupport
import Testing

/// The programs as hospital IT sees them, run on whole hospitals.
@Suite struct ExtractTests {
  private static let k11 = "\(Project.root)/policies/cms-k11.yaml"

  @Test func theStockCommandVerifiesABundleAndRefusesAChangedManifest() throws {
    let bundle = try ExampleBundle.mimicIII.get()
    func verify(_ content: String) throws -> Finished {
      try runProgram(
        "openssl",
        [
          "cms", "-verify", "-binary", "-inform", "DER", "-in", "\(bundle.path)/manifest.p7s", "-content", content,
          "-CAfile", bundle.certificate, "-out", "/dev/null",
        ])
    }
    #expect(try verify("\(bundle.path)/manifest.json").status == 0)
    let folder = try TemporaryFolder()
    var manifest = try Data(contentsOf: URL(fileURLWithPath: "\(bundle.path)/manifest.json"))
    manifest[20] ^= 1
    #expect(try verify(try folder.write(manifest, to: "manifest.json")).status != 0)
  }

  @Test func aPlainRecountFindsTheExamplesCells() throws {
    try recount("\(Project.root)/examples/mimic-iii", try ExampleBundle.mimicIII.get(), "demo.yaml")
    try recount("\(Project.root)/examples/mimic-iv", try ExampleBundle.mimicIV.get(), "demo.yaml")
  }

  @Test(
    .enabled(if: Project.sharedData("mimic-iii-demo") != nil, "skipped: ../shared/data/mimic-iii-demo is missing"))
  func theThirdDemoHasNoCellUnderElevenPatients() throws {
    let input = try #require(Project.sharedData("mimic-iii-demo"))
    let bundle = try ExampleBundle(input: input, policy: Self.k11)
    try recount(input, bundle, "cms-k11.yaml")
    for name in try bundle.folder.names("bundle") {
      let text = try bundle.folder.text("bundle/\(name)")
      #expect(!text.contains("PUERTO RICAN"), "the 15 admissions of one patient are in \(name)")
    }
    let statistics = try Statistics(parsing: Array(try bundle.folder.read("bundle/statistics.json")))
    let bands = Set(Band.ages(minimum: 18, topCode: 90).map(\.label))
    let aged = statistics.tables.filter { $0.attributes.contains(.ageBand) }
    #expect(aged.count == 5)
    for table in aged {
      let axis = try #require(table.attributes.firstIndex(of: .ageBand))
      for key in table.cells.map(\.key) + table.suppressed { #expect(bands.contains(key[axis])) }
    }
  }

  @Test(.enabled(if: Project.sharedData("mimic-iv-demo") != nil, "skipped: ../shared/data/mimic-iv-demo is missing"))
  func theFourthDemoGivesTheSameBytesPlainAndCompressed() throws {
    let input = try #require(Project.sharedData("mimic-iv-demo"))
    let folder = try TemporaryFolder()
    for name in ["patients", "admissions", "diagnoses_icd", "procedures_icd", "prescriptions"] {
      let plain = try Data(contentsOf: URL(fileURLWithPath: "\(input)/hosp/\(name).csv"))
      try folder.write(plain, to: "plain/hosp/\(name).csv")
      let given = "\(input)/hosp/\(name).csv.gz"
      if FileManager.default.fileExists(atPath: given) {
        try folder.write(try Data(contentsOf: URL(fileURLWithPath: given)), to: "packed/hosp/\(name).csv.gz")
      } else {
        try folder.write(plain, to: "packed/hosp/\(name).csv")
        _ = try runProgram("gzip", [folder.path("packed/hosp/\(name).csv")])
      }
    }
    let plain = try ExampleBundle(input: folder.path("plain"), policy: Self.k11)
    let packed = try ExampleBundle(input: folder.path("packed"), policy: Self.k11)
    let bytes = try plain.folder.read("bundle/statistics.json")
    #expect(bytes.count > 4_000)
    #expect(try packed.folder.read("bundle/statistics.json") == bytes)
    try recount(input, plain, "cms-k11.yaml")
  }

  /// The statistics have the same bytes if the input is shuffled, unpacked, or read by one, two or seven threads, and
  /// they agree with those of a simple independent counter.
  @Test(arguments: ["mimic-iii", "mimic-iv"]) func nothingButTheCountsDecidesTheStatistics(_ schema: String) throws {
    let folder = try TemporaryFolder()
    let source = "\(Project.root)/examples/\(schema)"
    for (name, order) in [("plain", "cat"), ("shuffled", "shuf --random-source=/dev/zero")] {
      let script = """
        set -eu; cd \(source); mkdir -p \(folder.path(name))/hosp
        for file in $(find . -name '*.csv.gz'); do
          target=\(folder.path(name))/$(dirname $file)/$(basename $file .gz)
          gzip -dc $file > $target.all
          head -n 1 $target.all > $target; tail -n +2 $target.all | \(order) >> $target; rm $target.all
        done
        rmdir --ignore-fail-on-non-empty \(folder.path(name))/hosp
        """
      let made = try runProgram("bash", ["-c", script])
      try #require(made.status == 0, "\(made.errors)")
    }
    let policy = "\(Project.root)/policies/laboratory.yaml"
    let packed = try ExampleBundle(input: source, policy: policy)
    let bytes = try packed.folder.read("bundle/statistics.json")
    for (name, threads) in [("plain", 1), ("plain", 2), ("plain", 7), ("shuffled", 1), ("shuffled", 2)] {
      let bundle = try ExampleBundle(input: folder.path(name), policy: policy, threads: threads)
      #expect(try bundle.folder.read("bundle/statistics.json") == bytes, "\(name), \(threads) threads")
    }
    #expect(String(decoding: bytes, as: UTF8.self).contains("\"50912:1.2 to 2\""))
    try recount(folder.path("shuffled"), packed, "laboratory.yaml")
  }

  /// The attack as an auditor runs it: it fails on our bundle, but finds a cell in a bundle that is less well
  /// protected.
  @Test func anAuditorsAttackFailsOnWhatWeSign() throws {
    for bundle in [try ExampleBundle.mimicIII.get(), try ExampleBundle.mimicIV.get()] {
      let attack = try Project.extractor("attack", bundle.path)
      #expect(attack.status == 0, "\(attack.output)\(attack.errors)")
      #expect(attack.output.contains("the attack fails"))
      let report = try Project.extractor("attack", bundle.path, "--json")
      let found = try #require(try JSONSerialization.jsonObject(with: Data(report.output.utf8)) as? [String: Any])
      let narrowest = try #require(found["narrowest"] as? [[String: Any]])
      #expect(!narrowest.isEmpty)
      for cell in narrowest {
        guard let low = cell["low"] as? Int, let high = cell["high"] as? Int else { continue }
        #expect(high - low >= 10, "\(cell) is not hidden")
      }
    }
    let folder = try TemporaryFolder()
    try folder.write(
      """
      cloister-policy: 1
      title: T
      owner: O
      protection: {minimum-patients: 11}
      release:
        - table: [gender, died-in-hospital]
        - table: [gender]
      """, to: "bundle/policy.yaml")
    try folder.write(
      """
      {"format": 1, "schema": "mimic-iii", "unit": "admissions", "minimum-patients": 11, "tables": [
        {"name": "gender x died-in-hospital", "attributes": ["gender", "died-in-hospital"], "total": null,
          "cells": [{"key": ["F", "0"], "count": 100}, {"key": ["M", "0"], "count": 90},
            {"key": ["M", "1"], "count": 20}],
          "suppressed": [["F", "1"]]},
        {"name": "gender", "attributes": ["gender"], "total": 217,
          "cells": [{"key": ["F"], "count": 107}, {"key": ["M"], "count": 110}], "suppressed": []}
      ], "titles": {}}
      """, to: "bundle/statistics.json")
    let attack = try Project.extractor("attack", folder.path("bundle"))
    #expect(attack.status == 77)
    #expect(attack.output.contains("gender x died-in-hospital: F, 1: 7 to 7"), "\(attack.output)\(attack.errors)")
    try folder.write("{}", to: "bundle/statistics.json")
    #expect(try Project.extractor("attack", folder.path("bundle")).status == 76)
  }

  /// A lost or misspelt ledger would otherwise begin a new one, with which nothing earlier is compared.
  @Test func aLedgerThatIsNotThereIsSaid() throws {
    let site = try TestSite()
    let ledger = site.folder.path("legder.jsonl")
    let plan = try Project.extractor("plan", "--input", site.input, "--policy", site.policy, "--ledger", ledger)
    #expect(plan.status == 66 && plan.errors.contains("no such ledger"))
    let first = try site.extract("one", ["--ledger", ledger])
    #expect(first.status == 0 && first.errors.contains("had no release yet, so this is release 1"), "\(first.errors)")
    #expect(first.output.contains("release 1, "))
    let second = try site.extract("two", ["--ledger", ledger])
    #expect(second.status == 0 && !second.errors.contains("had no release yet"), "\(second.errors)")
    #expect(second.output.contains("release 2, "))
    #expect(try site.folder.text("two/review.html").contains("The rules and the list of tables are the same"))
  }

  @Test func thePlansPageNamesWhatStaysAndWhy() throws {
    let site = try TestSite(name: nil)
    let page = site.folder.path("plan.html")
    let arguments = ["plan", "--input", site.input, "--policy", site.policy, "--html", page]
    #expect(try Project.extractor(arguments).status == 0)
    let html = try site.folder.text("plan.html")
    #expect(html.contains("stays in the hospital</h1>") && html.contains("it covers fewer than 11 patients"))
    #expect(html.contains("What a change would bring") && html.contains("tables with"))
    #expect(try FileManager.default.attributesOfItem(atPath: page)[.posixPermissions] as? Int == 0o600)
    #expect(try Project.extractor(arguments).status == 73)
  }

  @Test func planWritesNothingAndSaysWhatWouldLeave() throws {
    let folder = try TemporaryFolder()
    let input = try SmallHospital.mimicIII.write(to: folder)
    let policy = try folder.write(SmallHospital.policy, to: "policy.yaml")
    let plan = try Project.extractor("plan", "--input", input, "--policy", policy)
    #expect(plan.status == 0)
    #expect(plan.output.contains("k-anonymous cells, k = 11, attack-tested"))
    #expect(!plan.output.contains("PUERTO"))
    #expect(try folder.names() == ["input", "policy.yaml"])
    let json = try Project.extractor("plan", "--input", input, "--policy", policy, "--json")
    #expect(json.output.contains("\"too-small\": 1"))
  }

  @Test func aPolicyIsExplainedInSentences() throws {
    let exact = try Project.extractor("policy", "explain", Self.k11)
    #expect(exact.status == 0)
    #expect(exact.output.contains("at least 11 different patients"))
    let noisy = try Project.extractor("policy", "explain", "\(Project.root)/policies/differential-privacy.yaml")
    #expect(noisy.output.contains("main-diagnosis x diagnosis: one patient changes the cells by at most 16; epsilon"))
  }

  /// The attack as an outsider runs it on rounded and rolled-up counts.
  @Test func anAuditorsAttackFailsOnRoundedCounts() throws {
    let bundle = try ExampleBundle(
      input: "\(Project.root)/examples/mimic-iii", policy: "\(Project.root)/policies/round-to-5.yaml")
    let statistics = try Statistics(parsing: Array(try bundle.folder.read("bundle/statistics.json")))
    #expect(statistics.tables.allSatisfy { $0.total == nil && $0.cells.allSatisfy { $0.count.isMultiple(of: 5) } })
    let attack = try Project.extractor("attack", bundle.path)
    #expect(attack.status == 0, "\(attack.output)\(attack.errors)")
  }

  /// A run that is stopped at any moment leaves nothing, or the whole bundle if the bundle was already finished.
  @Test(arguments: [SIGINT, SIGTERM]) func aStoppedRunLeavesNothing(_ signal: Int32) throws {
    let folder = try TemporaryFolder()
    _ = try Project.extractor("keygen", "--name", "Site", "--no-passphrase", "--out", folder.path("keys"))
    var stopped = 0
    for moment in 0..<12 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Project.program("cloister-extractor"))
      process.arguments = [
        "extract", "--input", "\(Project.root)/examples/mimic-iii", "--policy", "\(Project.root)/policies/demo.yaml",
        "--key", folder.path("keys/signer.key.pem"), "--cert", folder.path("keys/signer.cert.pem"), "--out",
        folder.path("bundle"),
      ]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      Thread.sleep(forTimeInterval: 0.05 + 0.08 * Double(moment))
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      let isStopped = process.terminationReason == .uncaughtSignal
      #expect(process.terminationStatus == (isStopped ? signal : 0))
      // A signal that arrives while the bundle is being put in place is held back until the bundle is complete.
      if isStopped, try folder.names() == ["keys"] {
        stopped += 1
      } else {
        #expect(try folder.names() == ["bundle", "keys"])
        #expect(try folder.names("bundle").count == 6)
        _ = try runProgram("rm", ["-r", folder.path("bundle")])
      }
    }
    #expect(stopped > 0)
  }

  /// Recounts the input with the independent program Tests/Support/recount.py and compares the results.
  private func recount(_ input: String, _ bundle: ExampleBundle, _ policy: String) throws {
    let folder = try TemporaryFolder()
    let plan = try Project.extractor(
      "plan", "--input", input, "--policy", "\(Project.root)/policies/\(policy)", "--json", "--ledger",
      try folder.ledger("ledger"))
    let planned = try folder.write(plan.output, to: "plan.json")
    let recount = try runProgram(
      "python3",
      [
        "\(Project.root)/Tests/Support/recount.py", input, "\(bundle.path)/statistics.json",
        "\(Project.root)/policies/\(policy)", planned,
      ])
    #expect(recount.status == 0, "\(recount.output)\(recount.errors)")
  }
}
