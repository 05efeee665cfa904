internal import Shared

/// Admissions as the comparison sees them. Patient-level data, but for the synthetic ones: they stay in memory.
struct ComparedSet: Sendable {
  let records: HospitalRecords
  let rows: [FeatureBits]
  /// 1 for a death in hospital.
  let deaths: [Int]
  /// A place in `Attribute.phenotypes`.
  let phenotypes: [Int]

  init(_ records: HospitalRecords, _ vocabulary: FeatureVocabulary) {
    self.records = records
    rows = vocabulary.rows(records)
    deaths = records.values(of: .diedInHospital).map { $0 == "1" ? 1 : 0 }
    phenotypes = records.values(of: .mainDiagnosis).map {
      Attribute.phenotypes.firstIndex(of: phenotype(ofMainDiagnosis: $0)) ?? 3
    }
  }
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
  init(_ input: EvaluationInput, _ policy: Policy, counting attributes: Set<Attribute>) throws(CloisterError) {
    let wanted = attributes.union(FeatureVocabulary.sources).filter { !$0.isEvaluated }
    let everything = policy.releasing(wanted.sorted().map { Policy.TableRequest(attributes: [$0]) })
    func read(_ folder: String) throws(CloisterError) -> HospitalRecords {
      let records = try readHospital(try InputFolder(folder, threads: input.threads), policy: everything)
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
    self.synthetic = ComparedSet(synthetic, vocabulary)
  }
}
