internal import Foundation
internal import Shared

/// The tables of the OMOP Common Data Model 5.4 that synthetic admissions fill, with the names and columns of OHDSI's
/// data definition.
///
/// Concepts that need no vocabulary (sex, race, ethnicity, kind of visit, origin of the data) are always given; those
/// of codes are 0 unless `concepts` knows them. Each source code stands in its `source_value`.
func omopTables(_ schema: SourceSchema, _ concepts: OMOPConcepts) -> [OutputTable] {
  [person, observationPeriod, visitOccurrence, death, measurement]
    + [conditions(schema, concepts), procedures(schema, concepts), drugs(concepts)]
}

/// "EHR": the OMOP concept for the origin of all rows.
private let fromRecords = "32817"

private let person = OutputTable(
  "person.csv",
  "person_id gender_concept_id year_of_birth month_of_birth day_of_birth birth_datetime race_concept_id "
    + "ethnicity_concept_id location_id provider_id care_site_id person_source_value gender_source_value "
    + "gender_source_concept_id race_source_value race_source_concept_id ethnicity_source_value "
    + "ethnicity_source_concept_id"
) { stay in
  guard stay.isFirst else { return [] }
  let patient = stay.patient
  let gender = stay.field(.gender)
  let ethnicity = stay.field(.ethnicity)
  let birth = patient.birthDay.split(separator: "-").map { String(Int($0) ?? 1) }
  let born = birth.count == 3 ? birth + [patient.birthTime] : birth + ["", "", ""]
  return [
    ["\(patient.id)", ["F": "8532", "M": "8507"][gender] ?? "0"] + born
      + [OMOPConcepts.race(ethnicity), OMOPConcepts.ethnicity(ethnicity), "", "", "", "\(patient.id)", gender, "0"]
      + [ethnicity, "0", ethnicity, "0"]
  ]
}

private let observationPeriod = OutputTable(
  "observation_period.csv",
  "observation_period_id person_id observation_period_start_date observation_period_end_date period_type_concept_id",
  isNumbered: true
) { stay in
  guard stay.isFirst else { return [] }
  let patient = stay.patient
  return [["\(patient.id)", Stay.day(patient.admitted), Stay.day(patient.discharged), fromRecords]]
}

private let visitOccurrence = OutputTable(
  "visit_occurrence.csv",
  "visit_occurrence_id person_id visit_concept_id visit_start_date visit_start_datetime visit_end_date "
    + "visit_end_datetime visit_type_concept_id provider_id care_site_id visit_source_value visit_source_concept_id "
    + "admitted_from_concept_id admitted_from_source_value discharged_to_concept_id discharged_to_source_value "
    + "preceding_visit_occurrence_id"
) { stay in
  let isEmergency = stay.field(.admissionLocation).uppercased().contains("EMERGENCY")
  return [
    ["\(stay.hadmID)", "\(stay.patient.id)", isEmergency ? "262" : "9201"]
      + [Stay.day(stay.admitted), Stay.time(stay.admitted), Stay.day(stay.discharged), Stay.time(stay.discharged)]
      + [fromRecords, "", "", stay.field(.admissionType), "0", "0", stay.field(.admissionLocation), "0"]
      + [stay.field(.dischargeLocation), ""]
  ]
}

private let death = OutputTable(
  "death.csv",
  "person_id death_date death_datetime death_type_concept_id cause_concept_id cause_source_value "
    + "cause_source_concept_id"
) { stay in
  guard stay.isFirst, let died = stay.patient.died else { return [] }
  return [["\(stay.patient.id)", Stay.day(died), Stay.time(died), fromRecords, "", "", ""]]
}

