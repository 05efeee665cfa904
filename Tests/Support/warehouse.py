"""A hospital's own engine, for tests and measurements: loads a folder of MIMIC-style CSV files and
runs the queries that `cloister-extractor sql` writes.

Usage: warehouse.py postgresql|duckdb|spark SCRATCH

Reads commands from standard input, one JSON object a line, and answers each with another:
  {"load": FOLDER}               makes tables from every CSV file in FOLDER, in a separate database
  {"run": FILE, "into": FOLDER}  runs a file of queries in FOLDER, as an administrator does
  {"execute": SQL}               runs a statement, for example one that makes views
The answer is {"seconds": S} or {"error": TEXT}. Tables have the types of MIMIC's own build scripts:
whole numbers, timestamps, text. The program stops the server, by its process id, when it ends.
"""

import contextlib
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from postgres_cluster import Cluster

WHOLE = {
    "row_id", "subject_id", "hadm_id", "seq_num", "anchor_age", "anchor_year", "icd_version", "hospital_expire_flag", "itemid", "expire_flag",
}
TIMES = {"dob", "admittime", "dischtime", "deathtime", "charttime", "startdate", "enddate", "starttime", "stoptime"}
NUMBERS = {"valuenum"}
TABLES = {
    "patients", "admissions", "diagnoses_icd", "procedures_icd", "cptevents", "prescriptions", "labevents", "d_icd_diagnoses",
    "d_icd_procedures", "d_labitems",
}


def files(folder: pathlib.Path):
    """Name, path and columns of each CSV table; of a plain and a compressed file, the plain one is used."""
    folder = folder / "hosp" if (folder / "hosp").is_dir() else folder
    for path in sorted(folder.iterdir()):
        name, _, ending = path.name.lower().partition(".")
        if name in TABLES and (ending == "csv" or ending == "csv.gz" and not path.with_suffix("").exists()):
            with (gzip.open if ending == "csv.gz" else open)(path, "rt", encoding="utf-8-sig") as file:
                columns = [column.strip().strip('"').lower() for column in file.readline().strip().split(",")]
            yield name, path.resolve(), columns


def kind(column: str, whole: str, time: str, number: str, text: str) -> str:
    return whole if column in WHOLE else time if column in TIMES else number if column in NUMBERS else text


class DuckDB:
    def __init__(self, scratch: pathlib.Path):
        import duckdb

        self.duckdb, self.path, self.connection = duckdb, scratch / "hospital.duckdb", None

    def writing(self):
        self.close()
        self.connection = self.duckdb.connect(str(self.path))
        return self.connection

    def load(self, folder: pathlib.Path):
        self.close()
        self.path.unlink(missing_ok=True)
        connection = self.writing()
        for name, path, columns in files(folder):
            types = {column: kind(column, "BIGINT", "TIMESTAMP", "DOUBLE", "VARCHAR") for column in columns}
            options = f"header = true, quote = '\"', escape = '\"', columns = {types!r}"
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{path}', {options})")

    def execute(self, statement: str):
        self.writing().execute(statement)

    def run(self, script: pathlib.Path, into: pathlib.Path):
        self.close()
        with contextlib.chdir(into), self.duckdb.connect(str(self.path), read_only=True) as connection:
            connection.execute(script.read_text())

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None


class PostgreSQL:
    """A separate cluster on a free port of 127.0.0.1; the role `reader` may only read."""

    def __init__(self, scratch: pathlib.Path):
        import socket

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        options = f"-h 127.0.0.1 -p {self.port} -c fsync=off -c max_wal_size=8GB -c shared_buffers=1GB -c work_mem=256MB"
        self.cluster = Cluster(scratch, options)
        self.psql("postgres", "tester", "CREATE ROLE reader LOGIN")

    def psql(self, database: str, user: str, sql: str = "", arguments=(), folder=None):
        done = subprocess.run(
            ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", self.port, "-U", user, "-d", database, *arguments],
            input=sql, text=True, capture_output=True, cwd=folder)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def load(self, folder: pathlib.Path):
        self.psql("postgres", "tester", "DROP DATABASE IF EXISTS hospital;\nCREATE DATABASE hospital;")
        for name, path, columns in files(folder):
            types = ", ".join(f"{column} {kind(column, 'bigint', 'timestamp(0)', 'double precision', 'text')}" for column in columns)
            self.psql("hospital", "tester", f"CREATE TABLE {name} ({types});\n\\copy {name} FROM PROGRAM 'gzip -dcf {path}' CSV HEADER\n")
        self.psql("hospital", "tester", "ANALYZE;\nGRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;")

    def execute(self, statement: str):
        self.psql("hospital", "tester", f"{statement};\nGRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;")

    def run(self, script: pathlib.Path, into: pathlib.Path):
        self.psql("hospital", "reader", arguments=["-f", script], folder=into)

    def close(self):
        self.cluster.stop()


