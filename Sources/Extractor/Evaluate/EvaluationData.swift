internal import Shared

/// Admissions as the comparison sees them. Patient-level data, but for the synthetic ones: they stay in memory.
struct ComparedSet: Sendable {
  let records: HospitalRecords
  let isReal: Bool
  let rows: [FeatureBits]
  /// 1 for a death in hospital.
  let deaths: [Int]
  /// A place in `Attribute.phenotypes`.
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

  /// At most so many admissions, chosen by chance, by number and rising.
  func choice(of size: Int, seed: UInt64, stream: UInt64) -> [Int] {
    var random = SeededRandom(seed: seed, stream: stream)
    return Array(rows.indices.shuffled(using: &random).prefix(size)).sorted()
  }

  /// Parts of the patients, to learn from all but one of them.
  static let folds = 5

  /// The part that an admission's patient is in.
  func fold(_ number: Int) -> Int { Int(records.patients[number]) % Self.folds }
}

/// The real admissions that the statistics were taken from, the control that they were not taken from, and the synthetic ones.
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

  /// Reads three folders by the same policy.
  ///
  /// - Parameter attributes: what the policy's tables count.
  /// - Throws: status 65 where the folders are not of one schema, a patient stands in the real folder and in the control, or one is
  ///   empty; what reading throws.
  init(
    _ input: EvaluationInput, _ policy: Policy, counting attributes: Set<Attribute>, _ progress: @escaping Progress
  ) throws(CloisterError) {
    let wanted = attributes.union(FeatureVocabulary.sources).filter { !$0.isEvaluated }
    let everything = policy.releasing(wanted.sorted().map { Policy.TableRequest(attributes: [$0]) })
    func read(_ folder: String) throws(CloisterError) -> HospitalRecords {
      let records = try readHospital(try InputFolder(folder, threads: input.threads, progress), policy: everything)
      guard records.admissionCount > 0 else {
        throw CloisterError(
          .inputRefused, "\(Console.harmless(folder)): no admission is in the policy's cohort",
          hint: "check the folder, and the policy's cohort")
      }
      return records
    }
    let real = try read(input.real)
    let control = try read(input.control)
    let synthetic = try read(input.synthetic)
    guard real.schema == control.schema, real.schema == synthetic.schema else {
      throw CloisterError(
        .inputRefused, "--real, --control and --synthetic are not all of \(real.schema.title)'s schema",
        hint: "compare tables of one schema; generate writes those of its bundle's source")
    }
    let shared = Set(real.subjects).intersection(control.subjects).count
    guard shared == 0 else {
      throw CloisterError(
        .inputRefused, "--control and --real have \(shared) patients in common, by subject_id",
        hint:
          "the control must be patients whom the statistics were not taken from; scripts/split-patients parts a folder")
    }
    vocabulary = FeatureVocabulary(real)
    self.real = ComparedSet(real, vocabulary)
    self.control = ComparedSet(control, vocabulary)
    self.synthetic = ComparedSet(synthetic, vocabulary, isReal: false)
  }
}

/// The admissions that an evaluation counts: as many members, chosen by chance, as admissions of the control.
struct TestedSample: Sendable {
  /// By number, rising.
  let members: [Int]
  let control: [Int]
  /// Of as many synthetic ones, where there are so many.
  let synthetic: [Int]

  /// - Parameter most: at most so many of each.
  init(_ data: EvaluationData, most: Int, seed: UInt64) {
    let size = min(most, data.real.rows.count, data.control.rows.count)
    members = data.real.choice(of: size, seed: seed, stream: 1)
    control = data.control.choice(of: size, seed: seed, stream: 2)
    synthetic = data.synthetic.choice(of: size, seed: seed, stream: 3)
  }

  /// Whose each counted admission is, members first: numbers without gaps, each patient's together.
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
