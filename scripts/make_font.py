#!/usr/bin/env python3
"""Makes the font of pictures: the letters of DejaVu Sans that names and numbers need.

    scripts/make_font.py DejaVuSans.ttf src/export/font/sans.ttf

Needs fontTools. DejaVu Sans 2.37 is part of matplotlib (matplotlib/mpl-data/fonts/ttf). Hinting and layout tables
are left out: letters are drawn from their outlines, large enough to need neither.
"""

import sys

from fontTools import subset

# Latin, Greek, Cyrillic, with accents; punctuation, currency, arrows, mathematics, shapes.
RANGES = "20-24F 2B0-2FF 370-3FF 400-52F 1E00-1EFF 2010-2027 2030-205E 2070-209C 20A0-20BF 2100-214F 2190-21FF 2200-22FF 25A0-25FF FFFD"


def main():
    source, target = sys.argv[1:]
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = []
    options.notdef_outline = True
    options.drop_tables += ["GDEF", "GPOS", "GSUB", "kern", "FFTM", "name"]
    font = subset.load_font(source, options)
    maker = subset.Subsetter(options)
    ranges = (r.split("-") for r in RANGES.split())
    wanted = [c for r in ranges for c in range(int(r[0], 16), int(r[-1], 16) + 1)]
    maker.populate(unicodes=wanted)
    maker.subset(font)
    subset.save_font(font, target, options)


main()
