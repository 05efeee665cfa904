import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

@Suite struct EvaluateTests {
  @Test(arguments: [
    ("41071", 0), ("10:I2510", 3), ("10:I214", 0), ("51881", 1), ("9:51881", 1), ("10:J9601", 1), ("5789", 2),
    ("53140", 2), ("53190", 3), ("10:K922", 2), ("10:K5711", 2), ("4280", 3), ("missing", 3),
  ]) func phenotypesFollowTheMainDiagnosis(_ code: String, _ place: Int) {
    #expect(phenotype(ofMainDiagnosis: code) == place)
  }

  @Test func theAreaCountsPairsAndTiesHalf() {
    let scores = [0.9, 0.8, 0.8, 0.3, 0.1]
    let positive = [true, false, true, false, true]
    // By hand: of 6 pairs, 3 are won (0.9 twice, 0.8 over 0.3), 2 are lost (0.1 twice) and 1 is tied.
    #expect(abs(RankedScores(scores, isPositive: positive).area([1, 1, 1, 1, 1]) - 3.5 / 6) < 1e-12)
    // Without the last row: 3.5 of 4.
    #expect(abs(RankedScores(scores, isPositive: positive).area([1, 1, 1, 1, 0]) - 3.5 / 4) < 1e-12)
    #expect(RankedScores(scores, isPositive: scores.map { _ in false }).area([1, 1, 1, 1, 1]) == 0.5)
  }

  /// 200 patients have two equal coin tosses each: the interval must treat these as 200 tosses, not as 400.
  @Test func intervalsKnowThatAPatientsAdmissionsAreAlike() {
    let patients = (0..<400).map { $0 / 2 }
    let interval = Bootstrap(patients: patients, seed: 3).interval { share($0) { $0 / 2 % 2 == 0 } }
    #expect(interval.value == 0.5)
    // By normal approximation: 2 x 1.96 x sqrt(0.25 / 200) = 0.139; for 400 it would be 0.098.
    #expect(abs(interval.high - interval.low - 0.139) < 0.03)
  }

  @Test func theClosestRecordIsTheClosestOfAll() {
    var random = RepeatableRandom(seed: 5)
    func rows(_ count: Int) -> [FeatureBits] {
      (0..<count).map { _ in
        var row = FeatureBits()
        for _ in 0..<Int.random(in: 0...9, using: &random) { row[0] |= 1 << UInt64.random(in: 0..<12, using: &random) }
        return row
      }
    }
    let (some, others) = (rows(300), rows(200))
    let mask = FeatureBits(repeating: 0xFEF)
    let found = closestRecords(to: some, among: others, mask: mask, threads: 2) { $0 == $1 }
    for (number, row) in some.enumerated() {
      let distances = others.indices.filter { $0 != number }.map { other in
        let shared = (row & others[other] & mask).ones
        let either = ((row | others[other]) & mask).ones
        return either == 0 ? 1.0 : 1 - Double(shared) / Double(either)
      }
      #expect(abs(found[number].distance - (distances.min() ?? 1)) < 1e-12)
      #expect(found[number].place != number)
    }
  }

  /// If both were released, anyone could subtract main diagnoses from phenotypes, and the attack would not notice.
  @Test func aPolicyReleasesPhenotypesOrMainDiagnosesAndNotBoth() throws {
    let file = "\(Project.root)/policies/evaluation.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(try Policy(parsing: Array(text.utf8), file: "p").isForEvaluation)
    let both = text + "  - table: [main-diagnosis, gender]\n"
    let error = #expect(throws: CloisterError.self) { try Policy(parsing: Array(both.utf8), file: "p") }
    #expect(error?.what.contains("follows from the main diagnosis") == true)
    let hidden = text.split(separator: "\n").filter { !$0.hasSuffix("[evaluation-set]") }.joined(separator: "\n")
    #expect(throws: CloisterError.self) { try Policy(parsing: Array(hidden.utf8), file: "p") }
  }

  /// If the synthetic records copy the members, the adversary must win.
  @Test func theAdversaryFindsCopies() {
    var random = RepeatableRandom(seed: 6)
    func people(_ count: Int) -> Attacked {
      Attacked(
        rows: (0..<count).map { _ in FeatureBits(repeating: 0).replacing(random.next() & random.next()) },
        patients: (0..<count).map { UInt32($0) })
    }
    let (members, control) = (people(400), people(400))
    let all = FeatureBits(repeating: .max)
    let copied = Adversary(members: members, control: control, synthetic: members.rows, mask: all, threads: 2)
    #expect(copied.real.value < 0.05)
    #expect(!copied.loss.contains(0) && copied.loss.value > 0.3)
    let fresh = Adversary(members: members, control: control, synthetic: people(400).rows, mask: all, threads: 2)
    #expect(fresh.loss.contains(0))
    #expect(abs(fresh.real.value - 0.5) < 0.1)
  }
}

extension SIMD8<UInt64> {
  fileprivate func replacing(_ word: UInt64) -> Self {
    var result = self
    result[0] = word
    return result
  }
}
