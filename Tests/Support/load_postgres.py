"""Loads a MIMIC-III-shaped folder of tables into a PostgreSQL of its own.

Usage: load_postgres.py FOLDER

Makes a cluster in a temporary folder, with a socket there and no port; creates the tables with the
column types of MIMIC-III's documentation, loads every CSV, adds keys and references, and runs
queries like those of researchers. Prints one JSON object; exits with a status other than 0 if
anything is refused. Stops the server by its process id.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from postgres_cluster import Cluster

INT, TIME, FLOAT = "INTEGER", "TIMESTAMP(0)", "DOUBLE PRECISION"


def text(length: int) -> str:
    return f"VARCHAR({length})"


# Columns with their types; those marked ! may not be empty.
TABLES = {
    "PATIENTS": {
        "ROW_ID!": INT, "SUBJECT_ID!": INT, "GENDER!": text(5), "DOB!": TIME, "DOD": TIME, "DOD_HOSP": TIME, "DOD_SSN": TIME,
        "EXPIRE_FLAG!": INT},
    "ADMISSIONS": {
        "ROW_ID!": INT, "SUBJECT_ID!": INT, "HADM_ID!": INT, "ADMITTIME!": TIME, "DISCHTIME!": TIME, "DEATHTIME": TIME,
        "ADMISSION_TYPE!": text(50), "ADMISSION_LOCATION!": text(50), "DISCHARGE_LOCATION!": text(50), "INSURANCE!": text(255),
        "LANGUAGE": text(10), "RELIGION": text(50), "MARITAL_STATUS": text(50), "ETHNICITY!": text(200), "EDREGTIME": TIME,
        "EDOUTTIME": TIME, "DIAGNOSIS": text(255), "HOSPITAL_EXPIRE_FLAG": "SMALLINT", "HAS_CHARTEVENTS_DATA!": "SMALLINT"},
    "DIAGNOSES_ICD": {"ROW_ID!": INT, "SUBJECT_ID!": INT, "HADM_ID!": INT, "SEQ_NUM": INT, "ICD9_CODE": text(10)},
    "PROCEDURES_ICD": {"ROW_ID!": INT, "SUBJECT_ID!": INT, "HADM_ID!": INT, "SEQ_NUM!": INT, "ICD9_CODE!": text(10)},
    "CPTEVENTS": {
        "ROW_ID!": INT, "SUBJECT_ID!": INT, "HADM_ID!": INT, "COSTCENTER!": text(10), "CHARTDATE": TIME, "CPT_CD!": text(10),
        "CPT_NUMBER": INT, "CPT_SUFFIX": text(5), "TICKET_ID_SEQ": INT, "SECTIONHEADER": text(50), "SUBSECTIONHEADER": text(255),
        "DESCRIPTION": text(200)},
    "PRESCRIPTIONS": {
        "ROW_ID!": INT, "SUBJECT_ID!": INT, "HADM_ID!": INT, "ICUSTAY_ID": INT, "STARTDATE": TIME, "ENDDATE": TIME,
        "DRUG_TYPE!": text(100), "DRUG!": text(100), "DRUG_NAME_POE": text(100), "DRUG_NAME_GENERIC": text(100),
        "FORMULARY_DRUG_CD": text(120), "GSN": text(200), "NDC": text(120), "PROD_STRENGTH": text(120), "DOSE_VAL_RX": text(120),
        "DOSE_UNIT_RX": text(120), "FORM_VAL_DISP": text(120), "FORM_UNIT_DISP": text(120), "ROUTE": text(120)},
    "LABEVENTS": {
        "ROW_ID!": INT, "SUBJECT_ID!": INT, "HADM_ID": INT, "ITEMID!": INT, "CHARTTIME": TIME, "VALUE": text(200),
        "VALUENUM": FLOAT, "VALUEUOM": text(20), "FLAG": text(20)},
    "D_ICD_DIAGNOSES": {"ROW_ID!": INT, "ICD9_CODE!": text(10), "SHORT_TITLE!": text(50), "LONG_TITLE!": text(255)},
    "D_ICD_PROCEDURES": {"ROW_ID!": INT, "ICD9_CODE!": text(10), "SHORT_TITLE!": text(50), "LONG_TITLE!": text(255)},
    "D_LABITEMS": {
        "ROW_ID!": INT, "ITEMID!": INT, "LABEL!": text(100), "FLUID!": text(100), "CATEGORY": text(100), "LOINC_CODE": text(100)},
}

UNIQUE = {"PATIENTS": "SUBJECT_ID", "ADMISSIONS": "HADM_ID", "D_ICD_DIAGNOSES": "ICD9_CODE", "D_ICD_PROCEDURES": "ICD9_CODE",
          "D_LABITEMS": "ITEMID"}

# Comorbidities by ICD-9 category, after Charlson (weighted) and Elixhauser, and consistency checks.
QUERIES = {
    "charlson": """
        SELECT round(avg(score), 2) FROM (
          SELECT a.hadm_id, sum(CASE
            WHEN d.icd9_code ~ '^(410|412)' THEN 1 WHEN d.icd9_code ~ '^428' THEN 1 WHEN d.icd9_code ~ '^(43[0-8])' THEN 1
            WHEN d.icd9_code ~ '^(49[0-6])' THEN 1 WHEN d.icd9_code ~ '^250' THEN 1 WHEN d.icd9_code ~ '^(585|586)' THEN 2
            WHEN d.icd9_code ~ '^(1[4-9][0-9]|20[0-8])' THEN 2 WHEN d.icd9_code ~ '^(57[12])' THEN 3 WHEN d.icd9_code ~ '^(19[6-9])' THEN 6
            ELSE 0 END) AS score
          FROM admissions a JOIN diagnoses_icd d USING (hadm_id) GROUP BY a.hadm_id) AS scores""",
    "elixhauser": """
        SELECT count(DISTINCT hadm_id) FROM diagnoses_icd
        WHERE seq_num > 1 AND icd9_code ~ '^(401|402|250|428|4273|49[0-6]|58[56]|27[67]|28[05])'""",
    "mortality-by-age": """
        SELECT count(*) FROM (
          SELECT extract(year FROM age(a.admittime, p.dob)) / 10 AS decade, avg(a.hospital_expire_flag) AS died
          FROM admissions a JOIN patients p USING (subject_id) GROUP BY 1) AS decades""",
    "deaths-that-disagree": """
        SELECT count(*) FROM admissions a JOIN patients p USING (subject_id)
        WHERE (a.hospital_expire_flag = 1) <> (a.deathtime IS NOT NULL) OR (a.deathtime IS NOT NULL AND p.dod_hosp IS NULL)
          OR a.admittime >= a.dischtime OR a.deathtime > a.dischtime OR p.dob >= a.admittime""",
    "stays-that-overlap": """
        SELECT count(*) FROM (
          SELECT admittime, lag(dischtime) OVER (PARTITION BY subject_id ORDER BY admittime) AS before FROM admissions) AS stays
        WHERE before > admittime""",
    "events-outside-of-their-stay": """
        SELECT count(*) FROM prescriptions r JOIN admissions a USING (hadm_id)
        WHERE r.startdate < a.admittime::date OR r.enddate > a.dischtime OR r.startdate > r.enddate""",
}


def create(folder: pathlib.Path) -> tuple[list[str], list[str]]:
    """Statements that make and fill the tables, and statements that add keys and references."""
    fill, keys = [], []
    for name, columns in TABLES.items():
        path = folder / f"{name}.csv"
        if not path.exists():
            continue
        lines = ", ".join(f"{c.rstrip('!')} {kind}{' NOT NULL' if c.endswith('!') else ''}" for c, kind in columns.items())
        fill.append(f"CREATE TABLE {name} ({lines})")
        fill.append(f"\\copy {name} FROM '{path}' CSV HEADER")
        keys.append(f"ALTER TABLE {name} ADD PRIMARY KEY (ROW_ID)")
        if name in UNIQUE:
            keys.append(f"ALTER TABLE {name} ADD UNIQUE ({UNIQUE[name]})")
    for name, columns in TABLES.items():
        if name == "ADMISSIONS":
            keys.append("ALTER TABLE ADMISSIONS ADD FOREIGN KEY (SUBJECT_ID) REFERENCES PATIENTS (SUBJECT_ID)")
        elif "SUBJECT_ID!" in columns and name != "PATIENTS" and (folder / f"{name}.csv").exists():
            keys.append(f"ALTER TABLE {name} ADD FOREIGN KEY (SUBJECT_ID) REFERENCES PATIENTS (SUBJECT_ID)")
            keys.append(f"ALTER TABLE {name} ADD FOREIGN KEY (HADM_ID) REFERENCES ADMISSIONS (HADM_ID)")
    return fill, keys


def main() -> int:
    folder = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="pg") as scratch:
        tables = pathlib.Path(scratch) / "tables"
        shutil.copytree(folder, tables)
        cluster = Cluster(pathlib.Path(scratch), "-c listen_addresses=''")
        try:
            def run(statements: list[str]) -> str:
                script = "\n".join(s if s.startswith("\\") else s + ";" for s in statements)
                done = subprocess.run(
                    [*cluster.user, "psql", "-h", scratch, "-U", "tester", "-d", "postgres", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1"],
                    input=script, capture_output=True, text=True)
                if done.returncode != 0:
                    print(done.stderr, file=sys.stderr)
                    sys.exit(1)
                return done.stdout.strip()

            fill, keys = create(tables)
            run(fill)
            run(keys)
            results = {name: run([query]) for name, query in QUERIES.items()}
            results["admissions"] = run(["SELECT count(*) FROM admissions"])
            print(json.dumps(results))
        finally:
            cluster.stop()
    return 0


sys.exit(main())
