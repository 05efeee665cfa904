internal import Foundation
internal import Shared

/// The resources of FHIR R4 (4.0.1) that synthetic admissions fill, one file of NDJSON for each type, as FHIR's Bulk
/// Data has them: Patient, Encounter, Condition, Procedure, MedicationRequest and Observation.
///
/// Each resource says in `meta` where it comes from (`source`) and that it is test data, not about a real person
/// (`security` and `tag`).
struct FHIRResources: Sendable {
  private let schema: SourceSchema
  private let titles: @Sendable (_ category: String, _ attribute: Attribute) -> String?
  /// What all resources say about themselves.
  private let meta: JSONValue

  /// - Parameter titles: the title of a code, if there is one.
  init(
    _ schema: SourceSchema, _ provenance: Provenance,
    titles: @escaping @Sendable (_ category: String, _ attribute: Attribute) -> String?
  ) {
    (self.schema, self.titles) = (schema, titles)
    meta = [
      "source": .string("urn:sha256:\(provenance.bundle)"),
      "security": [
        [
          "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST",
          "display": "test health data",
        ]
      ],
      "tag": [["system": "urn:cloister", "code": "synthetic", "display": .string(Provenance.warning)]],
    ]
  }

  var tables: [OutputTable] {
    let meta = JSONMember("meta", meta)
    return [
      OutputTable("Patient.ndjson", common: meta) { $0.isFirst ? [patient($0)] : [] },
      OutputTable("Encounter.ndjson", common: meta) { [encounter($0)] },
      OutputTable("Condition.ndjson", common: meta, objects: conditions),
      OutputTable("Procedure.ndjson", common: meta, objects: procedures),
      OutputTable("MedicationRequest.ndjson", common: meta, objects: medicationRequests),
      OutputTable("Observation.ndjson", common: meta, objects: observations),
    ]
  }

  private func resource(_ type: String, _ id: String, _ members: [(String, JSONValue?)]) -> [JSONMember] {
    var all = [JSONMember("resourceType", .string(type)), JSONMember("id", .string(id))]
    for (name, value) in members { if let value { all.append(JSONMember(name, value)) } }
    return all
  }

  private func reference(_ type: String, _ id: String) -> JSONValue { ["reference": .string("\(type)/\(id)")] }

  private func text(_ text: String) -> JSONValue? { text.isEmpty ? nil : ["text": .string(text)] }

  private func time(_ date: Date) -> JSONValue { .string(Stay.time(date).replacing(" ", with: "T") + "Z") }

  private func coding(_ system: String, _ code: String, _ display: String? = nil) -> JSONValue {
    .object(
      [JSONMember("system", .string(system)), JSONMember("code", .string(code))]
        + (display.map { [JSONMember("display", .string($0))] } ?? []))
  }

  private func patient(_ stay: Stay) -> [JSONMember] {
    let patient = stay.patient
    let gender = ["F": "female", "M": "male"][stay.field(.gender)] ?? "unknown"
    let language = stay.field(.language)
    return resource(
      "Patient", Self.id(patient),
      [
        ("extension", .array(extensions(stay))), ("gender", .string(gender)), ("birthDate", .string(patient.birthDay)),
        ("deceasedDateTime", patient.died.map(time)), ("maritalStatus", text(stay.field(.maritalStatus))),
        ("communication", text(language).map { [["language": $0]] }),
      ])
  }

  /// What MIMIC calls ethnicity or race, in the place of the United States' core profile where it belongs.
  private func extensions(_ stay: Stay) -> [JSONValue] {
    let words = stay.word(.ethnicity)
    let name = OMOPConcepts.ethnicity(words) == OMOPConcepts.hispanic ? "ethnicity" : "race"
    return [
      [
        "url": .string("http://hl7.org/fhir/us/core/StructureDefinition/us-core-\(name)"),
        "extension": [["url": "text", "valueString": .string(words)]],
      ]
    ]
  }

