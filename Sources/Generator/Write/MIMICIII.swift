internal import Foundation
internal import Shared

/// The tables of MIMIC-III v1.4, with its upper-case headers.
let mimicIIITables: [OutputTable] = [
  OutputTable("PATIENTS.csv", "ROW_ID SUBJECT_ID GENDER DOB DOD DOD_HOSP DOD_SSN EXPIRE_FLAG") { stay in
    guard stay.isFirst else { return [] }
    let patient = stay.patient
    let death = patient.died.map { Stay.day($0) + " 00:00:00" } ?? ""
    return [
      [
        "\(patient.id)", stay.field(.gender), Stay.day(patient.born) + " 00:00:00", death, death, "",
        patient.died == nil ? "0" : "1",
      ]
    ]
  },
  OutputTable(
    "ADMISSIONS.csv",
    "ROW_ID SUBJECT_ID HADM_ID ADMITTIME DISCHTIME DEATHTIME ADMISSION_TYPE ADMISSION_LOCATION DISCHARGE_LOCATION "
      + "INSURANCE LANGUAGE RELIGION MARITAL_STATUS ETHNICITY EDREGTIME EDOUTTIME DIAGNOSIS HOSPITAL_EXPIRE_FLAG "
      + "HAS_CHARTEVENTS_DATA"
  ) { stay in
    [
      stay.ids + [
        Stay.time(stay.admitted), Stay.time(stay.discharged),
        stay.died ? Stay.time(stay.discharged) : "", stay.word(.admissionType), stay.word(.admissionLocation),
        stay.word(.dischargeLocation), stay.word(.insurance), stay.field(.language), stay.field(.religion),
        stay.field(.maritalStatus), stay.word(.ethnicity), "", "", "", stay.died ? "1" : "0", "0",
      ]
    ]
  },
  // MIMIC-III holds patients of intensive care only, and its users' programs begin with these rows. No bundle says
  // more, so the stay in intensive care is the whole admission, in the commonest kind of unit.
  OutputTable(
    "ICUSTAYS.csv",
    "ROW_ID SUBJECT_ID HADM_ID ICUSTAY_ID DBSOURCE FIRST_CAREUNIT LAST_CAREUNIT FIRST_WARDID LAST_WARDID INTIME "
      + "OUTTIME LOS"
  ) { stay in
    let minutes = Int(stay.discharged.timeIntervalSince(stay.admitted) / 60)
    return [
      stay.ids + [
        "\(920_000_001 + stay.draft.number)", "metavision", "MICU", "MICU", "0", "0", Stay.time(stay.admitted),
        Stay.time(stay.discharged), "\(Double(minutes * 10_000 / 1440) / 10_000)",
      ]
    ]
  },
  OutputTable("DIAGNOSES_ICD.csv", "ROW_ID SUBJECT_ID HADM_ID SEQ_NUM ICD9_CODE") { stay in
    stay.diagnoses.enumerated().compactMap { rank, code in
      code.map { stay.ids + ["\(rank + 1)", $0] }
    }
  },
  OutputTable("PROCEDURES_ICD.csv", "ROW_ID SUBJECT_ID HADM_ID SEQ_NUM ICD9_CODE", for: .procedure) { stay in
    (stay.draft.codes[.procedure] ?? []).enumerated().map { rank, code in
      stay.ids + ["\(rank + 1)", code]
    }
  },
  OutputTable(
    "CPTEVENTS.csv",
    "ROW_ID SUBJECT_ID HADM_ID COSTCENTER CHARTDATE CPT_CD CPT_NUMBER CPT_SUFFIX TICKET_ID_SEQ SECTIONHEADER "
      + "SUBSECTIONHEADER DESCRIPTION",
    for: .cpt
  ) { stay in
    let codes = stay.draft.codes[.cpt] ?? []
    return codes.enumerated().map { rank, code in
      let number = Int(code).map(String.init) ?? ""
      let day = Stay.day(stay.moment(rank, of: codes.count)) + " 00:00:00"
      return stay.ids + ["ICU", day, code, number, "", "\(rank + 1)", "", "", ""]
    }
  },
  OutputTable(
    "PRESCRIPTIONS.csv",
    "ROW_ID SUBJECT_ID HADM_ID ICUSTAY_ID STARTDATE ENDDATE DRUG_TYPE DRUG DRUG_NAME_POE DRUG_NAME_GENERIC "
      + "FORMULARY_DRUG_CD GSN NDC PROD_STRENGTH DOSE_VAL_RX DOSE_UNIT_RX FORM_VAL_DISP FORM_UNIT_DISP ROUTE",
    for: .drug
  ) { stay in
    let start = stay.ids + [""]
    return stay.prescribed.map { drug in
      let order = drug.order
      let days = drug.times.map { Stay.day($0) + " 00:00:00" }
      return start + days + [
        order[.type], drug.name, "", "", order[.formularyCode], "", "", "", order[.dose], order[.doseUnit],
        order[.form],
        order[.formUnit], order.route(of: drug.name),
      ]
    }
  },
  OutputTable(
    "LABEVENTS.csv", "ROW_ID SUBJECT_ID HADM_ID ITEMID CHARTTIME VALUE VALUENUM VALUEUOM FLAG", for: .lab
  ) { stay in
    let ids = stay.ids
    return stay.laboratory.map { measured in
      let lab = measured.value
      return ids + [lab.item, Stay.time(measured.time), lab.number, lab.number, lab.range?.unit ?? "", lab.flag]
    }
  },
]
