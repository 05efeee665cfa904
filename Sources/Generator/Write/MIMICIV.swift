internal import Shared

/// The tables of MIMIC-IV's hosp module, with its lower-case headers.
let mimicIVTables: [OutputTable] = [
  OutputTable("hosp/patients.csv", "subject_id gender anchor_age anchor_year anchor_year_group dod") { stay in
    let patient = stay.patient
    let row = [
      "\(patient.id)", stay.field(.gender), patient.isOldest ? "91" : "\(patient.age)", Stay.year(stay.admitted),
      anchorYearGroup, patient.died.map(Stay.day) ?? "",
    ]
    return stay.isFirst ? [row] : []
  },
  OutputTable(
    "hosp/admissions.csv",
    "subject_id hadm_id admittime dischtime deathtime admission_type admit_provider_id admission_location "
      + "discharge_location insurance language marital_status race edregtime edouttime hospital_expire_flag"
  ) { stay in
    [
      stay.ids + [
        Stay.time(stay.admitted), Stay.time(stay.discharged),
        stay.died ? Stay.time(stay.discharged) : "", stay.word(.admissionType), "", stay.field(.admissionLocation),
        stay.field(.dischargeLocation), stay.field(.insurance), stay.field(.language), stay.field(.maritalStatus),
        stay.field(.ethnicity), "", "", stay.died ? "1" : "0",
      ]
    ]
  },
  OutputTable("hosp/diagnoses_icd.csv", "subject_id hadm_id seq_num icd_code icd_version") { stay in
    stay.diagnoses.enumerated().compactMap { rank, category in
      category.map { category in
        let (version, code) = VersionedCode.parts(category)
        return stay.ids + ["\(rank + 1)", code, "\(version)"]
      }
    }
  },
  OutputTable(
    "hosp/procedures_icd.csv", "subject_id hadm_id seq_num chartdate icd_code icd_version", for: .procedure
  ) { stay in
    let codes = stay.draft.codes[.procedure] ?? []
    return codes.enumerated().map { rank, category in
      let (version, code) = VersionedCode.parts(category)
      return stay.ids + ["\(rank + 1)", Stay.day(stay.moment(rank, of: codes.count)), code, "\(version)"]
    }
  },
  OutputTable(
    "hosp/prescriptions.csv",
    "subject_id hadm_id pharmacy_id poe_id poe_seq order_provider_id starttime stoptime drug_type drug "
      + "formulary_drug_cd gsn ndc prod_strength form_rx dose_val_rx dose_unit_rx form_val_disp form_unit_disp "
      + "doses_per_24_hrs route",
    for: .drug
  ) { stay in
    stay.prescribed.map { drug in
      let order = drug.order
      return stay.ids + [drug.pharmacyID(stay), "", "", ""] + drug.times.map(Stay.time) + [
        order[.type], drug.name, order[.formularyCode], "", "", "", "", order[.dose], order[.doseUnit], order[.form],
        order[.formUnit], "", order.route(of: drug.name),
      ]
    }
  },
  // Prescriptions refer to these rows. What no bundle knows is left out, but for two columns that can't be empty.
  OutputTable(
    "hosp/pharmacy.csv",
    "subject_id hadm_id pharmacy_id poe_id starttime stoptime medication proc_type status entertime verifiedtime route "
      + "frequency disp_sched infusion_type sliding_scale lockout_interval basal_rate one_hr_max doses_per_24_hrs "
      + "duration duration_interval expiration_value expiration_unit expirationdate dispensation fill_quantity",
    for: .drug
  ) { stay in
    stay.prescribed.prefix(200).map { drug in
      stay.ids + [drug.pharmacyID(stay), ""] + drug.times.map(Stay.time) + [
        drug.name, "Unit Dose", "", Stay.time(drug.times[0]), "", drug.order.route(of: drug.name),
      ]
        + Array(repeating: "", count: 15)
    }
  },
  OutputTable(
    "hosp/labevents.csv",
    "labevent_id subject_id hadm_id specimen_id itemid order_provider_id charttime storetime value valuenum valueuom "
      + "ref_range_lower ref_range_upper flag priority comments",
    for: .lab, isNumbered: true
  ) { stay in
    let ids = stay.ids
    return stay.laboratory.map { measured in
      let (lab, time) = (measured.value, Stay.time(measured.time))
      // An admission has 200 numbers of specimens.
      let specimen = "\(stay.draft.number * 200 + measured.specimen % 200 + 1)"
      let range = lab.range
      return ids + [
        specimen, lab.item, "", time, time, lab.number, lab.number, range?.unit ?? "",
        range.map { $0.text($0.normal.lower) } ?? "", range.map { $0.text($0.normal.upper) } ?? "", lab.flag, "", "",
      ]
    }
  },
]

extension PrescribedDrug {
  /// The number under which prescriptions and pharmacy know the drug. An admission has 200 numbers.
  fileprivate func pharmacyID(_ stay: Stay) -> String { "\(stay.draft.number * 200 + rank % 200 + 1)" }
}

/// This column can't be empty, and no bundle publishes it, so every synthetic patient gets the first group.
private let anchorYearGroup = "2008 - 2010"
