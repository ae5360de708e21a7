#!/usr/bin/env python3
"""Run every line of advice in src/dataset/formats/foreign.toml on a file that a real package wrote.

Each file holds the same table; what the advice makes of it must hold it, too. With --program, the
program's message for the file must contain the advice. What needs a package or program that is not
installed is skipped with a line.

    python scripts/check_advice.py [--program target/debug/disentangle]
"""

import argparse
import contextlib
import csv
import gzip
import importlib
import io
import json
import pickle
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import warnings
import zipfile
from pathlib import Path

TABLE = Path(__file__).parent.parent / "src" / "dataset" / "formats" / "foreign.toml"
COLUMNS = ["a", "b", "c"]
ROWS = [[0.5, -1.25, 3.0], [2.0, 8.5, -0.125], [4.75, 1.0, 6.5]]
CSV = "\n".join([",".join(COLUMNS), *(",".join(map(str, row)) for row in ROWS)]) + "\n"


class Missing(Exception):
    pass


def need(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Missing(f"the package {name} is missing") from None


def tool(name):
    if shutil.which(name) is None:
        raise Missing(f"the program {name} is missing")
    return name


def frame():
    return need("pandas").DataFrame(ROWS, columns=COLUMNS)


def array():
    return need("numpy").array(ROWS)


def write_sqlite(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        frame().to_sql("samples", database, index=False)


def write_arff(path):
    lines = ["% made by hand", "@RELATION samples", *(f"@ATTRIBUTE {c} NUMERIC" for c in COLUMNS)]
    path.write_text("\n".join([*lines, "@DATA", *CSV.splitlines()[1:], ""]))


def write_quoted_arff(path):
    """Packed, with a string and quotes, which scipy does not read."""
    lines = ["@relation 'my samples'", "@attribute 'first a' numeric", "@attribute b numeric"]
    lines += ["@attribute c string", "@data", "1,?,'red, \\'wild\\''", "% a comment", "2,0.5,'blue'"]
    path.write_bytes(gzip.compress("\n".join([*lines, ""]).encode()))


def write_time_series(path):
    head = ["# made by hand", "@problemName samples", "@univariate true", "@classLabel true a b", "@data"]
    rows = ["0.5,-1.25:a", "2.0, 8.5:b"]
    path.write_text("\n".join([*head, *rows, ""]))


def write_orange(path):
    """The table as it stands, with the two lines that are taken out."""
    head, *rows = CSV.replace(",", "\t").splitlines()
    path.write_text("\n".join([head, "continuous\tc\tc", "meta\t\t", *rows, ""]))


def write_orange_types(path):
    """The table with the line of types alone."""
    head, *rows = CSV.splitlines()
    path.write_text("\n".join([head, "continuous,c,c", *rows, ""]))


def write_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("table.csv", CSV)


def write_tar(path):
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("table.csv")
        member.size = len(CSV)
        archive.addfile(member, io.BytesIO(CSV.encode()))


def write_joblib(path, **options):
    need("joblib").dump(array(), path, **options)


def write_feather(path):
    arrow = need("pyarrow")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        need("pyarrow.feather").write_feather(arrow.Table.from_pandas(frame()), str(path), version=1)


def through(*command):
    def write(path):
        tool(command[0])
        packed = subprocess.run(command, input=CSV.encode(), stdout=subprocess.PIPE, check=True)
        path.write_bytes(packed.stdout)
    return write


def in_r(code):
    def write(path):
        tool("Rscript")
        (path.parent / "made.csv").write_text(CSV)
        code_ = f't <- read.csv("made.csv"); {code.replace("{file}", path.name)}'
        subprocess.run(["Rscript", "-e", code_], cwd=path.parent, check=True)
    return write


def write_excel(path):
    need("openpyxl")
    frame().to_excel(path, index=False)


def write_old_excel(path):
    need("xlrd")
    book = need("xlwt").Workbook()
    sheet = book.add_sheet("samples")
    for i, row in enumerate([COLUMNS, *ROWS]):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell)
    book.save(str(path))


def write_lfs(path):
    if subprocess.run(["git", "lfs", "version"], capture_output=True).returncode:
        raise Missing("the program git-lfs is missing")
    raise Missing("it needs a server")


# How a file of each kind is made.
MAKERS = {
    "git-lfs": write_lfs,
    "xml": lambda path: frame().to_xml(path, index=False, parser="etree"),
    "html-table": lambda path: frame().to_html(path, index=False),
    "json-split": lambda path: frame().to_json(path, orient="split"),
    "json-columns": lambda path: frame().to_json(path),
    "json-index": lambda path: frame().to_json(path, orient="index"),
    "json-values": lambda path: frame().to_json(path, orient="values"),
    "json-lists": lambda path: path.write_text(json.dumps(frame().to_dict("list"))),
    "json-wrapped": lambda path: path.write_text(json.dumps({"data": frame().to_dict("records")})),
    "json-series": lambda path: frame()[COLUMNS[0]].to_json(path),
    "json-words": lambda path: path.write_text(json.dumps(COLUMNS)),
    "arff": write_arff,
    "time-series": write_time_series,
    "orange": write_orange,
    "orange-types": write_orange_types,
    "zip": write_zip,
    "xlsx": write_excel,
    "xls": write_old_excel,
    "pickle": lambda path: path.write_bytes(pickle.dumps(array())),
    "pickle-pandas": lambda path: frame().to_pickle(path),
    "pickle-scipy": lambda path: path.write_bytes(
        pickle.dumps(need("scipy.sparse").csr_matrix(array()))
    ),
    "pickle-joblib": write_joblib,
    "zlib": lambda path: write_joblib(path, compress=("zlib", 3)),
    "rds": in_r('saveRDS(t, "{file}")'),
    "rdata": in_r('save(t, file = "{file}")'),
    "stata": lambda path: frame().to_stata(path, write_index=False, version=118),
    "orc": lambda path: (need("pyarrow.orc"), frame().to_orc(path, index=False)),
    "feather-1": write_feather,
    "sqlite": write_sqlite,
    "tar": write_tar,
    "lz4": through("lz4", "-c"),
    "lzma": through("xz", "--format=lzma", "-c"),
    "compress": through("compress", "-c"),
}


# What the advice makes of files that hold no whole table.
LINES = {
    "time-series": ("table.csv", ["t0,t1,label", "0.5,-1.25,a", "2.0,8.5,b"]),
    "json-series": ("labels.txt", [str(row[0]) for row in ROWS]),
    "json-words": ("labels.txt", COLUMNS),
    "json-values": ("table.csv", ["0,1,2", *CSV.splitlines()[1:]]),
}


def run(kind, path):
    code = kind["advice"].replace("{file}", path.name)
    command = {
        "Python": [sys.executable, "-W", "ignore", "-c", code],
        "R": ["Rscript", "-e", code],
        "shell": ["bash", "-c", code],
    }[kind["language"]]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True)
    if done.returncode:
        package = re.search("No module named '([^']+)'", done.stderr)
        if package:
            raise Missing(f"the package {package[1]} is missing")
        raise AssertionError(f"it fails: {done.stderr.strip().splitlines()[-1:]}")


