"""AUTOMATIC1111's weights in brackets, in other words: a prompt becomes (text, weight), with None for a break.

Each open bracket keeps the index of the first piece within it; closing it multiplies all pieces from there on.
"""
import re

SIGN = re.compile(r"\\[()\[\]\\]?|:\s*[+-]?[.\d]+\s*\)|[()\[\]:]|[^\\()\[\]:]+")
BREAK = re.compile(r"\s*\bBREAK\b\s*")


def pieces(prompt):
    found, open_ = [], {"(": [], "[": []}

    def close(bracket, factor):
        start = open_[bracket].pop()
        found[start:] = [None if piece is None else (piece[0], piece[1] * factor) for piece in found[start:]]

    for match in SIGN.finditer(prompt):
        sign = match.group()
        if sign[0] == "\\":
            found.append((sign[1:], 1.0))
        elif sign in open_:
            open_[sign].append(len(found))
        elif sign[0] == ":" and sign[-1] == ")" and open_["("]:
            close("(", float(sign[1:-1]))
        elif sign == ")" and open_["("]:
            close("(", 1.1)
        elif sign == "]" and open_["["]:
            close("[", 1 / 1.1)
        else:
            for i, part in enumerate(BREAK.split(sign)):
                found += [None] * (i > 0) + [(part, 1.0)]
    while open_["("]:
        close("(", 1.1)
    while open_["["]:
        close("[", 1 / 1.1)
    merged = []
    for piece in found:
        if merged and piece is not None and merged[-1] is not None and merged[-1][1] == piece[1]:
            merged[-1] = (merged[-1][0] + piece[0], piece[1])
        else:
            merged.append(piece)
    return merged or [("", 1.0)]
