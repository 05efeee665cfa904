import Shared
import Testing

@testable import Generator

/// The codes that groups stand for.
@Suite struct GroupMembersTests {
  private static func statistics(_ schema: SourceSchema, _ diagnoses: [String]) -> Statistics {
    Statistics(
      schema: schema, minimumPatients: 11,
      tables: [
        SmallBundle.table([.gender], [(["F"], 60), (["M"], 40)]),
        SmallBundle.table([.mainDiagnosis], [(["4280"], 50), (["428*"], 20), (["390-459*"], 30)]),
        SmallBundle.table([.diagnosis], diagnoses.map { ([$0], 20) }),
        SmallBundle.table([.drug], [(["Aspirin"], 70), (["other"], 90)]),
      ], titles: CodeTitles())
  }

  private func codes(_ members: GroupMembers, _ group: String, _ attribute: Attribute = .diagnosis) -> [String] {
    members.members(of: group, attribute)?.codes ?? []
  }

  /// A code counts under its name, else under its category, its chapter or `other`, and a group's members are just
  /// those that count there.
  @Test func aGroupHoldsWhatIsCountedThere() {
    let members = GroupMembers(Self.statistics(.mimicIII, ["4280", "428*", "390-459*", "other"]), prior: .builtIn)
    #expect(codes(members, "428*").contains("42823") && !codes(members, "428*").contains("4280"))
    #expect(codes(members, "390-459*").contains("4019"))
    #expect(!codes(members, "390-459*").contains { $0.hasPrefix("428") })
    #expect(codes(members, "other").contains("486"))
    #expect(!codes(members, "other").contains { ("390"..."459~").contains($0) })
    for group in ["428*", "390-459*", "other"] {
      for code in codes(members, group) { #expect(members.counted(code, .diagnosis) == group) }
    }
    #expect(members.counted("4280", .diagnosis) == "4280")
    #expect(members.counted("missing", .mainDiagnosis) == "missing")
    #expect(
      codes(members, "other", .drug).contains("Acetaminophen") && !codes(members, "other", .drug).contains("Aspirin"))
  }

  /// A hospital that writes 428 for all of 428.x has no 428.23.
  @Test func aShortenedCodeStandsForItsParts() {
    let members = GroupMembers(Self.statistics(.mimicIII, ["428", "390-459*"]), prior: .builtIn)
    #expect(!codes(members, "390-459*").contains { $0.hasPrefix("428") })
  }

  /// A hospital that names categories has categories in its groups, too, but for those of which it names parts.
  @Test func membersAreWrittenAsTheHospitalWritesThem() {
    let members = GroupMembers(
      Self.statistics(.mimicIII, ["401", "428", "584", "25001", "240-279*", "390-459*"]), prior: .builtIn)
    #expect(codes(members, "390-459*").contains("414") && !codes(members, "390-459*").contains("41401"))
    #expect(codes(members, "240-279*").contains("25000") && !codes(members, "240-279*").contains("250"))
    #expect(members.holds("414", .diagnosis) && !members.holds("41401", .diagnosis))
  }

  @Test func bothVersionsHaveTheirOwnMembers() {
    let members = GroupMembers(Self.statistics(.mimicIV, ["9:390-459*", "10:I50*", "other"]), prior: .builtIn)
    #expect(codes(members, "9:390-459*").allSatisfy { $0.hasPrefix("9:4") || $0.hasPrefix("9:39") })
    #expect(codes(members, "10:I50*").contains("10:I5023") && codes(members, "10:I50*").contains { $0 == "10:I509" })
    #expect(!codes(members, "10:I50*").contains("10:I50"))
    #expect(codes(members, "other").contains { $0.hasPrefix("9:") })
    #expect(codes(members, "other").contains { $0.hasPrefix("10:") })
    #expect(members.holds("10:I5023", .diagnosis) && !members.holds("10:I50", .diagnosis))
  }

  @Test func onlyACodeThatThePatientCanHaveIsDrawn() {
    let members = GroupMembers(Self.statistics(.mimicIII, ["580-629*", "630-679*"]), prior: .builtIn)
    var random = SeededRandom(seed: 1)
    var man = Draft(number: 0)
    man.categories = [.gender: "M", .ageBand: "60-69"]
    for _ in 0..<300 {
      let code = members.draw("580-629*", .diagnosis, for: man, without: ["5849"], &random)
      #expect(code.map { CodeLimits(of: $0, .diagnosis).sex != "F" && $0 != "5849" } == true)
    }
    #expect(members.draw("630-679*", .diagnosis, for: man, without: [], &random) == nil)
  }

