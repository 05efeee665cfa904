"""Counts a hospital's tables again, slowly and plainly, and compares them with a statistics.json:
an oracle for the extractor.

It shares no code with the extractor. Covers cohorts of ages 18 and over without the admission type
NEWBORN, and the tables and roll-up of the shipped policies. Prints each difference; exits with status 1 if
there is any.

Usage: recount.py INPUT STATISTICS POLICY PLAN    PLAN is the output of plan --json
"""

import collections
import csv
import datetime
import gzip
import itertools
import json
import pathlib
import re
import sys

UNKNOWN = {
    "", "UNKNOWN (DEFAULT)", "UNKNOWN/NOT SPECIFIED", "UNKNOWN", "UNOBTAINABLE", "NOT SPECIFIED",
    "UNABLE TO OBTAIN", "?", "___",
}
AGES = [("18-29", 29), ("30-39", 39), ("40-49", 49), ("50-59", 59), ("60-69", 69), ("70-79", 79), ("80-89", 89)]
STAYS = [("0", 0), ("1", 1), ("2", 2), ("3", 3), ("4-6", 6), ("7-13", 13), ("14-29", 29)]
COUNTS = {
    "diagnosis": ([("0", 0), ("1-4", 4), ("5-9", 9), ("10-14", 14), ("15-19", 19), ("20-24", 24)], "25+"),
    "procedure": ([("0", 0), ("1", 1), ("2", 2), ("3", 3), ("4", 4), ("5-9", 9)], "10+"),
    "drug": (
        [("0", 0), ("1-9", 9), ("10-19", 19), ("20-29", 29), ("30-39", 39), ("40-59", 59), ("60-99", 99)], "100+"),
}
MANY = {"diagnosis", "procedure", "cpt", "drug", "lab"}
CODES = MANY | {"main-diagnosis"}


def rows(folder: pathlib.Path, name: str):
    found = {path.name.lower(): path for path in folder.iterdir()}
    path = found.get(f"{name}.csv") or found.get(f"{name}.csv.gz")
    if path is None:
        return
    opened = gzip.open(path, "rt", newline="") if path.suffix == ".gz" else open(path, newline="")
    with opened as file:
        for row in csv.DictReader(file):
            yield {key.lower(): value.strip() for key, value in row.items()}


def band(number: int, bands, last: str) -> str:
    return next((label for label, upper in bands if number <= upper), last)


def known(text: str) -> str:
    return "missing" if text in UNKNOWN else text


def lab(row, bins) -> str:
    """The item with its flag, or with the bin of its number if the policy declares edges."""
    edges = bins.get(row["itemid"])
    if edges is None:
        return f"{row['itemid']}:{row['flag'].lower() or 'unflagged'}"
    if not row["valuenum"]:
        return f"{row['itemid']}:no number"
    place = sum(float(edge) <= float(row["valuenum"]) for edge in edges)
    if place == 0:
        return f"{row['itemid']}:under {edges[0]}"
    if place == len(edges):
        return f"{row['itemid']}:{edges[-1]} or more"
    return f"{row['itemid']}:{edges[place - 1]} to {edges[place]}"


def bands(policy: str, attribute: str, own):
    """The labels of an attribute's bands with their largest numbers, and the label of the last, open band."""
    found = re.search(rf"^  {attribute}: \[([^]]*)\]", policy, re.MULTILINE)
    if not found:
        return own
    starts = [int(start) for start in found.group(1).split(",")]
    ends = [(first, after - 1) for first, after in zip(starts, starts[1:])]
    return [(str(first) if first == last else f"{first}-{last}", last) for first, last in ends], f"{starts[-1]}+"


