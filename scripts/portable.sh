#!/usr/bin/env bash
# Builds the program for Linux as one file that runs with glibc 2.17 and newer (CentOS 7, Debian 8, Ubuntu 14.04), and
# checks that it needs nothing newer, no other libraries, and not more than 16 MB. Needs Python, and Rust with the
# target (rustup target add aarch64-unknown-linux-gnu). The last line is the path of the program.
#
#   scripts/portable.sh [x86_64|aarch64]
set -euo pipefail
cd "$(dirname "$0")/.."
target="${1:-x86_64}-unknown-linux-gnu"
glibc=2.17
most=16000000

tools="${CARGO_TARGET_DIR:-target}/portable"
if [ ! -x "$tools/bin/cargo-zigbuild" ]; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet -r scripts/requirements-portable.txt
fi
PATH="$(realpath "$tools/bin"):$PATH"
cargo zigbuild --locked --profile dist --bin disentangle --target "$target.$glibc"
program="${CARGO_TARGET_DIR:-target}/$target/dist/disentangle"

needed=$(readelf --dyn-syms --wide "$program" | grep -o 'GLIBC_[0-9.]*' | sort --version-sort --unique)
echo "needs: $(echo $needed)"
newest=$(printf '%s\n' "$needed" "GLIBC_$glibc" | sort --version-sort | tail -n 1)
[ "$newest" = "GLIBC_$glibc" ] || { echo "it needs $newest"; exit 1; }

libraries=$(readelf --dynamic --wide "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
echo "libraries:" $libraries
if echo "$libraries" | grep -qvE '^(libc|libm|libpthread|libdl|librt|ld-linux-.*)\.so\.[0-9]$'; then
  echo "it needs libraries other than those of the C library"
  exit 1
fi

size=$(stat --format %s "$program")
echo "size: $size bytes"
[ "$size" -le "$most" ] || { echo "it has more than $most bytes"; exit 1; }
echo "$program"
