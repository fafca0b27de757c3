"""Writes the character tables, the merges and the HTML entities of the CLIP tokenizers: resources of io.t2v.text.

    python make_tokenizer_tables.py BPE_SIMPLE_VOCAB_16E6.TXT.GZ OUTPUT_FOLDER

clip-unicode.txt: which code points the reference takes for letters, numbers and white space, what it
lower-cases them to (all asked of the `tokenizers` package itself), and which ones its NFC tables,
those of Unicode 9, do not know (asked of perl, which knows the age of every character).
clip-merges.txt.gz: the 48,894 merges that OpenAI's CLIP uses of its file, one "left right" a line.
html-entities.txt.gz: the named character references of HTML, which open_clip's tokenizer replaces, with the code
points that each stands for.
"""

import gzip
import html.entities
import pathlib
import subprocess
import sys

from tokenizers import Regex, normalizers, pre_tokenizers

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def matching(pattern):
    split = pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True)
    found = set()
    for start in range(0, len(CODE_POINTS), 4096):
        text = "".join(map(chr, CODE_POINTS[start : start + 4096]))
        for piece, _ in split.pre_tokenize_str(text):
            found.update(map(ord, piece))
    return found


def ranges(points):
    runs = []
    for c in sorted(points):
        if runs and runs[-1][1] == c - 1:
            runs[-1][1] = c
        else:
            runs.append([c, c])
    return " ".join(f"{a:X}-{b:X}" if a != b else f"{a:X}" for a, b in runs)


def later_than_unicode_9():
    program = r'for (0..0x10FFFF) { next if $_ >= 0xD800 && $_ < 0xE000; print "$_\n" if chr($_) !~ /\p{Present_In: 9.0}/ }'
    out = subprocess.run(["perl", "-e", program], check=True, capture_output=True, text=True).stdout
    return {int(line) for line in out.split()}


def main(merges_file, folder):
    folder = pathlib.Path(folder)
    lower = normalizers.Lowercase()
    pairs = []
    for c in CODE_POINTS:
        lowered = lower.normalize_str(chr(c))
        if lowered != chr(c):
            pairs.append(f"{c:X}>" + ",".join(f"{ord(x):X}" for x in lowered))
    lines = [
        "# Made by docs/reference/make_tokenizer_tables.py. Code points are hexadecimal.",
        "letters " + ranges(matching(r"\p{L}")),
        "numbers " + ranges(matching(r"\p{N}")),
        "spaces " + ranges(matching(r"\s")),
        "unnormalized " + ranges(later_than_unicode_9()),
        "lowercase " + " ".join(pairs),
    ]
    (folder / "clip-unicode.txt").write_text("\n".join(lines) + "\n", encoding="ascii")

    merges = gzip.open(merges_file).read().decode("utf-8").split("\n")[1 : 49152 - 256 - 2 + 1]
    write_packed(folder / "clip-merges.txt.gz", merges)
    write_packed(folder / "html-entities.txt.gz", [
        name + " " + ",".join(f"{ord(c):X}" for c in text) for name, text in sorted(html.entities.html5.items())])


def write_packed(file, lines):
    with open(file, "wb") as out:
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=out, mtime=0) as packed:
            packed.write(("\n".join(lines) + "\n").encode("utf-8"))


if __name__ == "__main__":
    main(*sys.argv[1:])
