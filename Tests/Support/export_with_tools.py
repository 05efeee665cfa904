"""Exports the CSV files of a folder with real tools, each in several ways.

    export_with_tools.py FOLDER OUT

Writes OUT/TOOL WAY/ for each way. ExportToolTests.swift says what must come of each.
"""
import csv
import glob
import os
import sys

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.csv
import pyspark.sql

folder, out = sys.argv[1:]
tables = sorted(os.path.basename(path)[:-4] for path in glob.glob(f"{folder}/*.csv"))
dates = {"ADMITTIME", "DISCHTIME", "DEATHTIME", "DOB", "DOD"}
codes = {"ICD9_CODE": str}
text = {"dtype": str, "keep_default_na": False}


def header(table):
    with open(f"{folder}/{table}.csv", encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def export(name, write):
    """Calls write(path of the table, path to write without an ending) for each table."""
    os.makedirs(f"{out}/{name}")
    for table in tables:
        write(table, f"{out}/{name}/{table}")


def with_pandas(name, read, ending=".csv", **ways):
    def write(table, path):
        if read.get("parse_dates"):
            read["parse_dates"] = [column for column in header(table) if column in dates]
        frame = pandas.read_csv(f"{folder}/{table}.csv", **read)
        frame.to_csv(path + ending, **{"index": False, **ways})

    export(f"pandas {name}", write)


with_pandas("default", {})
with_pandas("index", text, index=True)
with_pandas("codes as text", {"dtype": codes})
with_pandas("missing as NULL", {"dtype": str}, na_rep="NULL")
with_pandas("dates", {"dtype": str, "parse_dates": True})
with_pandas("dates with T", {"dtype": str, "parse_dates": True}, date_format="%Y-%m-%dT%H:%M:%SZ")
with_pandas("German dates", {"dtype": str, "parse_dates": True}, date_format="%d.%m.%Y %H:%M")
with_pandas("quotes", text, quoting=csv.QUOTE_ALL)
with_pandas("single quotes", text, quoting=csv.QUOTE_ALL, quotechar="'")
with_pandas("backslashes", text, doublequote=False, escapechar="\\")
with_pandas("CRLF", text, lineterminator="\r\n")
with_pandas("CR", text, lineterminator="\r")
with_pandas("byte order mark", text, encoding="utf-8-sig")
with_pandas("UTF-16", text, encoding="utf-16")
with_pandas("Latin-1", text, encoding="latin-1")
with_pandas("semicolons", text, sep=";")
with_pandas("tabs", text, sep="\t")
with_pandas("no header", text, header=False)
for kind in ["gz", "bz2", "xz", "zip"]:
    with_pandas(kind, text, f".csv.{kind}")
with_pandas("gz without its name", text, compression="gzip")


def arrow(types):
    def write(table, path):
        options = pyarrow.csv.ConvertOptions(column_types=types(table))
        read = pyarrow.csv.read_csv(f"{folder}/{table}.csv", convert_options=options)
        pyarrow.csv.write_csv(read, f"{path}.csv")

    return write


export("Arrow default", arrow(lambda table: {}))
export("Arrow text", arrow(lambda table: {column: pyarrow.string() for column in header(table)}))


def with_polars(name, infer, ending=".csv", parse=False, **ways):
    def write(table, path):
        frame = polars.read_csv(f"{folder}/{table}.csv", infer_schema=infer, try_parse_dates=parse)
        frame.write_csv(path + ending, **ways)

    export(f"Polars {name}", write)


with_polars("default", True)
with_polars("text", False)
with_polars("microseconds", False, parse=True, datetime_format="%Y-%m-%d %H:%M:%S%.6f")
with_polars("quotes", False, quote_style="always", include_bom=True)
with_polars("missing as null", False, null_value="null")


def with_duckdb(name, ways="", ending=".csv", read=", all_varchar = true"):
    def write(table, path):
        rows = f"read_csv('{folder}/{table}.csv', header = true{read})"
        duckdb.sql(f"COPY (FROM {rows}) TO '{path}{ending}' (FORMAT csv, HEADER{ways})")

    export(f"DuckDB {name}", write)


with_duckdb("default", read="")
with_duckdb("text")
with_duckdb("quotes", ", FORCE_QUOTE *")
with_duckdb("zstd", ", COMPRESSION zstd", ".csv.zst")
with_duckdb("missing as NULL", ", NULLSTR 'NULL'")
with_duckdb("pipes", ", DELIMITER '|'")
with_duckdb("parts", ", PER_THREAD_OUTPUT", "")
export(
    "DuckDB Parquet",
    lambda table, path: duckdb.sql(f"COPY (FROM '{folder}/{table}.csv') TO '{path}.parquet'"))

spark = pyspark.sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()


def with_spark(name, read=(), **ways):
    def write(table, path):
        rows = spark.read.options(header=True, escape='"', **dict(read)).csv(f"{folder}/{table}.csv")
        rows.write.options(**{"header": True, "escape": '"', **ways}).csv(f"{path}.csv")

    export(f"Spark {name}", write)


with_spark("text", emptyValue="")
with_spark("default", {"inferSchema": True}, emptyValue="")
with_spark("gz", compression="gzip")
with_spark("backslashes", escape="\\")
with_spark("no header", header=False)
with_spark("missing as NULL", nullValue="NULL")