def read(folder: pathlib.Path, bins, stays, counts):
    """Returns the cohort as (patient, {attribute: [categories]})."""
    patients = {row["subject_id"]: row for row in rows(folder, "patients")}
    fourth = "anchor_age" in next(iter(patients.values()))
    cohort, begins = {}, {}
    for row in rows(folder, "admissions"):
        patient = patients[row["subject_id"]]
        admitted = datetime.datetime.fromisoformat(row["admittime"])
        if fourth:
            age = int(patient["anchor_age"]) + admitted.year - int(patient["anchor_year"])
        else:
            born = datetime.datetime.fromisoformat(patient["dob"])
            age = admitted.year - born.year - ((admitted.month, admitted.day) < (born.month, born.day))
        if age < 18 or row["admission_type"] == "NEWBORN":
            continue
        days = (datetime.datetime.fromisoformat(row["dischtime"]) - admitted) // datetime.timedelta(days=1)
        begins[row["hadm_id"]] = admitted
        cohort[row["hadm_id"]] = (row["subject_id"], {
            "gender": [patient["gender"]],
            "age-band": [band(age, AGES, "90+")],
            "admission-type": [known(row["admission_type"])],
            "admission-location": [known(row["admission_location"])],
            "discharge-location": [known(row["discharge_location"])],
            "insurance": [known(row["insurance"])],
            "language": [known(row["language"])],
            "religion": [known(row.get("religion", ""))],
            "marital-status": [known(row["marital_status"])],
            "ethnicity": [known(row["race" if fourth else "ethnicity"])],
            "died-in-hospital": [row["hospital_expire_flag"]],
            "length-of-stay-band": ["missing" if days < 0 else band(days, *stays)],
            "main-diagnosis": ["missing"], "diagnosis": [], "procedure": [], "cpt": [], "drug": [],
            "lab": [],
        })

    def code(row, name):
        return f"{row['icd_version']}:{row['icd_code']}" if fourth else row["icd9_code"]

    tables = [
        ("diagnoses_icd", "diagnosis", code), ("procedures_icd", "procedure", code),
        ("cptevents", "cpt", lambda row, _: row["cpt_cd"]), ("prescriptions", "drug", lambda row, _: row["drug"]),
        ("labevents", "lab", lambda row, _: lab(row, bins)),
    ]
    for table, attribute, value in tables:
        for row in rows(folder, table):
            if row["hadm_id"] not in cohort:
                continue
            category = value(row, attribute)
            attributes = cohort[row["hadm_id"]][1]
            if category in UNKNOWN or category.endswith(":"):
                continue
            if attribute == "diagnosis" and row["seq_num"] == "1":
                attributes["main-diagnosis"] = [category]
            else:
                attributes[attribute] = sorted(set(attributes[attribute]) | {category})
    own = collections.defaultdict(list)
    for stay, (patient, _) in cohort.items():
        own[patient].append((begins[stay], int(stay)))
    for stays in own.values():
        for number, (_, stay) in enumerate(sorted(stays), 1):
            cohort[str(stay)][1]["admission-number-band"] = [str(number) if number < 5 else "5+"]
    for _, attributes in cohort.values():
        main = [code for code in attributes["main-diagnosis"] if code != "missing"]
        for kind, own in [("diagnosis", main), ("procedure", []), ("drug", [])]:
            attributes[f"{kind}-count-band"] = [band(len(set(own + attributes[kind])), *counts[kind])]
    return cohort


CHAPTERS = {
    "ICD-9 diagnoses": "001-139 140-239 240-279 280-289 290-319 320-389 390-459 460-519 520-579 580-629 630-679 "
    "680-709 710-739 740-759 760-779 780-799 800-999",
    "ICD-9 procedures": "00-00 01-05 06-07 08-16 17-17 18-20 21-29 30-34 35-39 40-41 42-54 55-59 60-64 65-71 72-75 "
    "76-84 85-86 87-99",
    "ICD-10 diagnoses": "A00-B99 C00-D49 D50-D89 E00-E89 F01-F99 G00-G99 H00-H59 H60-H95 I00-I99 J00-J99 K00-K95 "
    "L00-L99 M00-M99 N00-N99 O00-O9A P00-P96 Q00-Q99 R00-R99 S00-T88 U00-U85 V00-Y99 Z00-Z99",
    "CPT": "00100-01999 10004-69990 70010-79999 80047-89398 90281-99199 99202-99499 99500-99607",
}


