import Foundation
import Shared
import TestSupport
import Testing

/// A site's releases over time, as hospital IT makes them: the ledger and what is kept beside it.
@Suite struct ReleasesOverTimeTests {
  @Test func theLedgerNumbersReleasesAndChainsThem() throws {
    let site = try TestSite()
    let folder = site.folder
    func extract(_ out: String) throws -> Finished { try site.extract(out, ["--ledger", folder.path("ledger")]) }
    #expect(try extract("first").status == 0)
    #expect(try extract("second").status == 0)
    let digest = try runProgram("sha256sum", [folder.path("first/manifest.json")]).output.prefix(64)
    let second = try folder.text("second/manifest.json")
    #expect(second.contains("\"sequence\": 2"))
    #expect(second.contains("\"previous\": \"\(digest)\""))
    #expect(try folder.read("first/statistics.json") == folder.read("second/statistics.json"))
    try folder.write(try folder.text("ledger").replacingOccurrences(of: "Site", with: "Sita"), to: "ledger")
    #expect(try extract("third").status == 77)
    #expect(
      try folder.names() == [
        "first", "input", "keys", "ledger", "ledger.releases", "ledger.secret", "policy.yaml", "second",
      ])
  }

  /// The manifest names the site's secret, which must be there once there are releases, and closed to other users.
  @Test func theSitesSecretIsKeptBesideTheLedger() throws {
    let site = try TestSite()
    let folder = site.folder
    func extract(_ out: String) throws -> Finished { try site.extract(out, ["--ledger", folder.path("ledger")]) }
    func allow(_ mode: Int) throws {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.path("ledger.secret"))
    }
    let early = try Project.extractor("plan", "--input", site.input, "--policy", site.policy)
    #expect(early.errors.contains("drawn with a secret made up for this plan"))
    #expect(try extract("first").status == 0)
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.path("ledger.secret"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let digest = try runProgram("sha256sum", [folder.path("ledger.secret")]).output.prefix(64)
    #expect(try folder.text("first/manifest.json").contains("\"secret-sha256\": \"\(digest)\""))
    let plan = try Project.extractor(
      "plan", "--input", site.input, "--policy", site.policy, "--ledger", folder.path("ledger"))
    #expect(plan.status == 0 && !plan.errors.contains("made up"), "\(plan.errors)")
    let secret = try folder.text("ledger.secret")
    try allow(0o644)
    #expect(try extract("second").errors.contains("ledger.secret: other users may read or change this file"))
    try allow(0o600)
    try folder.write("x\(secret.dropFirst())", to: "ledger.secret")
    try allow(0o600)
    #expect(try extract("second").status == 78)
    try FileManager.default.removeItem(atPath: folder.path("ledger.secret"))
    let missing = try extract("second")
    #expect(missing.status == 77 && missing.errors.contains("ledger.secret: the site's secret is missing"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("ledger.secret")))
    #expect(try site.extract("alone").status == 0)
    #expect(try folder.text("alone/manifest.json").contains("\"secret-sha256\": null"))
  }

  /// What three more patients have changed must be held back, because anyone could subtract the last release from it.
  @Test func whatDiffersByFewIsHeldBack() throws {
    let hospital = SmallHospital.mimicIII
    let site = try TestSite(hospital)
    let folder = site.folder
    func extract(_ input: String, _ out: String) throws -> [String: Int] {
      let done = try site.extract(out, from: ["--input", input], ["--ledger", folder.path("ledger")])
      #expect(done.status == 0, "\(done.errors)")
      let statistics = try Statistics(parsing: Array(try folder.read("\(out)/statistics.json")))
      return Dictionary(
        uniqueKeysWithValues: statistics.tables.flatMap(\.cells).map { ($0.key.joined(separator: ","), $0.count) })
    }
    func grown(by patients: ClosedRange<Int>, _ name: String) throws -> String {
      var more = hospital
      let row = try #require(hospital.files["ADMISSIONS.csv"]?.components(separatedBy: "\n")[1])
      let rest = row.components(separatedBy: ",").dropFirst(3).joined(separator: ",")
      for patient in patients {
        more.files["PATIENTS.csv"]? += "\(patient),\(patient),F,2050-01-01 00:00:00,,,,0\n"
        more.files["ADMISSIONS.csv"]? += "\(patient),\(patient),\(9000 + patient),\(rest)\n"
      }
      return try more.write(to: folder, name)
    }
    let first = try extract(site.input, "first")
    #expect(first["F"] == 35 && first["M"] == 20)
    let few = try grown(by: 801...803, "few")
    let second = try extract(few, "second")
    #expect(second["F"] == nil, "38 less 35 are three patients")
    #expect(second["M"] == 20, "this is known from before")
    #expect(!second.values.contains(58), "a total would give the three away")
    let plan = try Project.extractor(
      "plan", "--input", few, "--policy", site.policy, "--ledger", folder.path("ledger"))
    #expect(plan.status == 0 && plan.output.contains("before:"), "\(plan.errors)")
    let third = try extract(try grown(by: 801...815, "more"), "third")
    #expect(third["F"] == 50, "15 more patients may be told")
  }

  /// All 33 men who survived had the code. Now ten more have another one, so rule 3 does not hold for the 33 any more,
  /// which everybody knows from the first release.
  @Test func aCellOfAnEarlierReleaseMayBreakRule3() throws {
    let site = try TestSite(
      policy: """
        cloister-policy: 1
        title: Test policy
        owner: Test
        protection: {minimum-patients: 11, zero-cells: publish}
        release:
          - table: [gender, died-in-hospital, diagnosis]
          - table: [gender]

        """)
    let folder = site.folder
    let first: [Group] = [
      ("M", false, "25000", 33), ("M", true, "25000", 20), ("F", false, "25000", 40), ("F", false, nil, 30),
      ("F", true, "25000", 15),
    ]
    let more: [Group] = [("M", false, "4019", 10), ("M", true, "25000", 11), ("F", false, "4019", 15)]
    for (out, groups) in [("first", first), ("second", first + more)] {
      try write(groups, to: folder)
      let made = try site.extract(out, ["--ledger", folder.path("ledger")])
      #expect(made.status == 0, "\(made.errors)")
    }
    let second = try folder.text("second/statistics.json")
    #expect(!second.contains(#"["M", "0", "4019"]"#) && !second.contains(#"["M", "0", "25000"]"#))
  }

  /// Patients with one admission and, perhaps, one other diagnosis.
  private typealias Group = (gender: String, isDead: Bool, code: String?, count: Int)

  private func write(_ groups: [Group], to folder: TemporaryFolder) throws {
    let headers = ["PATIENTS", "ADMISSIONS", "DIAGNOSES_ICD"].map { table in
      (try? folder.text("input/\(table).csv").prefix { $0 != "\n" }).map(String.init) ?? ""
    }
    var tables = headers.map { [$0] }
    for group in groups {
      for _ in 0..<group.count {
        let (subject, end) = (tables[0].count, "2110-05-20 11:00:00")
        let death = group.isDead ? end : ""
        tables[0].append(
          "\(subject),\(subject),\(group.gender),2050-01-01 00:00:00,\(death),\(death),,\(group.isDead ? 1 : 0)")
        tables[1].append(
          "\(subject),\(subject),\(subject),2110-05-17 10:00:00,\(end),\(death),EMERGENCY,EMERGENCY ROOM ADMIT,"
            + "\(group.isDead ? "DEAD/EXPIRED" : "HOME"),Medicare,ENGL,,MARRIED,WHITE,,,X,\(group.isDead ? 1 : 0),1")
        for (rank, code) in (["7850"] + (group.code.map { [$0] } ?? [])).enumerated() {
          tables[2].append("1,\(subject),\(subject),\(rank + 1),\(code)")
        }
      }
    }
    for (table, lines) in zip(["PATIENTS", "ADMISSIONS", "DIAGNOSES_ICD"], tables) {
      try folder.write(lines.joined(separator: "\n") + "\n", to: "input/\(table).csv")
    }
  }

  /// Noise needs a ledger, two releases use up the budget, and exact counts can't be released afterwards.
  @Test func noiseIsPaidFor() throws {
    let site = try TestSite(nil)
    let folder = site.folder
    func extract(_ policy: String, _ out: String, _ more: String...) throws -> Finished {
      try site.extract(
        out, from: ["--input", "\(Project.root)/examples/mimic-iii"], policy: "\(Project.root)/policies/\(policy)", more
      )
    }
    let ledger = folder.path("ledger")
    #expect(try extract("differential-privacy.yaml", "none").status == 77)
    for release in ["first", "second"] {
      let made = try extract("differential-privacy.yaml", release, "--ledger", ledger)
      #expect(made.status == 0, "\(made.errors)")
      #expect(made.output.contains("epsilon = 2 per patient, pure DP"))
      let verified = try Project.generator(
        "verify", folder.path(release), "--trust", folder.path("keys/signer.cert.pem"))
      #expect(verified.output.contains("epsilon = 2 per patient, pure DP"))
    }
    #expect(try folder.read("first/statistics.json") != folder.read("second/statistics.json"))
    let spent = try extract("differential-privacy.yaml", "third", "--ledger", ledger)
    #expect(spent.status == 77)
    #expect(spent.errors.contains("epsilon 4 of the policy's budget of 4 is spent"))
    #expect(try extract("cms-k11.yaml", "third", "--ledger", ledger).status == 77)
    #expect(try Project.extractor("attack", folder.path("first")).status == 0)
  }

  @Test func oneReleaseAtATimeIsMadeWithALedger() throws {
    let site = try TestSite()
    let folder = site.folder
    try folder.write("", to: "ledger")
    let other = Process()
    other.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    other.arguments = ["flock", folder.path("ledger"), "sleep", "2"]
    try other.run()
    Thread.sleep(forTimeInterval: 0.5)
    let late = try site.extract("bundle", ["--ledger", folder.path("ledger")])
    #expect(late.status == 0, "\(late.errors)")
    #expect(late.errors.contains("waiting until it ends"))
    other.waitUntilExit()
  }

  /// A release that is killed at any moment leaves no bundle without a line in the ledger, and the next release goes
  /// on. CLOISTER_KILLS sets how often.
  @Test(.timeLimit(.minutes(10))) func aKilledReleaseLeavesTheLedgerUsable() throws {
    let kills = ProcessInfo.processInfo.environment["CLOISTER_KILLS"].flatMap(Int.init) ?? 10
    let site = try TestSite()
    let folder = site.folder
    var lots = RepeatableRandom(seed: 5)
    for number in 1...kills {
      let end = try runProgram(
        "timeout",
        [
          "--signal=KILL", "\(Double(20 + lots.next() % 300) / 1000)", Project.program("cloister-extractor"), "extract",
          "--input", site.input, "--policy", site.policy, "--key", site.key, "--cert", site.certificate, "--ledger",
          folder.path("ledger"), "--out", folder.path("bundle-\(number)"),
        ])
      #expect([0, 9, 137].contains(end.status), "\(end.status): \(end.errors)")
      let bundles = try folder.names().filter { $0.hasPrefix("bundle-") && !$0.contains(".incomplete-") }
      let lines = (try? folder.text("ledger"))?.split(separator: "\n") ?? []
      #expect(bundles.count <= lines.count)
      for bundle in bundles {
        let digest = try runProgram("sha256sum", [folder.path("\(bundle)/manifest.json")]).output.prefix(64)
        #expect(lines.contains { $0.contains(digest) }, "\(bundle) has no line")
      }
    }
    let last = try site.extract("last", ["--ledger", folder.path("ledger")])
    #expect(last.status == 0, "\(last.errors)")
    let lines = try folder.text("ledger").split(separator: "\n").count
    #expect(try folder.names("ledger.releases").count == lines)
  }

  /// One ledger numbers the releases of all sources. A researcher may verify them in any order, but not go back to an
  /// older release of the same source.
  @Test func twoSourcesOfOneHospitalAreVerifiedInAnyOrder() throws {
    let site = try TestSite()
    let folder = site.folder
    let newer = ["--input", "\(Project.root)/examples/mimic-iv"]
    let ledger = ["--ledger", folder.path("ledger")]
    #expect(try site.extract("first", ledger).status == 0)
    #expect(try site.extract("second", from: newer, ledger).status == 0)
    #expect(try site.extract("third", ledger).status == 0)
    func verify(_ bundle: String) throws -> Finished {
      try Project.generator(
        "verify", folder.path(bundle), "--trust", site.certificate, "--memory", folder.path("sites.json"))
    }
    #expect(try verify("second").status == 0)
    #expect(try verify("first").status == 0)
    #expect(try verify("third").status == 0)
    #expect(try verify("second").status == 0)
    let old = try verify("first")
    #expect(old.status == 76)
    #expect(old.errors.contains("release 3 of the same source was accepted before"), "\(old.errors)")
  }

  /// The recipe for a new key in docs/releases-over-time.md.
  @Test func aNewKeyIsRefusedUntilTheResearcherReplacesTheOldOne() throws {
    let site = try TestSite()
    let folder = site.folder
    let memory = ["--memory", folder.path("sites.json")]
    func verify(_ bundle: String, _ certificate: String) throws -> Finished {
      try Project.generator(["verify", folder.path(bundle), "--trust", certificate] + memory)
    }
    func replace(_ name: String, _ certificate: String) throws -> Finished {
      try Project.generator(["sites", "replace", name, "--cert", certificate] + memory)
    }
    #expect(try site.extract("first", ["--ledger", folder.path("ledger")]).status == 0)
    #expect(try verify("first", site.certificate).status == 0)
    for (name, out) in [("Site", "new"), ("Other", "other")] {
      #expect(
        try Project.extractor("keygen", "--name", name, "--no-passphrase", "--out", folder.path(out)).status == 0)
    }
    let new = folder.path("new/signer.cert.pem")
    let second = try Project.extractor(
      "extract", "--input", site.input, "--policy", site.policy, "--key", folder.path("new/signer.key.pem"), "--cert",
      new, "--ledger", folder.path("ledger"), "--out", folder.path("second"))
    #expect(second.status == 0, "\(second.errors)")
    let refused = try verify("second", new)
    #expect(refused.status == 76 && refused.errors.contains("signed with another key before"), "\(refused.errors)")
    #expect(try replace("Site", folder.path("other/signer.cert.pem")).status == 78)
    #expect(try replace("Other", folder.path("other/signer.cert.pem")).status == 66)
    #expect(try replace("Site", new).status == 0)
    #expect(try verify("second", new).status == 0)
    #expect(try verify("first", site.certificate).status == 76)
    let listed = try Project.generator(["sites", "list"] + memory)
    #expect(listed.output.contains("Site: key SHA-256 ") && listed.output.contains("mimic-iii: release 2"))
  }
}
