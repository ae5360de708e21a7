#!/usr/bin/env bash
# Writes what the program for Linux is made of, with versions, licenses and digests, as a CycloneDX bill of materials:
# target/sbom/disentangle.cdx.json. Checks that no dependency is missing in it. Needs cargo-cyclonedx and Python.
set -euo pipefail
cd "$(dirname "$0")/.."
target=x86_64-unknown-linux-gnu
written=disentangle.cdx.json
trap 'rm -f $written' EXIT
cargo cyclonedx --quiet --format json --spec-version 1.5 --target $target --no-build-deps \
  --override-filename "${written%.json}"

folder="${CARGO_TARGET_DIR:-target}/sbom"
mkdir -p "$folder"
# Without the path of the folder that it was made in.
sed "s|file://$PWD|file:///disentangle|g" $written > "$folder/$written"
cargo tree --locked --target $target --edges normal --prefix none |
  python3 -c '
import json, sys
with open(sys.argv[1]) as file:
    listed = {(part["name"], part["version"]) for part in json.load(file)["components"]}
tree = {tuple(line.split()[:2]) for line in sys.stdin if not line.startswith("disentangle ")}
missing = sorted(part for part in tree if (part[0], part[1].removeprefix("v")) not in listed)
if missing:
    sys.exit(f"not in the bill of materials: {missing}")
print(len(tree), "dependencies are compiled in, and", len(listed), "are listed")' "$folder/$written"
echo "$folder/$written"
