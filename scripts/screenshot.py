#!/usr/bin/env python3
"""A picture of the terminal: runs a command in tmux, waits, draws what is on the screen.

    scripts/screenshot.py [--size 120x40] [--wait 5] [--keys "] Tab"] OUT.png COMMAND...

Needs tmux, Pillow and the font DejaVu Sans Mono. Braille patterns are drawn as dots, since few
fonts have them at the width of a cell.
"""

import argparse
import re
import subprocess
import time

from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono{}.ttf"
CELL = (10, 20)
BACKGROUND = (16, 18, 24)
FOREGROUND = (208, 210, 216)
BASIC = [
    (0, 0, 0), (205, 49, 49), (13, 188, 121), (229, 229, 16), (36, 114, 200), (188, 63, 188),
    (17, 168, 205), (204, 204, 204), (118, 118, 118), (241, 76, 76), (35, 209, 139),
    (245, 245, 67), (59, 142, 234), (214, 112, 214), (41, 184, 219), (242, 242, 242),
]  # fmt: skip
# Dot of each bit of a braille pattern: column, row.
DOTS = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]


def color256(n):
    if n < 16:
        return BASIC[n]
    if n >= 232:
        return (8 + 10 * (n - 232),) * 3
    n -= 16
    level = lambda v: 0 if v == 0 else 55 + 40 * v
    return (level(n // 36), level(n // 6 % 6), level(n % 6))


class Style:
    def __init__(self):
        self.reset()

    def reset(self):
        self.front, self.back, self.bold, self.dim, self.reverse = FOREGROUND, BACKGROUND, 0, 0, 0

    def apply(self, codes):
        codes = [int(c or 0) for c in codes]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.reset()
            elif code in (1, 2, 7):
                setattr(self, {1: "bold", 2: "dim", 7: "reverse"}[code], 1)
            elif code == 22:
                self.bold = self.dim = 0
            elif code == 27:
                self.reverse = 0
            elif code in (38, 48):
                if codes.pop(0) == 2:
                    color, codes = tuple(codes[:3]), codes[3:]
                else:
                    color = color256(codes.pop(0))
                setattr(self, "front" if code == 38 else "back", color)
            elif code == 39:
                self.front = FOREGROUND
            elif code == 49:
                self.back = BACKGROUND
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self.front = BASIC[code - 30 if code < 90 else code - 82]
            elif 40 <= code <= 47 or 100 <= code <= 107:
                self.back = BASIC[code - 40 if code < 100 else code - 92]

    def colors(self):
        front, back = self.front, self.back
        if self.dim:
            front = tuple((f + b) // 2 for f, b in zip(front, back))
        return (back, front) if self.reverse else (front, back)


def draw(text, columns, rows):
    width, height = CELL
    image = Image.new("RGB", (width * columns, height * rows), BACKGROUND)
    pen = ImageDraw.Draw(image)
    fonts = [ImageFont.truetype(FONT.format(kind), 16) for kind in ("", "-Bold")]
    style = Style()
    for row, line in enumerate(text.split("\n")[:rows]):
        column = 0
        for part in re.split(r"(\x1b\[[0-9;]*m)", line):
            if part.startswith("\x1b"):
                style.apply(part[2:-1].split(";"))
                continue
            for char in part:
                x, y = column * width, row * height
                front, back = style.colors()
                if back != BACKGROUND:
                    pen.rectangle((x, y, x + width - 1, y + height - 1), fill=back)
                if 0x2800 <= ord(char) <= 0x28FF:
                    for bit, (across, down) in enumerate(DOTS):
                        if (ord(char) - 0x2800) >> bit & 1:
                            at = (x + 1 + 5 * across, y + 1 + 5 * down)
                            pen.ellipse((*at, at[0] + 3, at[1] + 3), fill=front)
                elif char != " ":
                    pen.text((x, y), char, fill=front, font=fonts[style.bold])
                column += 1
        style.reset()
    return image


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--wait", type=float, default=5.0)
    parser.add_argument("--keys", default="", help="keys to press, as tmux names them")
    parser.add_argument("out")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    columns, rows = (int(n) for n in options.size.split("x"))
    tmux = ["tmux", "-L", "screenshot", "-f", "/dev/null"]
    start = ["new-session", "-d", "-s", "s", "-x", str(columns), "-y", str(rows)]
    command = ["env", "COLORTERM=truecolor", *options.command]
    subprocess.run([*tmux, *start, "-e", "LANG=C.UTF-8", *command], check=True)
    try:
        time.sleep(options.wait)
        for key in options.keys.split():
            subprocess.run([*tmux, "send-keys", "-t", "s", key], check=True)
            time.sleep(0.6)
        capture = [*tmux, "capture-pane", "-e", "-p", "-t", "s"]
        text = subprocess.run(capture, check=True, capture_output=True, text=True).stdout
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
    # Colors of classes stay exact.
    draw(text, columns, rows).save(options.out, optimize=True)


if __name__ == "__main__":
    main()
