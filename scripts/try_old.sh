#!/usr/bin/env bash
# Runs a program that scripts/portable.sh built for x86-64 where it is meant to run: in an old Debian, which
# debootstrap installs into target/old/SUITE. Three times: with the C library of this Debian; without the functions that
# came to it after glibc 2.17; and once more, while all system calls that came after Linux 3.10 (CentOS 7) fail.
# The map must have the same bytes as here. As root; needs debootstrap, strace and Python.
#
#   scripts/try_old.sh PROGRAM
#   SUITE=jessie MIRROR=http://archive.debian.org/debian scripts/try_old.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/.."
suite=${SUITE:-bullseye}
old=$(realpath "${CARGO_TARGET_DIR:-target}")/old/$suite
[ -e "$old/etc/debian_version" ] ||
  debootstrap --variant=minbase "$suite" "$old" "${MIRROR:-http://deb.debian.org/debian}"

cp "$program" "$old/disentangle"
libraries=$(echo "$old"/lib/x86_64-linux-gnu/{libc,libm,libpthread,libdl,librt,ld-linux-x86-64}.so.*)
scripts/hide_symbols.py --newer-than 2.17 --into "$old/older" $libraries

# In a mount namespace of its own, which ends with the command.
try() {
  unshare --mount bash -euc '
    mount -t proc proc "$0/proc"
    mount --rbind /dev "$0/dev"
    old=$0 program=$1
    shift
    scripts/try_program.py --folder "$old/tmp" --inside /tmp --like "$program" "$@"' "$old" "$program" "$@"
}
loader="/older/ld-linux-x86-64.so.2 --library-path /older"
newer='?renameat2,?seccomp,?getrandom,?memfd_create,?bpf,?execveat,?userfaultfd,?membarrier,?mlock2,?copy_file_range,?preadv2'
newer+=',?pwritev2,?statx,?io_uring_setup,?rseq,?pidfd_send_signal,?clone3,?pidfd_open,?close_range,?openat2,?faccessat2'
newer+=',?epoll_pwait2,?futex_waitv,?sched_getattr,?sched_setattr'

echo "== $suite: $(chroot "$old" /lib64/ld-linux-x86-64.so.2 /lib/x86_64-linux-gnu/libc.so.6 | head -n 1)"
try chroot "$old" /disentangle
echo "== $suite, without functions newer than glibc 2.17"
try chroot "$old" $loader /disentangle
echo "== $suite, without functions newer than glibc 2.17 and calls newer than Linux 3.10"
try strace -f --seccomp-bpf -o /dev/null -e trace="$newer" -e inject="$newer:error=ENOSYS" \
  chroot "$old" $loader /disentangle