private func conditions(_ schema: SourceSchema, _ concepts: OMOPConcepts) -> OutputTable {
  OutputTable(
    "condition_occurrence.csv",
    "condition_occurrence_id person_id condition_concept_id condition_start_date condition_start_datetime "
      + "condition_end_date condition_end_datetime condition_type_concept_id condition_status_concept_id stop_reason "
      + "provider_id visit_occurrence_id visit_detail_id condition_source_value condition_source_concept_id "
      + "condition_status_source_value",
    isNumbered: true
  ) { stay in
    // Diagnoses are coded after discharge; earlier, nobody could have known them.
    let times = [Stay.day(stay.discharged), Stay.time(stay.discharged), "", ""]
    return stay.diagnoses.enumerated().compactMap { rank, category in
      category.map { category in
        let coded = CodedCategory(category, .diagnosis, schema)
        let concept = concepts.concept(coded)
        // Primary and secondary diagnosis, as OMOP's condition status has them.
        return ["\(stay.patient.id)", concept.standard] + times + [fromRecords, rank == 0 ? "32902" : "32908", "", ""]
          + ["\(stay.hadmID)", "", coded.dotted, concept.source, "\(coded.system.omop), rank \(rank + 1)"]
      }
    }
  }
}

private func procedures(_ schema: SourceSchema, _ concepts: OMOPConcepts) -> OutputTable {
  OutputTable(
    "procedure_occurrence.csv",
    "procedure_occurrence_id person_id procedure_concept_id procedure_date procedure_datetime procedure_end_date "
      + "procedure_end_datetime procedure_type_concept_id modifier_concept_id quantity provider_id "
      + "visit_occurrence_id visit_detail_id procedure_source_value procedure_source_concept_id modifier_source_value",
    isNumbered: true
  ) { stay in
    [Attribute.procedure, .cpt].flatMap { attribute in
      let codes = stay.draft.codes[attribute] ?? []
      return codes.enumerated().map { rank, category in
        let coded = CodedCategory(category, attribute, schema)
        let concept = concepts.concept(coded)
        let time = stay.moment(rank, of: codes.count)
        return ["\(stay.patient.id)", concept.standard, Stay.day(time), Stay.time(time), "", "", fromRecords, "0", ""]
          + ["", "\(stay.hadmID)", "", coded.dotted, concept.source, coded.system.omop]
      }
    }
  }
}

private func drugs(_ concepts: OMOPConcepts) -> OutputTable {
  OutputTable(
    "drug_exposure.csv",
    "drug_exposure_id person_id drug_concept_id drug_exposure_start_date drug_exposure_start_datetime "
      + "drug_exposure_end_date drug_exposure_end_datetime verbatim_end_date drug_type_concept_id stop_reason refills "
      + "quantity days_supply sig route_concept_id lot_number provider_id visit_occurrence_id visit_detail_id "
      + "drug_source_value drug_source_concept_id route_source_value dose_unit_source_value",
    isNumbered: true
  ) { stay in
    stay.prescribed.map { drug in
      let times = drug.times.flatMap { [Stay.day($0), Stay.time($0)] }
      return ["\(stay.patient.id)", concepts.drug(drug.name)] + times + [
        "", fromRecords, "", "", "", "", "", "0", "", "",
      ]
        + ["\(stay.hadmID)", "", drug.name, "0", drug.order.route(of: drug.name), drug.order[.doseUnit]]
    }
  }
}

private let measurement = OutputTable(
  "measurement.csv",
  "measurement_id person_id measurement_concept_id measurement_date measurement_datetime measurement_time "
    + "measurement_type_concept_id operator_concept_id value_as_number value_as_concept_id unit_concept_id range_low "
    + "range_high provider_id visit_occurrence_id visit_detail_id measurement_source_value "
    + "measurement_source_concept_id unit_source_value unit_source_concept_id value_source_value "
    + "measurement_event_id meas_event_field_concept_id",
  isNumbered: true
) { stay in
  stay.laboratory.map { measured in
    let (lab, time) = (measured.value, measured.time)
    let range = lab.range.map { [$0.text($0.normal.lower), $0.text($0.normal.upper)] } ?? ["", ""]
    return ["\(stay.patient.id)", "0", Stay.day(time), Stay.time(time), "", fromRecords, "", lab.number, "", ""]
      + range + [
        "", "\(stay.hadmID)", "", lab.item, "0", lab.range?.unit ?? "", "0", lab.number.isEmpty ? lab.flag : lab.number,
        "", "",
      ]
  }
}
