internal import Shared

/// What a column of MIMIC's tables holds, by its name. PostgreSQL and DuckDB know these words.
enum ColumnType: String, Sendable {
  case integer
  case number = "double precision"
  case date, timestamp
  case text = "varchar"

  /// - Parameter column: in any letter case.
  init(_ column: String, _ schema: SourceSchema) {
    switch column.lowercased() {
    case "subject_id", "hadm_id", "row_id", "icustay_id", "stay_id", "seq_num", "itemid", "cgid", "caregiver_id",
      "transfer_id", "labevent_id", "specimen_id", "pharmacy_id", "microevent_id", "micro_specimen_id", "emar_seq",
      "poe_seq", "icd_version", "hospital_expire_flag", "expire_flag", "has_chartevents_data", "anchor_age",
      "anchor_year", "cpt_number", "ticket_id_seq", "orderid", "linkorderid", "warning":
      self = .integer
    case "valuenum", "ref_range_lower", "ref_range_upper", "los", "amount", "rate", "patientweight", "originalamount",
      "originalrate", "doses_per_24_hrs", "dilution_value", "lownormalvalue", "highnormalvalue":
      self = .number
    case "dob", "dod", "dod_hosp", "dod_ssn", "chartdate", "startdate", "enddate", "storedate", "expirationdate":
      self = schema == .mimicIII ? .timestamp : .date
    case let name where name.hasSuffix("time"): self = .timestamp
    default: self = .text
    }
  }
}
