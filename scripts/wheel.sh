#!/usr/bin/env bash
# Builds the Python wheel for Linux: the program of scripts/portable.sh, its manual pages, and completions for bash, zsh
# and fish. On the same type of processor, installs it into an empty environment, and uses the program there. For
# another type, name what runs its programs here. The last line is the path of the wheel.
#
#   scripts/wheel.sh
#   RUNNER="qemu-aarch64-static -L /usr/aarch64-linux-gnu" scripts/wheel.sh aarch64
set -euo pipefail
cd "$(dirname "$0")/.."
arch=${1:-x86_64}
runner=${RUNNER:-}
scripts/portable.sh "$arch"
built="${CARGO_TARGET_DIR:-target}"
program=$(realpath "$built/$arch-unknown-linux-gnu/dist/disentangle")

# What maturin takes into the wheel, and pip puts under the prefix of the environment.
share=disentangle.data/data/share
trap 'rm -rf disentangle.data' EXIT
rm -rf disentangle.data
mkdir -p $share/bash-completion/completions $share/zsh/site-functions $share/fish/vendor_completions.d $share/man
$runner "$program" completions bash > $share/bash-completion/completions/disentangle
$runner "$program" completions zsh > $share/zsh/site-functions/_disentangle
$runner "$program" completions fish > $share/fish/vendor_completions.d/disentangle.fish
$runner "$program" man $share/man/man1

PATH="$(realpath "$built/portable/bin"):$PATH"
wheels="$built/portable/wheels"
rm -f "$wheels"/disentangle-*_"$arch".whl
maturin build --profile dist --locked --zig --target "$arch-unknown-linux-gnu" --out "$wheels"
wheel=$(echo "$wheels"/disentangle-*_"$arch".whl)

if [ "$arch" = "$(uname -m)" ]; then
  empty=$(mktemp -d)
  trap 'rm -rf disentangle.data "$empty"' EXIT
  python3 -m venv "$empty"
  "$empty/bin/pip" install --quiet --no-index --no-deps "$wheel"
  (cd disentangle.data/data && find . -type f) | while read -r file; do
    cmp "disentangle.data/data/$file" "$empty/$file"
  done
  scripts/try_program.py --like "$program" "$empty/bin/disentangle"
fi
echo "size: $(stat --format %s "$wheel") bytes"
echo "$wheel"
