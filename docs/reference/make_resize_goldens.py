"""Writes what Pillow makes of a picture in other sizes: what the tests of FrameResize compare with.

Usage: python make_resize_goldens.py OUT_DIR

`source.png` is the picture: blocks of flat colour, a slope and noise of full contrast, so that
filters overshoot. `FIT-WIDTHxHEIGHT.png` holds five results from left to right, one for each filter
in the order of FILTERS.
"""

import pathlib
import random
import sys

import PIL
from PIL import Image, ImageOps

SIZE = (31, 23)
SIZES = [(12, 17), (45, 20), (40, 48), (31, 9), (7, 23)]
FILTERS = ["NEAREST", "BOX", "BILINEAR", "BICUBIC", "LANCZOS"]
FITS = {
    "STRETCH": lambda image, size, filter: image.resize(size, filter),
    "CROP": lambda image, size, filter: ImageOps.fit(image, size, filter),
    "PAD": lambda image, size, filter: ImageOps.pad(image, size, filter),
}


def source():
    numbers = random.Random(1)
    image = Image.new("RGB", SIZE)
    for y in range(SIZE[1]):
        for x in range(SIZE[0]):
            if x < 8:
                colour = (255, 0, 0) if y < 12 else (0, 255, 255)
            elif x < 16:
                colour = (x * 15, y * 11, 255 - y * 11)
            else:
                colour = tuple(numbers.choice((0, numbers.randrange(256), 255)) for _ in range(3))
            image.putpixel((x, y), colour)
    return image


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    image = source()
    image.save(out / "source.png")
    for fit, resize in FITS.items():
        for size in SIZES:
            row = Image.new("RGB", (size[0] * len(FILTERS), size[1]))
            for i, name in enumerate(FILTERS):
                row.paste(resize(image, size, Image.Resampling[name]), (i * size[0], 0))
            row.save(out / f"{fit}-{size[0]}x{size[1]}.png")
    print("Pillow", PIL.__version__)


main()
