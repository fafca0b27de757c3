"""Marks a picture as docs/watermark.md describes it, apart from the library: with numpy and Python's own CRC.

    python docs/reference/make_watermark_golden.py t2v-core/src/test/resources/golden/watermark
"""

import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

PAYLOAD = 0x0123456789ABCDEF
WIDTH, HEIGHT = 112, 80
STEP = 28.0
BITS = 204


def java_random(seed, count):
    """java.util.Random.doubles()."""
    state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def bits(n):
        nonlocal state
        state = (state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        return state >> (48 - n)

    return np.array([((bits(26) << 27) + bits(27)) / (1 << 53) for _ in range(count)])


def coded(payload):
    message = payload.to_bytes(8, "big")
    message += zlib.crc32(message).to_bytes(4, "big")
    stream = [int(bit) for bit in "".join(f"{byte:08b}" for byte in message)] + [0] * 6
    past, out = [0] * 6, []
    for bit in stream:
        window = [bit] + past
        for generator in (0o133, 0o171):
            taps = [int(tap) for tap in f"{generator:07b}"]
            out.append(sum(a * b for a, b in zip(taps, window)) % 2)
        past = window[:6]
    return out


def basis(length):
    x = np.arange(length) + 0.5
    rows = [np.cos(np.pi * k * x / length) * np.sqrt((1 if k == 0 else 2) / length) for k in range(64)]
    return np.array(rows)


def main(folder):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    picture = np.stack(
        [127 + 90 * np.sin(x / 17), 127 + 90 * np.cos(y / 13), 60 + x], axis=-1
    ).round().astype(np.uint8)
    weights = np.array([0.2126, 0.7152, 0.0722])
    frequencies = sorted(
        ((u, v) for u in range(64) for v in range(64)), key=lambda f: (f[0] ** 2 + f[1] ** 2, f[1])
    )[1 : BITS + 1]
    columns, rows = basis(WIDTH), basis(HEIGHT)
    norm = 64 / np.sqrt(WIDTH * HEIGHT)

    def coefficients(rgb):
        spectrum = rows @ (rgb @ weights) @ columns.T
        return np.array([spectrum[v, u] for u, v in frequencies]) * norm

    bits = coded(PAYLOAD)
    shifts = java_random(1, BITS) + np.array([0.5 * bits[i * 89 % BITS] for i in range(BITS)])
    before = coefficients(picture)
    wanted = (np.round(before / STEP - shifts) + shifts) * STEP
    change = np.zeros((HEIGHT, WIDTH))
    marked = picture
    for _ in range(2):
        spectrum = np.zeros((64, 64))
        for (u, v), missing in zip(frequencies, wanted - coefficients(marked)):
            spectrum[v, u] = missing / norm
        change += rows.T @ spectrum @ columns
        marked = np.clip(np.floor(change + 0.5)[..., None] + picture, 0, 255).astype(np.uint8)
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(folder / "picture.png", optimize=True)
    Image.fromarray(marked).save(folder / "marked.png", optimize=True)


main(Path(sys.argv[1]))
