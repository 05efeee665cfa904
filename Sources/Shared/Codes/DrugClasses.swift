/// The classes under which rare drugs are counted, such as `Opioids*`.
///
/// A drug belongs to the first class that lists a part of its name; letter case doesn't matter. `Aspirin EC` and
/// `*NF* Aspirin` are therefore both antiplatelet drugs. A drug of no class is counted under `other`. The list is our
/// own. It follows how drugs are used in a general hospital rather than any official classification, and it changes
/// only with a release of the program.
package enum DrugClasses {
  /// The class of a drug; nil if no class lists it.
  package static func group(of drug: String) -> String? {
    let name = drug.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    return all.first { $0.parts.contains { name.contains($0.utf8) } }.map { group($0.name) }
  }

  /// The group of a class.
  package static func group(_ name: String) -> String { "\(name)*" }

  /// Whether a category is the name of a class, as `group(of:)` writes it.
  package static func isGroup(_ category: String) -> Bool { groups.contains(category) }

  private static let groups = Set(all.map { group($0.name) })

  /// The classes in the order in which they are tried. A part holds only small letters, digits, spaces, hyphens and
  /// slashes, so that it means the same in SQL.
  package static let all: [(name: String, parts: [String])] = [
    ("Vaccines", ["vaccin", "vac polyvalent"]),
    (
      "Eye and ear preparations",
      ["ophth", "artificial tear", "lacri", "latanoprost", "brimonidine", "dorzolamide", "carbamide peroxide"]
    ),
    (
      "Nitrates and other vasodilators",
      [
        "nitroglycerin", "isosorbide", "hydralazine", "nitroprusside", "minoxidil", "epoprostenol", "clonidine",
        "nesiritide", "doxazosin", "prazosin",
      ]
    ),
    (
      "Skin preparations",
      ["cream", "oint", "lotion", "sarna", "aquaphor", "hydrocerin", "desitin", "mupirocin", "capsaicin"]
    ),
    (
      "Contrast agents and diagnostics",
      ["readi-cat", "gastroview", "iohexol", "diatrizoate", "barium", "tuberculin", "cosyntropin"]
    ),
    ("Penicillins", ["cillin", "tazobactam", "sulbactam", "unasyn", "clavul"]),
    ("Cephalosporins", ["cef", "cephal"]),
    ("Fluoroquinolones", ["floxacin"]),
    (
      "Antifungals",
      ["conazole", "nystatin", "clotrimazole", "micafungin", "caspofungin", "amphotericin", "ambisome", "terbinafine"]
    ),
    (
      "Antivirals",
      [
        "cyclovir", "ciclovir", "oseltamivir", "tenofovir", "emtricitabine", "lamivudine", "navir", "raltegravir",
        "tegravir", "zidovudine", "efavirenz", "abacavir",
      ]
    ),
    (
      "Other antibacterials",
      [
        "vancomycin", "metronidazole", "penem", "azithromycin", "clarithromycin", "erythromycin", "clindamycin",
        "gentamicin", "tobramycin", "amikacin", "linezolid", "daptomycin", "cycline", "trimethoprim", "sulfameth",
        "nitrofurantoin", "rifaximin", "rifampin", "isoniazid", "ethambutol", "pyrazinamide", "aztreonam", "neomycin",
        "bacitracin", "colistin", "dapsone",
      ]
    ),
    (
      "Antineoplastics",
      [
        "cytarabine", "etoposide", "fludarabine", "methotrexate", "decitabine", "rubicin", "platin", "taxel",
        "vincristine", "cyclophosphamide", "rituximab", "tamoxifen", "hydroxyurea", "venetoclax", "tinib", "busulfan",
        "mitoxantrone", "lenalidomide", "megestrol", "azacitidine", "leucovorin",
      ]
    ),
    (
      "Immunosuppressants",
      ["tacrolimus", "sirolimus", "mycophenol", "cyclosporin", "azathioprine", "basiliximab", "hydroxychloroquine"]
    ),
    (
      "Corticosteroids",
      ["prednis", "dexamethasone", "hydrocortisone", "fludrocortisone", "budesonide", "fluticasone propionate nasal"]
    ),
    (
      "Inhaled bronchodilators",
      [
        "albuterol", "ipratropium", "tiotropium", "salmeterol", "fluticasone", "xopenex", "racepinephrine",
        "montelukast", "theophylline", "acetylcysteine",
      ]
    ),
    ("Insulins", ["insulin", "glargine", "lispro", "humalog", "humulin", "novolog", "lantus"]),
    (
      "Oral diabetes drugs",
      [
        "metformin", "glipizide", "glyburide", "glimepiride", "gliptin", "januvia", "glitazone", "glinide", "acarbose",
        "miglitol", "tolbutamide", "tolazamide", "chlorpropamide", "acetohexamide",
      ]
    ),
    ("Glucose and glucagon", ["glucagon", "glucose gel", "dextrose 50"]),
    ("Thyroid drugs", ["thyrox", "thyronine", "methimazole", "propylthiouracil", "thyroid"]),
    (
      "Anticoagulants",
      [
        "heparin", "enoxaparin", "warfarin", "apixaban", "rivaroxaban", "dabigatran", "fondaparinux", "argatroban",
        "bivalirudin",
      ]
    ),
    (
      "Antiplatelet drugs",
      ["aspirin", "clopidogrel", "prasugrel", "ticagrelor", "dipyridamole", "cilostazol", "eptifibatide", "tirofiban"]
    ),
    (
      "Thrombolytics and haemostatics",
      ["alteplase", "aminocaproic", "tranexamic", "protamine", "phytonadione", "thrombin"]
    ),
    ("Beta blockers", ["olol", "carvedilol", "labetalol"]),
    (
      "ACE inhibitors and angiotensin blockers",
      [
        "enalapril", "lisinopril", "captopril", "ramipril", "quinapril", "benazepril", "fosinopril", "moexipril",
        "sartan", "avapro",
      ]
    ),
    ("Calcium channel blockers", ["dipine", "diltiazem", "verapamil", "clevidipine"]),
    (
      "Statins and other lipid drugs",
      ["vastatin", "ezetimibe", "fenofibrate", "gemfibrozil", "niacin", "tricor", "fish oil", "cholestyramine"]
    ),
    (
      "Diuretics",
      [
        "furosemide", "torsemide", "bumetanide", "thiazide", "metolazone", "chlorthalidone", "spironolactone",
        "acetazolamide", "mannitol", "triamterene", "amiloride",
      ]
    ),
    ("Antiarrhythmics", ["amiodarone", "digox", "quinidine", "adenosine", "dofetilide", "lidocaine in d5"]),
    ("Local anaesthetics", ["caine"]),
    (
      "Vasopressors and inotropes",
      ["epinephrine", "phenylephrine", "vasopressin", "dopamine", "dobutamine", "milrinone", "midodrine"]
    ),
    (
      "Opioids",
      [
        "morphine", "hydromorphone", "fentanyl", "codone", "codeine", "tramadol", "methadone", "meperidine",
        "buprenorphine", "opium", "propoxyphene",
      ]
    ),
    (
      "Opioid antagonists and reversal agents",
      ["naloxone", "naltrexone", "flumazenil", "neostigmine", "glycopyrrolate", "atropine"]
    ),
    (
      "Other pain relievers",
      ["acetaminophen", "ibuprofen", "naproxen", "ketorolac", "indomethacin", "celecoxib", "butalbital", "triptan"]
    ),
    (
      "Anaesthetics and muscle relaxants",
      [
        "propofol", "ketamine", "etomidate", "dexmedetomidine", "curonium", "curium", "succinylcholine", "baclofen",
        "cyclobenzaprine", "tizanidine", "methocarbamol",
      ]
    ),
    ("Benzodiazepines and sleep aids", ["azolam", "azepam", "zolpidem", "ramelteon", "hydroxyzine", "buspirone"]),
    (
      "Antipsychotics",
      [
        "haloperidol", "quetiapine", "olanzapine", "risperidone", "ziprasidone", "aripiprazole", "perphenazine",
        "chlorpromazine", "thioridazine", "lithium",
      ]
    ),
    (
      "Antidepressants",
      [
        "citalopram", "sertraline", "fluoxetine", "paroxetine", "venlafaxine", "duloxetine", "trazodone", "mirtazapine",
        "bupropion", "triptyline", "imipramine",
      ]
    ),
    (
      "Anticonvulsants",
      [
        "levetiracetam", "phenytoin", "valpro", "gabapentin", "pregabalin", "lamotrigine", "topiramate",
        "carbamazepine", "lacosamide", "barbital", "zonisamide",
      ]
    ),
    (
      "Drugs for dementia and Parkinson's disease",
      ["donepezil", "memantine", "rivastigmine", "levodopa", "pramipexole", "ropinirole", "benztropine", "amantadine"]
    ),
    ("Acid reducers", ["prazole", "tidine", "sucralfate", "nexium", "aluminum", "simethicone"]),
    ("Antiemetics", ["setron", "metoclopramide", "prochlorperazine", "promethazine", "scopolamine", "meclizine"]),
    (
      "Laxatives",
      [
        "docusate", "senna", "bisacodyl", "polyethylene glycol", "lactulose", "milk of magnesia", "magnesium citrate",
        "psyllium", "enema", "golytely", "moviprep", "mineral oil", "glycerin",
      ]
    ),
    (
      "Other drugs for the gut and liver",
      ["loperamide", "ursodiol", "pancrelipase", "creon", "octreotide", "hyoscyamine"]
    ),
    (
      "Antihistamines and cough and cold remedies",
      [
        "diphenhydramine", "loratadine", "cetirizine", "fexofenadine", "guaifenesin", "benzonatate", "cepacol",
        "pseudoephedrine", "oxymetazoline", "chloraseptic",
      ]
    ),
    ("Urological drugs", ["tamsulosin", "finasteride", "oxybutynin", "tolterodine", "phenazopyridine"]),
    ("Gout drugs", ["allopurinol", "colchicine", "febuxostat", "rasburicase"]),
    (
      "Drugs for the kidney and bone",
      [
        "sevelamer", "calcium acetate", "cinacalcet", "calcitriol", "alendronate", "pamidronate", "polystyrene",
        "nephrocaps", "calcitonin",
      ]
    ),
    ("Drugs for anaemia and blood cells", ["epoetin", "filgrastim", "ferrous", "ferric", "iron", "folic acid"]),
    (
      "Vitamins and minerals",
      ["vitamin", "thiamine", "cyanocobalamin", "ascorbic", "pyridoxine", "zinc", "calcium carbonate"]
    ),
    (
      "Electrolytes",
      ["potassium", "magnesium", "calcium", "phosph", "sodium bic", "sodium phosphate", "sodium glycero"]
    ),
    (
      "Fluids and solvents",
      [
        "sodium chloride", "dextrose", "d5", "d10", "lactated ringer", "sterile water", "saline", "albumin", "hespan",
        "amino acid", "fat emulsion", "bag", "vial", "syringe", "soln", "1/2 ns", "plasmalyte", "prismasate",
      ]
    ),
    ("Nicotine replacement", ["nicotine"]),
  ]
}