  private func encounter(_ stay: Stay) -> [JSONMember] {
    let codes = stay.diagnoses.enumerated().filter { $0.element != nil }.map(\.offset)
    let diagnoses = codes.map { rank -> JSONValue in
      ["condition": reference("Condition", "c\(stay.hadmID)-\(rank + 1)"), "rank": .integer(rank + 1)]
    }
    let ends = [
      ("admitSource", text(stay.field(.admissionLocation))),
      ("dischargeDisposition", text(stay.field(.dischargeLocation))),
    ].compactMap { name, value in value.map { JSONMember(name, $0) } }
    return resource(
      "Encounter", Self.id(stay),
      [
        ("status", "finished"),
        ("class", coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "IMP", "inpatient encounter")),
        ("type", text(stay.field(.admissionType)).map { [$0] }),
        ("subject", reference("Patient", Self.id(stay.patient))),
        ("period", ["start": time(stay.admitted), "end": time(stay.discharged)]),
        ("diagnosis", diagnoses.isEmpty ? nil : .array(diagnoses)),
        ("hospitalization", ends.isEmpty ? nil : .object(ends)),
      ])
  }

  private func concept(_ category: String, _ attribute: Attribute) -> JSONValue {
    let coded = CodedCategory(category, attribute, schema)
    // The titles are the hospital's or ours, so they are text, and not the system's own display.
    let text = titles(category, attribute).map { [JSONMember("text", .string($0))] } ?? []
    return .object([JSONMember("coding", [coding(coded.system.fhir, coded.dotted)])] + text)
  }

  private func conditions(_ stay: Stay) -> [[JSONMember]] {
    stay.diagnoses.enumerated().compactMap { rank, category in
      category.map { category in
        resource(
          "Condition", "c\(stay.hadmID)-\(rank + 1)",
          [
            (
              "category",
              [
                [
                  "coding": [
                    coding("http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis")
                  ]
                ]
              ]
            ),
            ("code", concept(category, .diagnosis)), ("subject", reference("Patient", Self.id(stay.patient))),
            ("encounter", reference("Encounter", Self.id(stay))), ("recordedDate", time(stay.discharged)),
          ])
      }
    }
  }

  private func procedures(_ stay: Stay) -> [[JSONMember]] {
    [Attribute.procedure, .cpt].flatMap { attribute in
      let codes = stay.draft.codes[attribute] ?? []
      return codes.enumerated().map { rank, category in
        resource(
          "Procedure", "\(attribute == .cpt ? "t" : "p")\(stay.hadmID)-\(rank + 1)",
          [
            ("status", "completed"), ("code", concept(category, attribute)),
            ("subject", reference("Patient", Self.id(stay.patient))),
            ("encounter", reference("Encounter", Self.id(stay))),
            ("performedDateTime", time(stay.moment(rank, of: codes.count))),
          ])
      }
    }
  }

  private func medicationRequests(_ stay: Stay) -> [[JSONMember]] {
    stay.prescribed.map { drug in
      let route = text(drug.order.route(of: drug.name))
      return resource(
        "MedicationRequest", "m\(stay.hadmID)-\(drug.rank + 1)",
        [
          ("status", "completed"), ("intent", "order"), ("medicationCodeableConcept", ["text": .string(drug.name)]),
          ("subject", reference("Patient", Self.id(stay.patient))),
          ("encounter", reference("Encounter", Self.id(stay))), ("authoredOn", time(drug.times[0])),
          ("dosageInstruction", route.map { [["route": $0]] }),
          (
            "dispenseRequest",
            ["validityPeriod": ["start": time(drug.times[0]), "end": time(drug.times[drug.times.count - 1])]]
          ),
        ])
    }
  }

  private func observations(_ stay: Stay) -> [[JSONMember]] {
    stay.laboratory.enumerated().map { rank, measured in
      let lab = measured.value
      let unit = lab.range?.unit ?? ""
      let quantity: JSONValue? = Double(lab.number).map {
        .object([JSONMember("value", .number($0))] + (unit.isEmpty ? [] : [JSONMember("unit", .string(unit))]))
      }
      let category = "http://terminology.hl7.org/CodeSystem/observation-category"
      let interpretation = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
      let absent = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
      return resource(
        "Observation", "o\(stay.hadmID)-\(rank + 1)",
        [
          ("status", "final"), ("category", [["coding": [coding(category, "laboratory")]]]),
          ("code", ["coding": [coding("urn:mimic:d-labitems", lab.item, titles(lab.item, .lab))]]),
          ("subject", reference("Patient", Self.id(stay.patient))),
          ("encounter", reference("Encounter", Self.id(stay))), ("effectiveDateTime", time(measured.time)),
          ("valueQuantity", quantity),
          ("dataAbsentReason", quantity == nil ? ["coding": [coding(absent, "unknown")]] : nil),
          (
            "referenceRange",
            lab.range.map {
              [["low": ["value": .number($0.normal.lower)], "high": ["value": .number($0.normal.upper)]]]
            }
          ),
          ("interpretation", lab.flag.isEmpty ? nil : [["coding": [coding(interpretation, "A", "Abnormal")]]]),
        ])
    }
  }

  private static func id(_ patient: SyntheticPatient) -> String { "s\(patient.id)" }
  private static func id(_ stay: Stay) -> String { "e\(stay.hadmID)" }
}
