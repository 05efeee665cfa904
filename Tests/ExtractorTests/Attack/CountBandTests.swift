import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

/// What the number of an admission's codes, and its main diagnosis, tell about its codes.
@Suite struct CountBandTests {
  /// How far one code's admissions can change is compared with every way to give codes to a few admissions.
  @Test func theRoomInBandsIsExact() {
    var random = RepeatableRandom(seed: 4)
    let bands = ["0", "1", "2", "1-4", "2-3", "0-2", "3+"]
    for _ in 0..<200 {
      let admissions = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        BandEnds(bands.randomElement(using: &random) ?? "0", of: .procedure, rollsUpCodes: false)
      }
      let possible = columnSums(admissions, codes: 4)
      guard let counts = possible.sorted(by: { $0.lexicographicallyPrecedes($1) }).randomElement(using: &random) else {
        continue
      }
      let room = BandRoom(
        Dictionary(admissions.map { ($0, 1) }, uniquingKeysWith: +), counts.filter { $0 > 0 })
      for code in counts.indices {
        let values = possible.filter { other in
          counts.indices.allSatisfy { $0 == code || other[$0] == counts[$0] }
        }.map { $0[code] }
        #expect(
          values.max() == min(admissions.count, counts[code] + room.more(counts[code])), "\(admissions) \(counts)")
        #expect(values.min() == counts[code] - room.fewer(counts[code]), "\(admissions) \(counts)")
      }
    }
  }

  /// The number of admissions with each code, for each way to give the admissions codes.
  private func columnSums(_ admissions: [BandEnds], codes: Int) -> Set<[Int]> {
    admissions.reduce([Array(repeating: 0, count: codes)]) { sums, ends in
      Set(
        sums.flatMap { sum in
          (0..<1 << codes).filter { (ends.low...ends.high).contains($0.nonzeroBitCount) }.map { set in
            sum.indices.map { sum[$0] + (set >> $0 & 1) }
          }
        })
    }
  }

  struct Example {
    let policy: Policy
    let records: HospitalRecords
  }

  private static let names = ["A1", "A2", "A3", "A4"]

  /// Procedures, counted by code and by number, in a hospital in which most admissions have few.
  private func procedures(_ seed: UInt64) throws -> Example {
    var random = RepeatableRandom(seed: seed)
    let tables = [
      "[gender]", "[procedure-count-band]", "[procedure-count-band, gender]", "[procedure]",
      "[procedure, gender]", "[procedure, died-in-hospital]", "[gender, died-in-hospital]",
    ]
    let chosen =
      tables.filter { $0.contains("procedure") || Bool.random(using: &random) }.filter { _ in
        Int.random(in: 0..<4, using: &random) > 0
      } + ["[died-in-hospital]"]
    let shares = Self.names.map { _ in [0.02, 0.1, 0.4, 0.9].randomElement(using: &random) ?? 0.5 }
    let count = Int.random(in: 40...160, using: &random)
    let codes = (0..<count).map { _ in
      Self.names.indices.filter { Double.random(in: 0..<1, using: &random) < shares[$0] }.map { UInt32($0) }
    }
    let bands = (Attribute.procedureCountBand.fixedBands ?? []).map(\.label)
    return Example(
      policy: try policy(chosen, &random),
      records: HospitalRecords(
        schema: .mimicIII, patients: (0..<count).map { UInt32($0) },
        categories: [
          .gender: column(["F", "M"], count, &random), .diedInHospital: column(["0", "1"], count, &random),
          .procedureCountBand: CategoryColumn(ids: codes.map { UInt32($0.count) }, names: bands),
        ],
        codes: [.procedure: CodeColumn(codes, names: Self.names)], titles: CodeTitles()))
  }

  /// Main diagnoses and others, with their number.
  private func diagnoses(_ seed: UInt64) throws -> Example {
    var random = RepeatableRandom(seed: seed)
    let tables = [
      "[gender]", "[diagnosis-count-band]", "[main-diagnosis]", "[main-diagnosis, gender]", "[diagnosis]",
      "[diagnosis, gender]", "[main-diagnosis, diagnosis]", "[diagnosis-count-band, gender]",
    ]
    let chosen = tables.filter { _ in Int.random(in: 0..<3, using: &random) > 0 } + ["[died-in-hospital]"]
    let shares = Self.names.map { _ in [0.05, 0.3, 0.7, 0.95].randomElement(using: &random) ?? 0.5 }
    let count = Int.random(in: 40...160, using: &random)
    let mains = Self.names + [missingCategory]
    let main = (0..<count).map { _ in
      UInt32(min(mains.count - 1, Int(pow(Double.random(in: 0..<1, using: &random), 2) * Double(mains.count))))
    }
    let codes = main.map { main in
      mains[Int(main)] == missingCategory
        ? []
        : Self.names.indices.filter { $0 != main && Double.random(in: 0..<1, using: &random) < shares[$0] }
          .map { UInt32($0) }
    }
    let bands = Attribute.diagnosisCountBand.fixedBands ?? []
    let numbers = zip(main, codes).map { mains[Int($0)] == missingCategory ? 0 : $1.count + 1 }
    return Example(
      policy: try policy(chosen, &random),
      records: HospitalRecords(
        schema: .mimicIII, patients: (0..<count).map { UInt32($0) },
        categories: [
          .gender: column(["F", "M"], count, &random), .diedInHospital: column(["0", "1"], count, &random),
          .mainDiagnosis: CategoryColumn(ids: main, names: mains),
          .diagnosisCountBand: CategoryColumn(
            ids: numbers.map { number in UInt32(bands.firstIndex { $0.contains(number) } ?? 0) },
            names: bands.map(\.label)),
        ],
        codes: [.diagnosis: CodeColumn(codes, names: Self.names)], titles: CodeTitles()))
  }

  private func policy(_ tables: [String], _ random: inout RepeatableRandom) throws -> Policy {
    let minimum = [3, 5, 8, 11].randomElement(using: &random) ?? 3
    let zeros = Bool.random(using: &random) ? "publish" : "withhold"
    return try Policy.test(
      tables,
      protection: "minimum-patients: \(minimum), low-k-reason: a test of small hospitals only, zero-cells: \(zeros)")
  }

  private func column(_ names: [String], _ count: Int, _ random: inout RepeatableRandom) -> CategoryColumn {
    let share = [0.1, 0.3, 0.5].randomElement(using: &random) ?? 0.5
    return CategoryColumn(
      ids: (0..<count).map { _ in Double.random(in: 0..<1, using: &random) < share ? 1 : 0 }, names: names)
  }

  /// Every type of admission that is possible, as far as the published cells name codes.
  private func types(_ statistics: Statistics, _ code: Attribute) -> [TypeAttacker.AdmissionType] {
    func named(_ attribute: Attribute) -> [String] {
      Set(
        statistics.tables.flatMap { table in
          table.attributes.firstIndex(of: attribute).map { axis in table.cells.map { $0.key[axis] } } ?? []
        }
      ).sorted()
    }
    let names = named(code)
    // There are always more diagnoses than those in the tables.
    let isComplete =
      code != .diagnosis
      && statistics.tables.contains { $0.total != nil && $0.attributes.contains(code) }
    let mains = code == .diagnosis ? Set(named(.mainDiagnosis) + ["?"]).sorted() : [""]
    let bands = code.countBand?.fixedBands ?? []
    var types: [TypeAttacker.AdmissionType] = []
    for set in 0..<1 << names.count {
      let codes = names.indices.filter { set >> $0 & 1 == 1 }.map { names[$0] }
      for main in mains where !codes.contains(main) {
        let isMissing = main == missingCategory
        if isMissing, !codes.isEmpty { continue }
        let fewest = codes.count + (code == .diagnosis && !isMissing && main != "?" ? 1 : 0)
        for band in bands {
          let most = isComplete ? codes.count : Int.max
          guard (band.upper ?? .max) >= fewest, band.lower <= most, !isMissing || band.lower == 0,
            code != .diagnosis || band.lower > 0 || isMissing || main == "?" && codes.isEmpty
          else { continue }
          for gender in ["F", "M"] {
            for died in ["0", "1"] {
              types.append([
                .gender: [gender], .diedInHospital: [died], .mainDiagnosis: [main], code: Set(codes),
                code.countBand ?? code: [band.label],
              ])
            }
          }
        }
      }
    }
    return types
  }

  private func expectHidden(
    _ code: Attribute, _ number: UInt64, _ example: (UInt64) throws -> Example
  ) throws -> (released: Int, leaking: Int) {
    var (released, leaking) = (0, 0)
    for seed in Array(1...number) + [19, 162, 694] {
      let example = try example(seed)
      let counted = tally(example.records, policy: example.policy, threads: 1)
      let statistics: Statistics
      do throws(CloisterError) {
        let protected = try protect(counted, under: example.policy, drawnWith: .test(Int(seed)), threads: 1)
        statistics = protected.statistics
      } catch {
        #expect(error.status == .releaseRefused, "hospital \(seed): \(error.what)")
        continue
      }
      released += 1
      let pinned = TypeAttacker(statistics: statistics, types: types(statistics, code)).pinned()
      #expect(pinned == [], "hospital \(seed): \(pinned ?? ["no counts fit"])")
      let single = Statistics(
        schema: .mimicIII, minimumPatients: example.policy.protection.minimumPatients,
        tables: counted.tables.map { table in
          PublishedTable(
            attributes: table.request.attributes, total: nil,
            cells: table.cells.filter { $0.patients >= example.policy.protection.minimumPatients }
              .map { PublishedCell(key: table.key($0), count: $0.admissions) }, suppressed: [])
        }, titles: CodeTitles())
      if TypeAttacker(statistics: single, types: types(single, code)).pinned() != [] { leaking += 1 }
    }
    return (released, leaking)
  }

  private static let hospitals: UInt64 = Project.isExhaustive ? 5_000 : 100

  @Test func noProcedureIsPinnedByBands() throws {
    let (released, leaking) = try expectHidden(.procedure, Self.hospitals, procedures)
    #expect(released > Self.hospitals / 3)
    #expect(leaking > Self.hospitals / 10, "the attacker finds nothing even in unprotected tables")
  }

  @Test func noDiagnosisIsPinnedByMainDiagnosesAndBands() throws {
    let (released, leaking) = try expectHidden(.diagnosis, Self.hospitals, diagnoses)
    #expect(released > Self.hospitals / 3)
    #expect(leaking > Self.hospitals / 10, "the attacker finds nothing even in unprotected tables")
  }
}
