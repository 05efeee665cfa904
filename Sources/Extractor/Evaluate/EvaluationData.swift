internal import Shared

/// Admissions as the comparison sees them. Except for the synthetic ones, these are patient-level data, which stay in
/// memory.
struct ComparedSet: Sendable {
  let records: HospitalRecords
  let isReal: Bool
  let rows: [FeatureBits]
  /// 1 for a death in hospital.
  let deaths: [Int]
  /// An index into `Attribute.phenotypes`.
  let phenotypes: [Int]

  init(_ records: HospitalRecords, _ vocabulary: FeatureVocabulary, isReal: Bool = true) {
    self.records = records
    self.isReal = isReal
    rows = vocabulary.rows(records)
    deaths = records.values(of: .diedInHospital).map { $0 == "1" ? 1 : 0 }
    phenotypes = records.values(of: .mainDiagnosis).map {
      phenotype(ofMainDiagnosis: $0)
    }
  }

  /// The numbers of at most `size` admissions, chosen at random, in ascending order.
  func choice(of size: Int, seed: UInt64, for draw: EvaluationDraw) -> [Int] {
    var random = SeededRandom(seed: seed, stream: draw.rawValue)
    return Array(rows.indices.shuffled(using: &random).prefix(size)).sorted()
  }

  /// The number of parts that the patients are split into; a forest learns from all parts but one.
  static let folds = 5

  /// The part that an admission's patient is in.
  func fold(_ number: Int) -> Int { Int(records.patients[number]) % Self.folds }
}

/// The real admissions behind the statistics, the control admissions that are not in them, and the synthetic ones.
struct EvaluationData: Sendable {
  let vocabulary: FeatureVocabulary
  let real: ComparedSet
  let control: ComparedSet
  let synthetic: ComparedSet

  func sets(of training: TrainingSet) -> [ComparedSet] {
    switch training {
    case .synthetic: [synthetic]
    case .real: [real]
    case .both: [real, synthetic]
    }
  }

  /// Reads the three folders under the same policy.
  ///
  /// - Parameter attributes: the attributes that the policy's tables count.
  /// - Throws: status 65 if the schemas differ, a patient is in both the real folder and the control, or a folder has
  ///   no admission in the cohort. Errors from reading are passed on.
  init(
    _ input: EvaluationInput, _ policy: Policy, counting attributes: Set<Attribute>, _ progress: @escaping Progress
  ) throws(CloisterError) {
    let wanted = attributes.union(FeatureVocabulary.sources).filter { !$0.isEvaluated }
    let everything = policy.releasing(wanted.sorted().map { Policy.TableRequest(attributes: [$0]) })
    func read(_ folder: String) throws(CloisterError) -> HospitalRecords {
      let records = try readHospital(try InputFolder(folder, threads: input.threads, progress), policy: everything)
      guard records.admissionCount > 0 else {
        throw CloisterError(
          .inputRefused, "\(harmless(folder)): no admission is in the policy's cohort",
          hint: "check the folder and the policy's cohort")
      }
      return records
    }
    let real = try read(input.real)
    let control = try read(input.control)
    let synthetic = try read(input.synthetic)
    guard real.schema == control.schema, real.schema == synthetic.schema else {
      throw CloisterError(
        .inputRefused, "--real, --control and --synthetic do not all have \(real.schema.title)'s schema",
        hint: "compare tables of one schema; generate writes tables in its bundle's schema")
    }
    let shared = Set(real.subjects).intersection(control.subjects).count
    guard shared == 0 else {
      throw CloisterError(
        .inputRefused, "--control and --real have \(shared) patients in common, by subject_id",
        hint: "use control patients who are not in the statistics; scripts/split-patients splits a folder")
    }
    vocabulary = FeatureVocabulary(real)
    self.real = ComparedSet(real, vocabulary)
    self.control = ComparedSet(control, vocabulary)
    self.synthetic = ComparedSet(synthetic, vocabulary, isReal: false)
  }
}

/// The admissions that an evaluation counts: equal numbers of member and control admissions, chosen at random.
struct TestedSample: Sendable {
  /// Numbers of admissions, in ascending order.
  let members: [Int]
  let control: [Int]
  /// The same number of synthetic admissions, or all if there are fewer.
  let synthetic: [Int]

  /// - Parameter most: the largest number of admissions of each kind.
  init(_ data: EvaluationData, most: Int, seed: UInt64) {
    let size = min(most, data.real.rows.count, data.control.rows.count)
    members = data.real.choice(of: size, seed: seed, for: .members)
    control = data.control.choice(of: size, seed: seed, for: .control)
    synthetic = data.synthetic.choice(of: size, seed: seed, for: .synthetic)
  }

  /// The number of each counted admission's patient, members first. The numbers have no gaps, and each patient's
  /// admissions are together.
  func patients(_ data: EvaluationData) -> [UInt32] {
    var patients: [UInt32] = []
    var last: (isMember: Bool, patient: UInt32)?
    for (set, numbers, isMember) in [(data.real, members, true), (data.control, control, false)] {
      for number in numbers {
        let patient = set.records.patients[number]
        let isSame = last.map { $0 == (isMember, patient) } ?? false
        patients.append(patients.last.map { isSame ? $0 : $0 + 1 } ?? 0)
        last = (isMember, patient)
      }
    }
    return patients
  }
}
