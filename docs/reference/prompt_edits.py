"""AUTOMATIC1111's rules for prompts that change from step to step, in other words.

A prompt is read into nested lists: strings, ("edit", before, after, when) and ("alternate", options).  The text of a
step is that of the first stretch of steps that ends at its index or later, as in the web UI's schedules.
"""
import re

NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*$")
TEXT = re.compile(r"(?:[^\\()\[\]:|]|\\.)+", re.S)


def sequence(prompt, at, outermost=False):
    """-> (parts, where they end), or None if a bracket is left open."""
    parts = []
    while at < len(prompt):
        text = TEXT.match(prompt, at)
        group = None if text else bracket(prompt, at)
        if text:
            parts.append(text.group())
            at = text.end()
        elif group:
            parts.append(group[0])
            at = group[1]
        elif outermost:
            parts.append(prompt[at])
            at += 1
        elif prompt[at] in ")]:|":
            break
        else:
            return None
    return parts, at


def bracket(prompt, at):
    """-> (what a pair of brackets stands for, where it ends), or None."""
    opening = prompt[at]
    if opening not in "([":
        return None
    inner, signs, starts = [], "", []
    while True:
        starts.append(at + 1)
        found = sequence(prompt, at + 1)
        if found is None or found[1] == len(prompt):
            return None
        inner.append(found[0])
        at = found[1]
        if prompt[at] in ")]":
            break
        signs += prompt[at]
    last, end = prompt[starts[-1]:at], at + 1
    if opening + prompt[at] not in ("()", "[]"):
        return None
    if opening == "(" and signs in ("", ":"):
        return ["(", *inner[0], *([":", *inner[1]] if signs else []), ")"], end
    if opening == "[" and signs == "":
        return ["[", *inner[0], "]"], end
    if opening == "[" and set(signs) == {"|"}:
        return ("alternate", inner), end
    if opening == "[" and signs in (":", "::") and NUMBER.match(last):
        return ("edit", inner[0] if signs == "::" else [], inner[-2], float(NUMBER.match(last)[1])), end
    return None


def last_before(when, steps):
    return min(steps, int(when * steps if when < 1 else when))


def ends(parts, steps):
    for part in parts:
        if isinstance(part, list):
            yield from ends(part, steps)
        elif part[0] == "edit":
            yield last_before(part[3], steps)
            yield from ends([part[1], part[2]], steps)
        elif part[0] == "alternate":
            yield from range(1, steps + 1)
            yield from ends(part[1], steps)


def written(parts, end, steps):
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
        elif isinstance(part, list):
            text += written(part, end, steps)
        elif part[0] == "edit":
            text += written(part[1] if end <= last_before(part[3], steps) else part[2], end, steps)
        else:
            text += written(part[1][(end - 1) % len(part[1])], end, steps)
    return text


def text_of_each_step(prompt, steps):
    parts, _ = sequence(prompt, 0, outermost=True)
    stretches = sorted({steps, *ends(parts, steps)})
    return [written(parts, next(end for end in stretches if end >= step), steps) for step in range(steps)]