def drug_classes():
    """The drug classes in order, each with the parts of names that it lists. The program's source is their only list."""
    source = pathlib.Path(__file__).parents[2] / "Sources/Shared/Codes/DrugClasses.swift"
    entries = re.findall(r'\(\s*"([A-Z][^"]+)",\s*\[(.*?)\]\s*\)', source.read_text(), re.DOTALL)
    return [(f"{name}*", re.findall(r'"([^"]+)"', parts)) for name, parts in entries]


DRUG_CLASSES = drug_classes()


def chapter(code: str, classification: str) -> str:
    return [name for name in CHAPTERS[classification].split() if name.split("-")[0] <= code][-1]


def groups(category: str, name: str):
    """The wider and wider groups of a code."""
    version, colon, code = category.rpartition(":")
    if name == "lab":
        return [category.split(":")[0] + ":*", "other"]
    if name == "drug":
        found = [label for label, parts in DRUG_CLASSES if any(part in category.lower() for part in parts)]
        return found[:1] + ["other"]
    if name == "cpt":
        found = ["0001F-9007F"] if code.endswith("F") else [chapter(code, "CPT")] if code.isdigit() else []
    elif name == "procedure":
        found = [code[:3], code[:1]] if version == "10" else [code[:2], chapter(code[:2], "ICD-9 procedures")]
    elif version == "10":
        found = [code[:3], chapter(code[:3], "ICD-10 diagnoses")]
    elif code[0] in "EV":
        found = [code[:4], "E000-E999"] if code[0] == "E" else [code[:3], "V01-V91"]
    else:
        found = [code[:3], chapter(code[:3], "ICD-9 diagnoses")]
    return [f"{version}{colon}{group}*" for group in found] + ["other"]


def roll_up(cohort, name, top):
    """Counts rare codes of an attribute under the narrowest group that enough patients have."""
    patients, admissions = collections.defaultdict(set), collections.Counter()
    for patient, attributes in cohort.values():
        for code in attributes[name]:
            patients[code].add(patient)
            admissions[code] += 1
    codes = set(admissions) - {"missing"}
    common = sorted(
        (code for code in codes if len(patients[code]) >= 11), key=lambda code: (-admissions[code], code.encode()))
    kept = set(common[:top or None])
    labels = {code: code for code in admissions}
    rare = {code: groups(code, name) for code in codes - kept}
    while rare:
        for code, wider in rare.items():
            labels[code] = wider[0]
        people = collections.defaultdict(set)
        for code, label in labels.items():
            people[label] |= patients[code]
        rare = {code: wider[1:] for code, wider in rare.items() if len(wider) > 1 and len(people[labels[code]]) < 11}
    people = collections.defaultdict(set)
    for code, label in labels.items():
        people[label] |= patients[code]
    if name == "main-diagnosis" and 0 < len(people["other"]) < 11:
        # It takes in the rarest group, or code, that no wider group is counted beside.
        alone = [
            label for label in people.keys() - {"other", "missing"}
            if not any(wider in people for wider in groups(label.rstrip("*"), name)[:-1] if wider != label)
        ]
        taken = min(alone, key=lambda label: (not label.endswith("*"), len(people[label]), label.encode()), default=None)
        labels = {code: "other" if label == taken else label for code, label in labels.items()}
    for _, attributes in cohort.values():
        attributes[name] = sorted({labels[code] for code in attributes[name]})


def dominated(people) -> bool:
    """Whether one patient has more than half of the admissions."""
    return 2 * max(collections.Counter(people).values()) > len(people)