class Spark:
    """Spark SQL in local mode; tables are views of Parquet files."""

    def __init__(self, scratch: pathlib.Path):
        from pyspark.sql import SparkSession

        self.scratch = scratch
        self.session = (
            SparkSession.builder.master("local[2]").appName("cloister").config("spark.ui.enabled", "false")
            .config("spark.driver.memory", "8g").config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", os.environ.get("SPARK_PARTITIONS", "4"))
            # The tables are small, so planning again after each stage takes longer than it saves.
            .config("spark.sql.adaptive.enabled", os.environ.get("SPARK_ADAPTIVE", "false"))
            .config("spark.sql.warehouse.dir", str(scratch / "spark-warehouse")).config("spark.local.dir", str(scratch))
            # Calendar fields must not depend on the time zone, so this one has daylight saving time.
            .config("spark.sql.session.timeZone", "America/New_York").getOrCreate())
        self.session.sparkContext.setLogLevel("ERROR")

    def load(self, folder: pathlib.Path):
        from pyspark.sql import types

        for view in self.session.catalog.listTables():
            self.session.catalog.dropTempView(view.name)
        for name, path, columns in files(folder):
            fields = [types.StructField(column, types.StringType()) for column in columns]
            # Quotes are doubled in these files.
            rows = self.session.read.csv(str(path), schema=types.StructType(fields), header=True, quote='"', escape='"')
            typed = [rows[c].cast(kind(c, "bigint", "timestamp", "double", "string")).alias(c) for c in columns]
            parquet = str(self.scratch / "parquet" / name)
            rows.select(typed).write.mode("overwrite").parquet(parquet)
            self.session.read.parquet(parquet).createOrReplaceTempView(name)

    def execute(self, statement: str):
        self.session.sql(statement.replace("CREATE VIEW", "CREATE TEMPORARY VIEW"))

    def run(self, script: pathlib.Path, into: pathlib.Path):
        # spark-sql runs the file unchanged in the file's own folder; this session needs full paths.
        text = script.read_text().replace("INSERT OVERWRITE DIRECTORY '", f"INSERT OVERWRITE DIRECTORY 'file:{into}/")
        for statement in text.split(";\n"):
            if any(line and not line.startswith("--") for line in statement.splitlines()):
                self.session.sql(statement)

    def close(self):
        self.session.stop()


def main() -> int:
    scratch = pathlib.Path(sys.argv[2]).resolve()
    engine = {"duckdb": DuckDB, "postgresql": PostgreSQL, "spark": Spark}[sys.argv[1]](scratch)
    try:
        for line in sys.stdin:
            command = json.loads(line)
            start = time.monotonic()
            try:
                if "load" in command:
                    engine.load(pathlib.Path(command["load"]))
                elif "run" in command:
                    into = pathlib.Path(command["into"])
                    shutil.rmtree(into, ignore_errors=True)
                    into.mkdir(parents=True)
                    engine.run(pathlib.Path(command["run"]).resolve(), into.resolve())
                else:
                    engine.execute(command["execute"])
                answer = {"seconds": round(time.monotonic() - start, 2)}
            except Exception as error:
                answer = {"error": str(error)[:4000]}
            print(json.dumps(answer), flush=True)
    finally:
        engine.close()
    return 0


sys.exit(main())