def numbers(folder):
    """The table that the advice left, whatever it is called."""
    for name in ["features.npy", "features.npz", "table.jsonl", "table.csv", "table.tsv", "unpacked", "table.arrow"]:
        path = folder / name
        if not path.exists():
            continue
        if name == "features.npy":
            return need("numpy").load(path).tolist()
        if name == "features.npz":
            return need("scipy.sparse").load_npz(path).toarray().tolist()
        if name == "table.jsonl":
            return need("pandas").read_json(path, lines=True).to_numpy().tolist()
        if name == "table.arrow":
            return need("pyarrow.feather").read_feather(path).to_numpy().tolist()
        head, *rows = path.read_text().replace('"', "").replace("\t", ",").splitlines()
        assert head.split(",") == COLUMNS, head
        return [[float(cell) for cell in row.split(",")] for row in rows]
    raise AssertionError("it leaves no file")


def check(kind, program):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"data.{kind['name']}"
        MAKERS[kind["name"]](path)
        run(kind, path)
        if kind["name"] in LINES:
            name, expected = LINES[kind["name"]]
            found = (Path(folder) / name).read_text().splitlines()
            assert found == expected, found
        else:
            found = numbers(Path(folder))
            assert found == ROWS, found
        if program is None:
            return
        said = subprocess.run([program, "inspect", path.name], cwd=folder, capture_output=True, text=True)
        said = said.stdout + said.stderr
        for expected in [kind["problem"], kind["advice"].replace("{file}", path.name)]:
            assert expected in said, f"the message is {said!r}"


def check_quoted_arff(kind):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.arff.gz"
        write_quoted_arff(path)
        run(kind, path)
        rows = list(csv.reader((Path(folder) / "table.csv").open()))
        assert rows[0] == ["first a", "b", "c"], rows
        assert rows[1:] == [["1", "", "red, 'wild'"], ["2", "0.5", "blue"]], rows


def check_object_arrays(kind):
    """Each expression of the advice makes plain values of the array that it is for."""
    np = need("numpy")
    equal, unequal = np.empty(3, object), np.empty(2, object)
    equal[:] = [np.array(row) for row in ROWS]
    unequal[:] = [np.array(ROWS[:1]), np.array(ROWS[1:])]
    arrays = [np.array(["a", "b"], object), equal, unequal]
    expected = [["a", "b"], ROWS, ROWS]
    expressions = re.findall("`([^`]+)`", kind["advice"])
    for expression, array, result in zip(expressions, arrays, expected, strict=True):
        made = eval(expression, {"np": np, "array": array})
        assert made.dtype != object and made.tolist() == result, expression


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=Path)
    program = parser.parse_args().program
    program = program and program.resolve()
    kinds = tomllib.loads(TABLE.read_text())["kinds"]
    failed = False
    for kind in kinds:
        try:
            if kind["name"] == "object-array":
                check_object_arrays(kind)
            elif "language" in kind:
                check(kind, program)
                if kind["name"] == "arff":
                    check_quoted_arff(kind)
            else:
                continue
            print(f"ok {kind['name']}")
        except Missing as missing:
            print(f"skipped {kind['name']}: {missing}")
        except Exception as problem:
            failed = True
            print(f"failed {kind['name']}: {type(problem).__name__}: {problem}")
    sys.exit(failed)


main()