def nearly_all(key, names, stays, cohort) -> bool:
    """Whether 1 to 10 patients have everything in a cell except one of its codes."""
    for axis, name in enumerate(names):
        if name not in MANY:
            continue
        rest = [(n, c) for place, (n, c) in enumerate(zip(names, key)) if place != axis]
        without = {
            cohort[stay][0] for stay in stays[tuple(rest)] if key[axis] not in cohort[stay][1][name]
        }
        if 1 <= len(without) < 11:
            return True
    return False


def count(cohort, names, top):
    admissions, patients = collections.Counter(), collections.defaultdict(list)
    stays = collections.defaultdict(list)
    for number, (patient, attributes) in cohort.items():
        for key in itertools.product(*(attributes[name] for name in names)):
            admissions[key] += 1
            patients[key].append(patient)
        for axis, name in enumerate(names):
            if name in MANY:
                others = names[:axis] + names[axis + 1:]
                for key in itertools.product(*(attributes[other] for other in others)):
                    stays[tuple(zip(others, key))].append(number)
    allowed = []
    for axis, name in enumerate(names):
        if name in CODES and top:
            ranks = collections.Counter()
            for key, number in admissions.items():
                ranks[key[axis]] += number
            # Groups are always released, and don't count towards the top.
            groups = {code for code in ranks if code == "other" or code.endswith("*")}
            ranked = sorted(ranks.keys() - groups, key=lambda code: (-ranks[code], code.encode()))
            allowed.append(groups | set(ranked[:top]))
        else:
            allowed.append(None)
    return {
        key: number for key, number in admissions.items()
        if len(set(patients[key])) >= 11 and all(a is None or c in a for a, c in zip(allowed, key))
        and not dominated(patients[key]) and not nearly_all(key, names, stays, cohort)
    }


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    folder = folder / "hosp" if (folder / "hosp").is_dir() else folder
    statistics = json.loads(pathlib.Path(sys.argv[2]).read_text())
    policy = pathlib.Path(sys.argv[3]).read_text()
    tops = {
        tuple(part.strip() for part in names.split(",")): int(top or 0)
        for names, top in re.findall(r"- table: \[([^]]*)\][^\n]*\n(?:    top: (\d+))?", policy)
    }
    bins = {
        item: [edge.strip() for edge in edges.split(",")]
        for item, edges in re.findall(r"\{item: (\d+), edges: \[([^]]*)\]\}", policy)
    }
    # How many cells with enough patients were withheld to protect others, according to `plan --json`.
    plan = json.loads(pathlib.Path(sys.argv[4]).read_text())
    complementary = {table["name"]: table["to-protect-others"] for table in plan["tables"]}
    stays = bands(policy, "length-of-stay-band", (STAYS, "30+"))
    counts = {kind: bands(policy, f"{kind}-count-band", own) for kind, own in COUNTS.items()}
    cohort = read(folder, bins, stays, counts)
    if re.search(r"^ *roll-up-codes: true", policy, re.MULTILINE):
        for name in CODES:
            own = [top for names, top in tops.items() if name in names]
            if own:
                roll_up(cohort, name, 0 if 0 in own else max(own))
    differences = cells = 0
    for table in statistics["tables"]:
        names = tuple(table["attributes"])
        expected = count(cohort, names, tops[names])
        published = {tuple(cell["key"]): cell["count"] for cell in table["cells"]}
        cells += len(published)
        if published.keys() - expected.keys():
            print(f"{table['name']}: a cell is published that should not be")
            differences += 1
        if len(expected.keys() - published.keys()) != complementary[table["name"]]:
            print(f"{table['name']}: a cell is withheld that should not be")
            differences += 1
        for key in expected.keys() & published.keys():
            if expected[key] != published[key]:
                print(f"{table['name']}: a cell's count differs")
                differences += 1
    print(f"{len(cohort)} admissions, {len(statistics['tables'])} tables, {cells} cells, {differences} differences")
    return 1 if differences else 0


sys.exit(main())
