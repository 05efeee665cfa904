internal import Shared

/// The phenotype of a main diagnosis: one of the paper's four.
///
/// Source: the groups 100 (acute myocardial infarction), 131 (respiratory failure, insufficiency and arrest) and 153
/// (gastrointestinal haemorrhage) of AHRQ's Clinical Classifications Software, matched by the meaning of the ICD-9-CM
/// and ICD-10-CM codes.
/// - Returns: an index into `Attribute.phenotypes`, whose last element stands for every other diagnosis.
func phenotype(ofMainDiagnosis category: String) -> Int {
  let (version, code) = VersionedCode.parts(category)
  let starts = version == 10 ? icd10Starts : icd9Starts
  return starts.firstIndex { $0.contains { code.hasPrefix($0) } } ?? Attribute.phenotypes.count - 1
}

private let icd9Starts: [[String]] = [
  ["410"],
  ["51851", "51853", "51881", "51882", "51883", "51884", "7991"],
  ["4560", "45620", "5307", "53082", "5693", "578"]
    + ["531", "532", "533", "534"].flatMap { ulcer in ["0", "2", "4", "6"].map { ulcer + $0 } }
    + (0...7).map { "535\($0)1" } + ["53783", "53784", "56202", "56203", "56212", "56213", "56985"],
]

private let icd10Starts: [[String]] = [
  ["I21", "I22"],
  ["J96", "J80", "R092", "J9582"],
  ["I8501", "I8511", "K226", "K625", "K920", "K921", "K922", "K31811", "K5521"]
    + ["K25", "K26", "K27", "K28"].flatMap { ulcer in ["0", "2", "4", "6"].map { ulcer + $0 } }
    + ["K2901", "K2921", "K2931", "K2941", "K2951", "K2961", "K2971", "K2981", "K2991"]
    + ["0", "1", "2", "3", "4", "5", "8", "9"].flatMap { ["K57\($0)1", "K57\($0)3"] },
]
