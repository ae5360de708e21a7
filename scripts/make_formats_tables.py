"""Files of typed tables and of folders of arrays, as the libraries that people use write them.

Writes to fixtures/formats. Every file holds the same 40 samples: `tables_f8.npy` (40 × 6, float64),
its float32 form `tables_f4.npy`, and the columns of `tables.csv`.

    python scripts/make_formats_tables.py
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "formats"
ROWS, COLUMNS = 40, 6


def samples():
    random = np.random.default_rng(17)
    labels = np.arange(ROWS) * 7 % 3
    features = random.normal(size=(ROWS, COLUMNS)) + labels[:, None]
    names = np.array(["ant", "bee", "cat"])[labels]
    return features, labels, names


FEATURES, LABELS, NAMES = samples()


def frame():
    """The table as pandas holds it."""
    table = pd.DataFrame(FEATURES, columns=[f"f{c}" for c in range(COLUMNS)])
    table["f1"] = table["f1"].astype("float32")
    table["label"] = pd.Categorical(NAMES)
    table["batch"] = (np.arange(ROWS) // 10).astype("int16")
    table["site"] = [None if r == 3 else f"s{r % 4}" for r in range(ROWS)]
    table["kept"] = [r % 2 == 0 for r in range(ROWS)]
    table["day"] = pd.Timestamp("2026-01-30") + pd.to_timedelta(np.arange(ROWS), unit="D")
    table.index = [f"sample{r:02}" for r in range(ROWS)]
    return table


def arrow_vectors():
    """Vectors as lists of a fixed size, and as lists."""
    flat = pa.array(FEATURES.astype("float32").ravel())
    fixed = pa.FixedSizeListArray.from_arrays(flat, COLUMNS)
    offsets = pa.array(np.arange(ROWS + 1, dtype="int32") * COLUMNS)
    lists = pa.ListArray.from_arrays(offsets, flat)
    names = pa.array(NAMES).dictionary_encode()
    return (
        pa.table({"embedding": fixed, "label": names}),
        pa.table({"embedding": lists, "label": names}),
    )


def arrow_nulls():
    """A column of each type with an empty cell in row 2, and another one without."""
    hidden = np.arange(ROWS) == 2
    numbers = {f"v{c}": pa.array(FEATURES[:, c], mask=hidden) for c in range(2)}
    whole = pa.array(np.arange(ROWS, dtype="int64") % 5, mask=hidden)
    return pa.table(
        {
            **numbers,
            "whole": whole,
            "half": pa.array(FEATURES[:, 2].astype("float16")),
            "tiny": pa.array((np.arange(ROWS) - 20).astype("int8")),
            "large": pa.array(np.arange(ROWS).astype("uint64") + 2**60),
            "truth": pa.array(np.arange(ROWS) % 2 == 0, mask=hidden),
            "text": pa.array([None if r == 2 else f"t{r % 3}" for r in range(ROWS)]),
        }
    )


def tables():
    np.save(FOLDER / "tables_f8.npy", FEATURES)
    np.save(FOLDER / "tables_f4.npy", FEATURES.astype("float32"))
    frame().to_csv(FOLDER / "tables.csv")
    arrow_nulls().to_pandas().to_csv(FOLDER / "tables_nulls.csv", index=False)


def parquet():
    for compression in ["none", "snappy", "gzip", "zstd", "lz4"]:
        frame().to_parquet(FOLDER / f"pandas_{compression}.parquet", compression=compression)
    fixed, lists = arrow_vectors()
    pa.parquet.write_table(fixed, FOLDER / "vectors_fixed.parquet")
    pa.parquet.write_table(lists, FOLDER / "vectors_lists.parquet")
    pa.parquet.write_table(
        arrow_nulls(),
        FOLDER / "nulls_v2.parquet",
        data_page_version="2.0",
        row_group_size=16,
        compression="zstd",
    )
    pa.parquet.write_table(
        arrow_nulls(),
        FOLDER / "nulls_delta.parquet",
        use_dictionary=False,
        column_encoding={
            "v0": "BYTE_STREAM_SPLIT",
            "v1": "BYTE_STREAM_SPLIT",
            "whole": "DELTA_BINARY_PACKED",
            "large": "DELTA_BINARY_PACKED",
            "text": "DELTA_BYTE_ARRAY",
        },
    )
    pa.parquet.write_table(fixed, FOLDER / "vectors_brotli.parquet", compression="brotli")


def main():
    FOLDER.mkdir(exist_ok=True)
    tables()
    parquet()


if __name__ == "__main__":
    main()
