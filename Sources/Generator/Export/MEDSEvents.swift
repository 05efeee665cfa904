internal import Foundation
internal import Shared

/// The files from which a data set of the Medical Event Data Standard 0.4 is made: events, the codes' descriptions and
/// the patients' splits, as CSV.
struct MEDSEvents: Sendable {
  let schema: SourceSchema

  /// A code, its time and its value. Static facts have no time.
  private struct Event {
    var time = ""
    let code: String
    var number = ""
  }

  var tables: [OutputTable] {
    [
      OutputTable("events.csv", "subject_id time code numeric_value") { stay in
        events(stay).map { event in
          ["\(stay.patient.id)", event.time, event.code, event.number]
        }
      },
      OutputTable("splits.csv", "subject_id split") { stay in
        guard stay.isFirst else { return [] }
        // Eight patients of ten to learn from; patients are independent, so any rule is as good as a draw.
        let last = stay.patient.id % 10
        return [["\(stay.patient.id)", last < 8 ? "train" : last == 8 ? "tuning" : "held_out"]]
      },
    ]
  }

  /// The titles of the codes.
  var dictionaries: [CodeDictionary] {
    [("DIAGNOSIS", "diagnosis", Attribute.diagnosis), ("PROCEDURE", "procedure", .procedure)].map {
      kind, group, attribute in
      CodeDictionary(path: "\(group)-titles.csv", header: ["code", "description"], group: group) {
        [code(kind, $0, attribute), $1]
      }
    } + [CodeDictionary(path: "lab-titles.csv", header: ["code", "description"], group: "lab") { ["LAB//\($0)", $1] }]
  }

  private func events(_ stay: Stay) -> [Event] {
    let patient = stay.patient
    var events: [Event] = []
    if stay.isFirst {
      events.append(Event(code: "GENDER//\(stay.word(.gender))"))
      events.append(Event(code: "ETHNICITY//\(stay.word(.ethnicity))"))
      events.append(Event(time: patient.birthTime, code: "MEDS_BIRTH"))
    }
    events.append(
      Event(
        time: Stay.time(stay.admitted),
        code: "HOSPITAL_ADMISSION//\(stay.word(.admissionType))//\(stay.word(.admissionLocation))"))
    for attribute in [Attribute.insurance, .language, .maritalStatus] where !stay.field(attribute).isEmpty {
      events.append(
        Event(
          time: Stay.time(stay.admitted),
          code: "\(attribute.rawValue.uppercased().replacing("-", with: "_"))//\(stay.field(attribute))"))
    }
    // A diagnosis is known for certain only when the stay has ended.
    for category in stay.diagnoses.compactMap(\.self) {
      events.append(Event(time: Stay.time(stay.discharged), code: code("DIAGNOSIS", category, .diagnosis)))
    }
    for attribute in [Attribute.procedure, .cpt] {
      let codes = stay.draft.codes[attribute] ?? []
      for (rank, category) in codes.enumerated() {
        events.append(
          Event(time: Stay.time(stay.moment(rank, of: codes.count)), code: code("PROCEDURE", category, attribute)))
      }
    }
    for drug in stay.prescribed {
      events.append(Event(time: Stay.time(drug.times[0]), code: "MEDICATION//START//\(drug.name)"))
      events.append(Event(time: Stay.time(drug.times[1]), code: "MEDICATION//STOP//\(drug.name)"))
    }
    for measured in stay.laboratory {
      let lab = measured.value
      // A flag without a number is a part of the code, because MEDS has no other place that all its readers look at.
      let last = lab.number.isEmpty && !lab.flag.isEmpty ? lab.flag : lab.range?.unit ?? "UNK"
      events.append(Event(time: Stay.time(measured.time), code: "LAB//\(lab.item)//\(last)", number: lab.number))
    }
    events.append(Event(time: Stay.time(stay.discharged), code: "HOSPITAL_DISCHARGE//\(stay.word(.dischargeLocation))"))
    if stay.died { events.append(Event(time: Stay.time(stay.discharged), code: "MEDS_DEATH")) }
    return events
  }

  private func code(_ kind: String, _ category: String, _ attribute: Attribute) -> String {
    let coded = CodedCategory(category, attribute, schema)
    return "\(kind)//\(coded.system.omop)//\(coded.code)"
  }

  /// `metadata/dataset.json`, with the names that MEDS gives to a data set's facts.
  static func metadata(_ provenance: Provenance) -> JSONValue {
    [
      "dataset_name": .string("Synthetic admissions from statistics of \(provenance.site)"),
      "dataset_version": .string(provenance.bundle), "etl_name": "cloister-generator",
      "etl_version": .string(cloisterVersion), "meds_version": "0.4.1", "created_at": .string(provenance.created),
      "license": .string("none stated; \(Provenance.warning)"), "raw_source_id_columns": [],
      "code_modifier_columns": [], "additional_value_modality_columns": [], "site_id_columns": [],
      "other_extension_columns": [],
    ]
  }

  /// The commands that make the data set from `csv` in the same folder.
  static func script(_ folder: SQLText) -> String {
    let marks = "(FORMAT parquet, COMPRESSION zstd)"
    let splits = ["train", "tuning", "held_out"].map { split in
      """
      COPY (SELECT e.subject_id, e.time, e.code, e.numeric_value FROM events e JOIN splits s USING \
      (subject_id) WHERE s.split = '\(split)' ORDER BY e.subject_id, e.time NULLS FIRST, e.number)
      TO \(folder.path("data/\(split)/0.parquet")) \(marks);
      """
    }
    return """
      CREATE VIEW events AS SELECT row_number() OVER () AS number, * FROM read_csv(\(folder.path("csv/events.csv")), \
      header = true, parallel = false, columns = {'subject_id': 'BIGINT', 'time': 'TIMESTAMP', 'code': 'VARCHAR', \
      'numeric_value': 'FLOAT'});
      CREATE VIEW splits AS FROM read_csv(\(folder.path("csv/splits.csv")), header = true, \
      columns = {'subject_id': 'BIGINT', 'split': 'VARCHAR'});
      \(splits.joined(separator: "\n"))
      COPY (FROM splits ORDER BY subject_id) TO \(folder.path("metadata/subject_splits.parquet")) \(marks);
      COPY (SELECT e.code, any_value(d.description) AS description, NULL::VARCHAR[] AS parent_codes FROM events e \
      LEFT JOIN read_csv(\(folder.path("csv/*-titles.csv")), header = true, all_varchar = true) d ON d.code = \
      CASE WHEN e.code LIKE 'LAB//%' THEN 'LAB//' || split_part(e.code, '//', 2) ELSE e.code END \
      GROUP BY e.code ORDER BY e.code) TO \(folder.path("metadata/codes.parquet")) \(marks);
      """
  }
}
