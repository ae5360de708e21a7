#!/usr/bin/env python3
"""Reference values for the clusters: scikit-learn's HDBSCAN on the digits of fixtures/.

Writes fixtures/golden/clusters.json. Usage: python scripts/make_golden_clusters.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.cluster import HDBSCAN

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
SETTINGS = [(5, 5), (10, 5), (15, 5), (10, 10), (25, 10), (50, 2)]


def main():
    digits = np.load(FIXTURES / "digits_penultimate.npy").astype(np.float64)
    settings = []
    for smallest, min_samples in SETTINGS:
        model = HDBSCAN(min_cluster_size=smallest, min_samples=min_samples, copy=True)
        labels = model.fit_predict(digits)
        settings.append(
            {
                "min_cluster_size": smallest,
                "min_samples": min_samples,
                "labels": labels.tolist(),
            }
        )
    found = {
        "about": "HDBSCAN of digits_penultimate.npy; labels: clusters, -1 for noise",
        "made_by": f"python scripts/make_golden_clusters.py, scikit-learn {sklearn.__version__}",
        "settings": settings,
    }
    (FIXTURES / "golden" / "clusters.json").write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
