#!/usr/bin/env python3
"""Copies shared libraries of glibc, without the functions that releases after the named one brought.

So a program can be run as if the C library were older: what it looks for and would not have found there, it does not
find. The code of the library stays that of its own release. For 64-bit ELF files. Needs only Python's standard library.

    scripts/hide_symbols.py --newer-than 2.17 --into FOLDER LIBRARY ...
"""

import argparse
import os
import re
import struct

SECTION = struct.Struct("<IIQQQQIIQQ")
SYMBOL = struct.Struct("<IBBHQQ")
DYNSYM, VERDEF, VERSYM = 11, 0x6FFFFFFD, 0x6FFFFFFF
# Functions, also those that are chosen at load time. Libraries refer to their own variables by name, so these stay.
FUNCTIONS = (2, 10)


def release(name):
    """(2, 17) of GLIBC_2.17; None for other names."""
    found = re.fullmatch(r"GLIBC_(\d+)\.(\d+)(?:\.\d+)?", name)
    return (int(found[1]), int(found[2])) if found else None


def text(content, start):
    return content[start : content.index(b"\0", start)].decode()


def hide(content, oldest):
    """How many functions newer than `oldest` were made undefined, in place."""
    offset = struct.unpack_from("<Q", content, 40)[0]
    size, count = struct.unpack_from("<HH", content, 58)
    sections = [SECTION.unpack_from(content, offset + size * i) for i in range(count)]
    of = {section[1]: section for section in sections}
    names = sections[of[DYNSYM][6]][4]

    newer, place = set(), of[VERDEF][4]
    while True:
        _, _, index, _, _, auxiliary, following = struct.unpack_from("<HHHHIII", content, place)
        name = text(content, names + struct.unpack_from("<I", content, place + auxiliary)[0])
        if (release(name) or oldest) > oldest:
            newer.add(index)
        if not following:
            break
        place += following

    hidden = 0
    for i in range(of[DYNSYM][5] // SYMBOL.size):
        version = struct.unpack_from("<H", content, of[VERSYM][4] + 2 * i)[0] & 0x7FFF
        place = of[DYNSYM][4] + SYMBOL.size * i
        name, info, other, _, _, _ = SYMBOL.unpack_from(content, place)
        if version in newer and info & 15 in FUNCTIONS:
            SYMBOL.pack_into(content, place, name, info, other, 0, 0, 0)
            hidden += 1
    return hidden


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--newer-than", required=True, metavar="RELEASE")
    parser.add_argument("--into", required=True, metavar="FOLDER")
    parser.add_argument("libraries", nargs="+", metavar="LIBRARY")
    given = parser.parse_args()
    oldest = release(f"GLIBC_{given.newer_than}") or parser.error("name a release such as 2.17")
    os.makedirs(given.into, exist_ok=True)
    for library in given.libraries:
        with open(library, "rb") as file:
            content = bytearray(file.read())
        hidden = hide(content, oldest)
        path = os.path.join(given.into, os.path.basename(library))
        with open(path, "wb") as file:
            file.write(content)
        os.chmod(path, 0o755)
        print(f"{os.path.basename(library)}: {hidden} functions newer than {given.newer_than} hidden")


if __name__ == "__main__":
    main()
