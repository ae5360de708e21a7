"""Files of typed tables and of folders of arrays, as the libraries that people use write them.

Writes to fixtures/formats. Every file holds the same 40 samples: `tables_f8.npy` (40 × 6, float64),
its float32 form `tables_f4.npy`, and the columns of `tables.csv`.

    python scripts/make_formats_tables.py
"""

from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import scipy.io
import scipy.sparse

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
    np.save(FOLDER / "tables_f2.npy", FEATURES.astype("float16"))
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


def parquet_encodings():
    """The same values in each encoding, with pages of few values."""
    rows = np.arange(ROWS)
    hidden = rows % 7 == 3
    values = {
        "single": pa.array(FEATURES[:, 0].astype("float32")),
        "double": pa.array(FEATURES[:, 0]),
        "int": pa.array((rows * 37 % 11 - 5).astype("int32")),
        "long": pa.array(rows * rows - 2**40, mask=hidden),
        "text": pa.array([f"t{r * 5 % 13}" * (r % 3) + "." for r in rows], mask=hidden),
        "truth": pa.array(rows % 3 == 0, mask=hidden),
    }
    of_numbers = ["PLAIN", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT"]
    of_integers = [*of_numbers, "DELTA_BINARY_PACKED"]
    encodings = {
        "single": of_numbers,
        "double": of_numbers,
        "int": of_integers,
        "long": of_integers,
        "text": ["PLAIN", "RLE_DICTIONARY", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
        "truth": ["PLAIN", "RLE"],
    }
    each = {f"{kind} {encoding}": encoding for kind in values for encoding in encodings[kind]}
    table = pa.table({name: values[name.split()[0]] for name in each})
    for version in ["1.0", "2.0"]:
        pa.parquet.write_table(
            table,
            FOLDER / f"encodings_v{version[0]}.parquet",
            data_page_version=version,
            data_page_size=16,
            write_batch_size=5,
            row_group_size=25,
            use_dictionary=[name for name in each if each[name] == "RLE_DICTIONARY"],
            column_encoding={name: e for name, e in each.items() if e != "RLE_DICTIONARY"},
        )


def arrow():
    for compression in ["uncompressed", "lz4", "zstd"]:
        path = FOLDER / f"pandas_{compression}.feather"
        pa.feather.write_feather(frame(), path, compression=compression)
    pa.feather.write_feather(arrow_vectors()[0].to_pandas()[["label"]], FOLDER / "v1.feather", version=1)
    fixed, lists = arrow_vectors()
    pa.feather.write_feather(fixed, FOLDER / "vectors_fixed.feather")
    stream(fixed, "vectors_fixed.arrows")
    stream(lists, "vectors_lists.arrows")
    nulls = arrow_nulls()
    views = nulls["text"].cast(pa.string_view())
    long = pa.array([f"a text of more than twelve bytes, {r % 2}" for r in range(ROWS)])
    nulls = nulls.append_column("view", views)
    nulls = nulls.append_column("long", long.cast(pa.string_view()))
    nulls = nulls.append_column("large_text", nulls["text"].cast(pa.large_string()))
    nulls = nulls.append_column("skipped", pa.array([{"a": 1, "b": [r]} for r in range(ROWS)]))
    nulls = nulls.append_column("cents", pa.array([r % 3 for r in range(ROWS)]).cast(pa.decimal128(23, 2)))
    nulls = nulls.append_column("last", pa.array([f"l{r % 3}" for r in range(ROWS)]))
    stream(nulls, "nulls.arrows")


def stream(table, name):
    """A stream of batches of 16 rows, the dictionary of each batch being its own."""
    with pa.OSFile(str(FOLDER / name), "wb") as file:
        with pa.ipc.new_stream(file, table.schema) as writer:
            for batch in table.to_batches(max_chunksize=16):
                columns = [
                    c.dictionary_decode().dictionary_encode() if pa.types.is_dictionary(c.type) else c
                    for c in batch.columns
                ]
                writer.write_batch(pa.record_batch(columns, schema=table.schema))


def hdf5():
    """Arrays in folders, laid out and packed in all usual ways."""
    features = FEATURES.astype("float32")
    for version in ["earliest", "v110", "latest"]:
        with h5py.File(FOLDER / f"arrays_{version}.h5", "w", libver=version) as file:
            file["train/features"] = features
            file.create_dataset("train/chunks", data=features, chunks=(7, 6))
            file.create_dataset("train/wide", data=FEATURES, chunks=(16, 4), compression="gzip", shuffle=True)
            file["train/labels"] = LABELS
            file["train/names"] = NAMES.astype("S3")
            file["single"] = features[:, :5]
    with h5py.File(FOLDER / "packed.h5", "w", libver="v110") as file:
        file.create_dataset("lzf", data=features, compression="lzf")
        file.create_dataset("checked", data=features, fletcher32=True, chunks=(10, 6))
        file.create_dataset("half", data=features.astype("float16"), compression="gzip")
        file.create_dataset("big", data=FEATURES.astype(">f8"))
        file.create_dataset("whole", data=(LABELS - 5).astype("int16"), compression="gzip")
        file.create_dataset("truth", data=LABELS == 1)
        file.create_dataset("text", data=NAMES.astype(object), dtype=h5py.string_dtype())
        file.create_dataset("growing", data=features, maxshape=(None, 6), chunks=(7, 6))
        file.create_dataset("empty", shape=(ROWS, 3), dtype="f4", fillvalue=2.5)
        file.create_dataset("pair", data=np.zeros(3, dtype=[("a", "f4"), ("b", "i4")]))
    with h5py.File(FOLDER / "keras.h5", "w") as file:
        file["features"] = features
        file["labels"] = LABELS


def annotated():
    """What single-cell tools write."""
    observations = pd.DataFrame(
        {
            "cell_type": pd.Categorical(np.where(np.arange(ROWS) == 3, None, NAMES)),
            "n_counts": np.arange(ROWS, dtype="float64"),
            "batch": [f"b{r % 2}" for r in range(ROWS)],
        },
        index=[f"cell{r:02}" for r in range(ROWS)],
    )
    counts = np.round(np.abs(FEATURES)).astype("float32")
    variables = pd.DataFrame(index=[f"g{c}" for c in range(COLUMNS)])
    data = anndata.AnnData(counts, var=variables, obs=observations, obsm={"X_pca": FEATURES, "X_umap": FEATURES[:, :2].copy()})
    with h5py.File(FOLDER / "dense.h5ad", "w", libver="v110") as file:
        anndata.io.write_elem(file, "/", data)
    data.X = scipy.sparse.csr_matrix(counts)
    del data.obsm["X_pca"], data.obsm["X_umap"]
    data.obs = data.obs[["cell_type"]]
    with h5py.File(FOLDER / "sparse.h5ad", "w", libver="v110") as file:
        anndata.io.write_elem(file, "/", data, dataset_kwargs={"compression": "gzip"})
    np.save(FOLDER / "counts.npy", counts)


def matlab():
    """What scipy writes for MATLAB; MATLAB's newer files are HDF5."""
    content = {
        "features": FEATURES,
        "single": FEATURES.astype("float32"),
        "labels": LABELS.astype("uint8")[:, None],
        "names": np.array(NAMES, dtype=object),
        "letters": NAMES,
        "truth": (LABELS == 1)[:, None],
        "counts": scipy.sparse.csc_matrix(np.round(np.abs(FEATURES))),
        "whole": (np.arange(ROWS * 2).reshape(ROWS, 2) - 40).astype("int32"),
        "nested": {"a": 1.0},
    }
    scipy.io.savemat(FOLDER / "plain.mat", content)
    scipy.io.savemat(FOLDER / "packed.mat", content, do_compression=True)
    scipy.io.savemat(FOLDER / "old.mat", {"features": FEATURES, "labels": LABELS}, format="4")
    with h5py.File(FOLDER / "v73.mat", "w", userblock_size=512, libver="v110") as file:
        # As MATLAB writes it: arrays are transposed, text is 16-bit codes, cells are references.
        file.create_dataset("features", data=FEATURES.T).attrs["MATLAB_class"] = np.bytes_("double")
        file.create_dataset("labels", data=LABELS[None, :].astype("f8")).attrs["MATLAB_class"] = np.bytes_("double")
        cells = file.create_dataset("names", shape=(1, ROWS), dtype=h5py.ref_dtype)
        cells.attrs["MATLAB_class"] = np.bytes_("cell")
        for r, name in enumerate(NAMES):
            codes = np.array([ord(c) for c in name], dtype="uint16")[:, None]
            text = file.create_dataset(f"#refs#/{r}", data=codes)
            text.attrs["MATLAB_class"] = np.bytes_("char")
            cells[0, r] = text.ref
    head = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Fri Jan 30 2026 HDF5 schema 1.00 ."
    with open(FOLDER / "v73.mat", "r+b") as file:
        file.write(head.ljust(116) + bytes(8) + b"\x00\x02IM")


def main():
    FOLDER.mkdir(exist_ok=True)
    tables()
    parquet()
    parquet_encodings()
    arrow()
    hdf5()
    annotated()
    matlab()


if __name__ == "__main__":
    main()