  /// The user's own numbers decide within a group, unspecified codes are commoner, and a code that the hospital names
  /// as another diagnosis is commoner as a main one.
  @Test func theNumbersDecideWhichMembersAreCommon() throws {
    let text = "# mine\n\n[diagnosis 9]\n428 1 2\n42823 97 98\n[drug]\nAlpha beta 3\n"
    let prior = try CodePrior(parsing: Array(text.utf8), name: "mine.txt")
    let members = GroupMembers(Self.statistics(.mimicIII, ["4280", "428*", "4010"]), prior: prior)
    var random = SeededRandom(seed: 2)
    let drawn = (0..<1000).map { _ in
      members.draw("428*", .diagnosis, for: Draft(number: 0), without: [], &random) ?? ""
    }
    #expect((960...999).contains(drawn.count { $0 == "42823" }))
    #expect(codes(members, "other", .drug) == ["Alpha beta"])
    let chapter = try #require(members.members(of: "390-459*", .mainDiagnosis))
    let place = try #require(chapter.codes.firstIndex(of: "4010"))
    #expect(chapter.sums[place] - (place > 0 ? chapter.sums[place - 1] : 0) > 0.5 * chapter.weight)
  }

  /// Rare drugs come from the shipped list, whatever their class.
  @Test func everyDrugClassHasMembers() {
    let groups = DrugClasses.all.map { DrugClasses.group($0.name) }
    let statistics = Statistics(
      schema: .mimicIII, minimumPatients: 11, tables: [SmallBundle.table([.drug], groups.map { ([$0], 20) })],
      titles: CodeTitles())
    let members = GroupMembers(statistics, prior: .builtIn)
    for group in groups {
      #expect(!codes(members, group, .drug).isEmpty, "\(group)")
      for drug in codes(members, group, .drug) { #expect(members.counted(drug, .drug) == group) }
    }
  }

  /// An item's values are the bins beside the published ones or, without any, flags.
  @Test func anItemHasTheValuesThatAreNotPublished() {
    let cells = ["50912:1.2 to 2", "50912:*", "50971:*", "50971:abnormal", "51000:*", "51001:abnormal", "other"]
    let statistics = Statistics(
      schema: .mimicIII, minimumPatients: 11, tables: [SmallBundle.table([.lab], cells.map { ([$0], 20) })],
      titles: CodeTitles())
    let members = GroupMembers(statistics, prior: .builtIn)
    #expect(codes(members, "50912:*", .lab) == ["50912:2 or more", "50912:under 1.2"])
    #expect(codes(members, "50971:*", .lab) == ["50971:unflagged"])
    #expect(codes(members, "51000:*", .lab) == ["51000:abnormal", "51000:unflagged"])
    #expect(codes(members, "other", .lab).isEmpty && !members.allow("other", .lab))
    #expect(members.counted("50912:under 1.2", .lab) == "50912:*")
    #expect(members.counted("51001:unflagged", .lab) == "other")
  }

  /// A large group is divided among categories; all codes of a category can be offered.
  @Test func aLargeGroupIsNarrowedDown() throws {
    let members = GroupMembers(Self.statistics(.mimicIII, ["4280", "428*", "390-459*", "other"]), prior: .builtIn)
    func menu(_ group: String, taken: Set<String> = []) -> MemberMenu {
      MemberMenu(group: group, attribute: .diagnosis, draft: Draft(number: 0), taken: taken, seed: 1, stream: 2)
    }
    #expect(members.categories(menu("428*"), most: 24) == nil)
    let categories = try #require(members.categories(menu("390-459*"), most: 24))
    #expect(categories.count == 24 && Set(categories.map(\.name)).count == 24)
    for candidate in categories {
      let isCategory = CodeGroups.isGroup(candidate.name, .diagnosis)
      #expect(isCategory == (candidate.example != nil))
      #expect(members.counted(candidate.example ?? candidate.name, .diagnosis) == "390-459*")
    }
    let candidates = members.codes(menu("390-459*", taken: ["41401"]), of: "414*", most: 24)
    #expect(abs(candidates.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    let codes = candidates.map(\.name)
    #expect(codes.count > 8 && codes.allSatisfy { $0.hasPrefix("414") } && !codes.contains("41401"))
  }

  @Test(arguments: [
    ("428 1 2", 1), ("[nothing]", 1), ("[diagnosis 9]\n428 1", 2), ("[drug]\nAspirin", 2), ("[drug]\nAspirin -1", 2),
    ("[procedure 9]\n\n 3", 3), ("[drug]\nAspirin nan", 2),
  ]) func aMalformedLineIsNamed(_ text: String, _ line: Int) {
    let error = #expect(throws: CloisterError.self) { try CodePrior(parsing: Array(text.utf8), name: "mine.txt") }
    #expect(error?.status == .inputRefused && error?.what.hasPrefix("mine.txt line \(line): ") == true)
    #expect(error?.what.contains("Aspirin") == false)
  }
}
