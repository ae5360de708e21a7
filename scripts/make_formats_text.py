#!/usr/bin/env python3
"""Makes the files of fixtures/formats/text/ with the libraries that write them.

    python scripts/make_formats_text.py

All hold the same 12 samples of 5 features (features.npy, float64) in 3 classes, as pandas, NumPy,
SciPy and scikit-learn write them. What R and gensim write is written here by their documented form:
`write.table` and `write.csv` with their defaults, and word2vec text with its first line of counts.
tests/formats/text.rs compares what is read with the array. Versions: requirements-formats.txt.
"""

import json
import os

import numpy as np
import pandas as pd
import scipy.io
import scipy.sparse
import sklearn.datasets

FOLDER = os.path.join(os.path.dirname(__file__), "..", "fixtures", "formats", "text")


def path(name):
    return os.path.join(FOLDER, name)


def write(name, lines):
    with open(path(name), "w", newline="") as file:
        file.write("".join(line + "\n" for line in lines))


def in_pandas(x, labels, frame):
    frame.to_csv(path("pandas_index.csv"))
    frame.to_csv(path("pandas_tabs.tsv"), sep="\t", index=False)
    frame.to_csv(path("pandas_decimal_comma.csv"), sep=";", decimal=",", index=False)
    pd.DataFrame(x).to_csv(path("pandas_numbered.csv"), index=False)
    pd.DataFrame(x).to_csv(path("pandas_numbered_index.csv"))
    numbered = pd.DataFrame(x)
    numbered["label"] = labels
    numbered.to_csv(path("pandas_numbered_label.csv"), index=False)
    frame.to_json(path("pandas_records.json"), orient="records", double_precision=15)
    bits = pd.get_dummies(frame["label"])
    bits.to_csv(path("pandas_dummies.csv"), index=False)
    frame.assign(first=np.where(np.arange(len(x)) == 3, np.nan, x[:, 0])).drop(columns="a").to_csv(
        path("pandas_missing.csv"), index=False, na_rep="?"
    )
    labels_table = pd.Series(labels, name="kind")
    labels_table.to_csv(path("pandas_series.csv"))


def in_numpy(x, codes):
    np.savetxt(path("savetxt.txt"), x)
    np.savetxt(path("savetxt_short.txt"), x, fmt="%.4f")
    np.savetxt(path("savetxt_labels.txt"), np.column_stack([x, codes]), header="a b c d e label")
    np.savetxt(path("savetxt.csv"), x, delimiter=",", header="five columns of features")


def in_r(x, labels):
    """`write.table(d)`, `write.csv(d)` and `write.table(d, sep = "\\t", quote = FALSE)`."""
    header = [f'"V{c + 1}"' for c in range(x.shape[1])] + ['"Species"']
    # R writes 15 significant digits.
    rows = [[f"{v:.15g}" for v in row] for row in x]
    cells = [[f'"{r + 1}"', *row, f'"{label}"'] for r, (row, label) in enumerate(zip(rows, labels))]
    write("r_table.txt", [" ".join(row) for row in [header, *cells]])
    write("r_table.csv", [",".join(row) for row in [['""', *header], *cells]])
    plain = [[cell.strip('"') for cell in row] for row in [header, *cells]]
    write("r_table.tsv", ["\t".join(row) for row in plain])


def in_libsvm(x, codes):
    sparse = np.where(np.abs(x) < 0.6, 0, x)
    sparse[:, -1] = x[:, -1]
    np.save(path("sparse.npy"), sparse)
    for name, is_zero_based in [("libsvm_from_0.txt", True), ("libsvm_from_1.txt", False)]:
        sklearn.datasets.dump_svmlight_file(
            sparse, codes, path(name), zero_based=is_zero_based, comment="three classes"
        )
    sklearn.datasets.dump_svmlight_file(
        sparse, codes, path("libsvm_queries.txt"), zero_based=False, query_id=np.arange(12) // 4
    )
    lines = open(path("libsvm_from_1.txt")).read().splitlines()
    write("libsvm_plain.txt", [line for line in lines if not line.startswith("#")])
    return sparse


def in_matrix_market(x, sparse):
    scipy.io.mmwrite(path("market_array.mtx"), x, precision=17)
    scipy.io.mmwrite(path("market_sparse.mtx"), scipy.sparse.coo_matrix(sparse), precision=17)
    whole = np.round(3 * x).astype(int)
    np.save(path("whole.npy"), whole)
    scipy.io.mmwrite(path("market_whole.mtx"), scipy.sparse.coo_matrix(whole))
    pattern = scipy.sparse.coo_matrix(whole > 0)
    scipy.io.mmwrite(path("market_pattern.mtx"), pattern, field="pattern")
    symmetric = x @ x.T
    np.save(path("symmetric.npy"), symmetric)
    scipy.io.mmwrite(path("market_symmetric.mtx"), symmetric, symmetry="symmetric", precision=17)
    scipy.io.mmwrite(
        path("market_symmetric_sparse.mtx"),
        scipy.sparse.coo_matrix(symmetric),
        symmetry="symmetric",
        precision=17,
    )


def in_json(x, labels):
    rows = [
        {"id": f"doc {i}", "label": label, "embedding": row.tolist(), "is_new": bool(i % 2)}
        for i, (row, label) in enumerate(zip(x, labels))
    ]
    write("rows.jsonl", [json.dumps(row) for row in rows])
    write("lists.jsonl", [json.dumps(row.tolist()) for row in x])
    with open(path("lists.json"), "w") as file:
        json.dump(x.tolist(), file, indent=1)
    images = x[:, :4].reshape(-1, 2, 2)
    write("nested.jsonl", [json.dumps({"pixels": image.tolist()}) for image in images])
    rows[3]["embedding"][2] = float("nan")
    write("nan.jsonl", [json.dumps(row) for row in rows])


def of_words(x, labels):
    words = ["the", "#", '"', "of", "0.5", "''", '"the', "to", "naïve", "a,b", "/", "end"]
    vectors = [" ".join(repr(float(v)) for v in row) for row in x]
    lines = [f"{word} {vector}" for word, vector in zip(words, vectors)]
    write("glove.txt", lines)
    # gensim and word2vec end lines with a blank in some versions.
    write("word2vec.txt", [f"{len(x)} {x.shape[1]}"] + [line + " " for line in lines])
    write("projector_tensors.tsv", ["\t".join(map(repr, map(float, row))) for row in x])
    pairs = [f"{word}\t{label}" for word, label in zip(words, labels)]
    write("projector_metadata.tsv", ["word\tkind"] + pairs)
    write("projector_one_column.tsv", words)


def main():
    os.makedirs(FOLDER, exist_ok=True)
    random = np.random.default_rng(17)
    codes = np.repeat([0, 1, 2], 4)
    x = random.normal(size=(12, 5)) + codes[:, None]
    labels = np.array(["ash", "birch", "cedar"])[codes]
    np.save(path("features.npy"), x)
    frame = pd.DataFrame(x, columns=list("abcde")).assign(label=labels)
    in_pandas(x, labels, frame)
    in_numpy(x, codes)
    in_r(x, labels)
    sparse = in_libsvm(x, codes)
    in_matrix_market(x, sparse)
    in_json(x, labels)
    of_words(x, labels)


if __name__ == "__main__":
    main()
