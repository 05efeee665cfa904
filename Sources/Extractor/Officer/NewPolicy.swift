internal import Shared

/// What an officer answers about a new policy.
struct PolicyAnswers: Sendable {
  var title = ""
  var owner = ""
  var minimumPatients = 11
  /// Why fewer than 11 patients are enough; empty if they aren't fewer.
  var lowKReason = ""
  var minimumAge = 18
  var scope = Scope.drugs
  var approvals = 2

  /// What the tables may tell; each scope includes the ones before it.
  enum Scope: String, CaseIterable, Sendable {
    case stays = "who comes, how, and how stays end"
    case codes = "also diagnoses and procedures"
    case drugs = "also drugs"
  }
}

/// A policy file with comments, for the officer to read and change.
func newPolicy(_ answers: PolicyAnswers) -> String {
  let reason = answers.lowKReason.isEmpty ? "" : "  low-k-reason: \(quoted(answers.lowKReason))\n"
  let excluded = answers.minimumAge > 0 ? "\n  exclude-admission-types: [NEWBORN]" : ""
  return """
    # Written by cloister-extractor policy new. policies/README.md explains every key.
    cloister-policy: 1
    title: \(quoted(answers.title))
    owner: \(quoted(answers.owner))

    # Who is counted.
    cohort:
      minimum-age: \(answers.minimumAge)\(excluded)

    protection:
      minimum-patients: \(answers.minimumPatients)      # a cell needs this many different patients
    \(reason)  top-code-age: 90          # 90 and over is one band, as HIPAA's Safe Harbor requires
      zero-cells: withhold      # an empty cell looks like a small one
      round-to: none            # write 5 to round all counts
      roll-up-codes: true       # rare codes are counted in groups: 428* (heart failure), a chapter, or other
      noise: none
      approvals: \(answers.approvals)              # how many people must approve this file

    # The tables that may leave. Delete the lines of tables that you don't want to release. `top` keeps only
    # the most frequent codes of a table.
    release:
    \(PolicyAnswers.Scope.allCases.prefix { $0 != answers.scope }.map(tables).joined())\(tables(answers.scope))
    """
}

private func tables(_ scope: PolicyAnswers.Scope) -> String {
  let requests: [(attributes: [Attribute], top: Int?)] =
    switch scope {
    case .stays:
      [
        ([.gender, .ageBand], nil), ([.admissionType, .admissionLocation], nil),
        ([.dischargeLocation, .diedInHospital], nil), ([.insurance, .ageBand], nil), ([.language], nil),
        ([.maritalStatus, .ageBand], nil), ([.ethnicity], nil), ([.admissionNumberBand], nil),
        ([.diedInHospital], nil), ([.lengthOfStayBand, .diedInHospital], nil),
      ]
    case .codes:
      [
        ([.diagnosisCountBand], nil), ([.mainDiagnosis], 100), ([.mainDiagnosis, .gender], 100),
        ([.mainDiagnosis, .ageBand], 100), ([.mainDiagnosis, .diedInHospital], 100), ([.diagnosis], 200),
        ([.diagnosis, .gender], 200), ([.diagnosis, .ageBand], 200), ([.diagnosis, .diedInHospital], 200),
        ([.procedure], 100), ([.mainDiagnosis, .diagnosis], 100), ([.mainDiagnosis, .procedure], 100),
      ]
    case .drugs: [([.drug], 200), ([.mainDiagnosis, .drug], 100)]
    }
  return "  # \(scope.rawValue)\n"
    + requests.map { request in
      "  - table: [\(request.attributes.map(\.rawValue).joined(separator: ", "))]\n"
        + (request.top.map { "    top: \($0)\n" } ?? "")
    }.joined()
}

/// A text in double quotes, as YAML reads it back unchanged.
private func quoted(_ text: String) -> String {
  "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
}
