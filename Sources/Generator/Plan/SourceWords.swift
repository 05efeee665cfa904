internal import Shared

extension SourceSchema {
  /// The words that MIMIC's documentation and papers list for an attribute, commonest first, with rough shares of
  /// admissions in percent. A hospital that withholds a category most likely means one of these.
  func words(of attribute: Attribute) -> [(word: String, share: Double)] {
    let all = self == .mimicIII ? wordsOfMIMICIII : wordsOfMIMICIV
    return all[attribute] ?? []
  }
}

private typealias Words = [Attribute: [(word: String, share: Double)]]

private let wordsOfMIMICIII: Words = [
  .admissionType: [("EMERGENCY", 71), ("ELECTIVE", 13), ("URGENT", 2)],
  .admissionLocation: [
    ("EMERGENCY ROOM ADMIT", 39), ("PHYS REFERRAL/NORMAL DELI", 26), ("CLINIC REFERRAL/PREMATURE", 20),
    ("TRANSFER FROM HOSP/EXTRAM", 14), ("TRANSFER FROM SKILLED NUR", 0.5), ("** INFO NOT AVAILABLE **", 0.3),
    ("HMO REFERRAL/SICK", 0.2), ("TRANSFER FROM OTHER HEALT", 0.1),
  ],
  .dischargeLocation: [
    ("HOME", 31), ("HOME HEALTH CARE", 21), ("SNF", 13), ("REHAB/DISTINCT PART HOSP", 11), ("DEAD/EXPIRED", 10),
    ("LONG TERM CARE HOSPITAL", 4), ("SHORT TERM HOSPITAL", 3), ("DISC-TRAN CANCER/CHLDRN H", 1),
    ("LEFT AGAINST MEDICAL ADVI", 1), ("DISCH-TRAN TO PSYCH HOSP", 0.8), ("HOSPICE-HOME", 0.7),
    ("HOSPICE-MEDICAL FACILITY", 0.3), ("OTHER FACILITY", 0.2), ("ICF", 0.1),
  ],
  .insurance: [("Medicare", 48), ("Private", 38), ("Medicaid", 10), ("Government", 3), ("Self Pay", 1)],
  .language: [
    ("ENGL", 85), ("SPAN", 3), ("RUSS", 2), ("PTUN", 1.5), ("CANT", 1), ("PORT", 1), ("CAPE", 0.8), ("MAND", 0.4),
    ("HAIT", 0.4), ("ITAL", 0.3), ("VIET", 0.3), ("GREE", 0.2), ("ARAB", 0.2),
  ],
  .religion: [
    ("CATHOLIC", 35), ("NOT SPECIFIED", 20), ("UNOBTAINABLE", 14), ("PROTESTANT QUAKER", 12), ("JEWISH", 9),
    ("OTHER", 4.5), ("EPISCOPALIAN", 1.3), ("GREEK ORTHODOX", 0.8), ("CHRISTIAN SCIENTIST", 0.7), ("BUDDHIST", 0.5),
    ("MUSLIM", 0.4), ("JEHOVAH'S WITNESS", 0.2), ("HINDU", 0.2),
  ],
  .maritalStatus: [
    ("MARRIED", 41), ("SINGLE", 22), ("WIDOWED", 12), ("DIVORCED", 5.5), ("SEPARATED", 1), ("UNKNOWN (DEFAULT)", 0.6),
  ],
  .ethnicity: [
    ("WHITE", 69), ("BLACK/AFRICAN AMERICAN", 9), ("UNKNOWN/NOT SPECIFIED", 8), ("HISPANIC OR LATINO", 3),
    ("ASIAN", 2.6), ("OTHER", 2.5), ("UNABLE TO OBTAIN", 1.4), ("PATIENT DECLINED TO ANSWER", 1),
    ("ASIAN - CHINESE", 0.5), ("HISPANIC/LATINO - PUERTO RICAN", 0.4), ("BLACK/CAPE VERDEAN", 0.3),
    ("WHITE - RUSSIAN", 0.3), ("MULTI RACE ETHNICITY", 0.2), ("BLACK/HAITIAN", 0.2),
  ],
]

private let wordsOfMIMICIV: Words = [
  .admissionType: [
    ("EW EMER.", 34), ("EU OBSERVATION", 22), ("OBSERVATION ADMIT", 15), ("URGENT", 10),
    ("SURGICAL SAME DAY ADMISSION", 8), ("DIRECT EMER.", 5), ("DIRECT OBSERVATION", 4), ("ELECTIVE", 2.5),
    ("AMBULATORY OBSERVATION", 1.5),
  ],
  .admissionLocation: [
    ("EMERGENCY ROOM", 54), ("PHYSICIAN REFERRAL", 26), ("TRANSFER FROM HOSPITAL", 9), ("WALK-IN/SELF REFERRAL", 4),
    ("CLINIC REFERRAL", 2.5), ("PROCEDURE SITE", 1.8), ("PACU", 1.3), ("TRANSFER FROM SKILLED NURSING FACILITY", 1),
    ("INTERNAL TRANSFER TO OR FROM PSYCH", 1), ("INFORMATION NOT AVAILABLE", 0.1),
  ],
  .dischargeLocation: [
    ("HOME", 38), ("HOME HEALTH CARE", 18), ("SKILLED NURSING FACILITY", 11), ("REHAB", 3), ("DIED", 2.2),
    ("CHRONIC/LONG TERM ACUTE CARE", 2), ("HOSPICE", 1.1), ("AGAINST ADVICE", 0.8), ("PSYCH FACILITY", 0.8),
    ("ACUTE HOSPITAL", 0.6), ("OTHER FACILITY", 0.5), ("ASSISTED LIVING", 0.2),
  ],
  .insurance: [("Other", 50), ("Medicare", 40), ("Medicaid", 10)],
  .language: [("ENGLISH", 90), ("?", 10)],
  .maritalStatus: [("MARRIED", 43), ("SINGLE", 38), ("WIDOWED", 11), ("DIVORCED", 8)],
  .ethnicity: [
    ("WHITE", 63), ("BLACK/AFRICAN AMERICAN", 14), ("OTHER", 3.5), ("UNKNOWN", 3), ("WHITE - OTHER EUROPEAN", 2.3),
    ("HISPANIC/LATINO - PUERTO RICAN", 2), ("ASIAN - CHINESE", 1.5), ("HISPANIC/LATINO - DOMINICAN", 1.5),
    ("ASIAN", 1.3), ("BLACK/CAPE VERDEAN", 1.3), ("WHITE - RUSSIAN", 1.2), ("BLACK/CARIBBEAN ISLAND", 0.6),
    ("HISPANIC OR LATINO", 0.5), ("PATIENT DECLINED TO ANSWER", 0.5),
  ],
]
