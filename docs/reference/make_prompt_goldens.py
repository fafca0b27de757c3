#!/usr/bin/env python3
"""Makes the golden data of weighted, long and edited prompts, and of learned words.

Usage: make_prompt_goldens.py [--out DIR] [--compel CHECKOUT]
CHECKOUT: of damian0815/compel at c60b9fb (2.4.0), which needs pyparsing; without it prompts/compel is left as it is.

Weighted prompts: no package has AUTOMATIC1111's rules for this model, so they are written out here, with
torch for the arithmetic and transformers for tokens and embeddings.  Learned words: diffusers'
load_textual_inversion.  Both on the text encoder of the test model four-levels; weighted prompts with 77
positions in place of 16.
"""
import argparse
import copy
import pathlib
import sys

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

from golden_models import Loaded, text_config, write_json
from make_goldens import GOLDEN, difference, save, scale
from prompt_edits import text_of_each_step
from prompt_weights import pieces
from random_weights import random_tensor

SEED = 1
CHUNK = 75
NEAR = 20
EVERY = 7
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def letters(count, commas=()):
    """As many tokens as asked for: single letters, and commas at some places."""
    return " ".join("," if i in commas else LETTERS[i % 26] for i in range(count))


# Prompts as they are written, and what they say where that was worked out by hand: (text, weight), None for a break.
BY_HAND = {
    "76-tokens-weighted": (f"(a b:1.4) {letters(74)}", [("a b", 1.4), (" " + letters(74), 1.0)]),
    "near-comma": (f"{letters(80, [60])} [x]", [(letters(80, [60]) + " ", 1.0), ("x", 1 / 1.1)]),
    "nested": ("a ((red) circle:1.2) on [black]",
               [("a ", 1.0), ("red", 1.1 * 1.2), (" circle", 1.2), (" on ", 1.0), ("black", 1 / 1.1)]),
    "break": ("(a red:0.5) circle BREAK on (black:1.5)",
              [("a red", 0.5), (" circle", 1.0), None, ("on ", 1.0), ("black", 1.5)]),
    "breaks-at-the-edges": ("BREAK a BREAK", [("", 1.0), None, ("a", 1.0), None, ("", 1.0)]),
    "escapes": (r"a \(red\) \[big\] \\ circle", [(r"a (red) [big] \ circle", 1.0)]),
    "escapes-in-weights": (r"(a \(red\):1.3) circle", [("a (red)", 1.3), (" circle", 1.0)]),
    "empty": ("", [("", 1.0)]),
}
CASES = {
    **{f"{n}-tokens": letters(n) for n in (75, 76, 77, 78, 150, 151)},
    **{name: prompt for name, (prompt, _) in BY_HAND.items()},
    "nearest-near-comma": f"{letters(80, [55])} (x)",
    "far-comma": f"{letters(80, [54])} (x)",
    "77-tokens-weighted": f"[{letters(3)}] {letters(74)}",
    "78-tokens-weighted": f"{letters(74)} (a b c d:0.7)",
    "150-tokens-weighted": f"({letters(75)}) [{letters(75)}]",
    "151-tokens-weighted": f"({letters(151)}:1.2)",
    "three-chunks": f"{letters(75)} BREAK (a:1.2) BREAK {letters(20, [3, 9])}",
    "break-in-a-full-chunk": f"{letters(75)} BREAK",
    "break-at-the-start": "BREAK (a red:1.2) circle",
    "break-at-the-end": "a (red) circle BREAK",
    "two-breaks": "a BREAK BREAK b",
    "break-in-brackets": "(a red BREAK circle:1.3) on black",
    "break-in-a-word": "a BREAKING circle, aBREAK, break",
    "one-bracket": "a (red) circle",
    "one-square-bracket": "a [red] circle",
    "nested-four-deep": "((((red)))) circle",
    "nested-both": "([(red:1.5)] circle)",
    "weights-in-weights": "(a (red:1.5) circle:0.8)",
    "below-zero": "a (red:-0.5) circle",
    "zero": "a (red:0) circle",
    "strong": "a (red:2.5) (circle:0.1)",
    "open-to-the-end": "a (red [circle",
    "closed-without-opening": "a red) circle] on",
    "colon-without-brackets": "a red: 1.3 circle",
    "number-in-square-brackets": "a [red:.] circle",
    "space-around-a-weight": "a (red : 1.4 ) circle",
    "equal-neighbours": "(a)(red) (circle)",
    "cut-word": "(un)happy (circ)le",
    "backslash-at-the-end": "a circle\\",
    "nothing-in-brackets": "a () [] circle",
    "brackets-of-nothing": "()",
    "capitals": "A (RED:1.2) Circle",
    "letters-of-all-kinds": "größer (東京:1.3) 🚀",
}

# Prompts that change from step to step.
EDITS = [
    "a red circle", "a [red:blue:0.5] circle", "a [red:blue:2] circle", "a [red:0.25] circle", "a [red::3] circle",
    "a [red|blue] circle", "a [red|blue|green] circle", "[red:blue:0]", "[red:blue:1]", "[red:blue:0.99]", "[red:blue:99]",
    "[red:blue:-1]", "[a [red:blue:1]:2] circle", "[a:[b:c:0.75]:0.25]", "[a [b|c]:d:2]", "[[a:b:1]|c]", "([red:blue:0.5]:1.3)",
    "[(red:1.2):[blue]:2] circle", "a [b : c : 1] d", "[[red]] [circle]", "[red:blue]", "[a:b:c:2]", "(a:[b:c:1.2", "a ) [b:c:2] (",
    r"\[a:b:2\] [c\:d:e:2]", "[|a]", "[a|]", "a | b", "[a:b:1e0] [c:.5]", "BREAK [a BREAK b:c:1]", "", "[]",
]
EDIT_STEPS = [1, 2, 4, 10]


# In compel's syntax.
COMPEL = {
    "plain": "a red circle",
    "empty": "",
    "plus": "a red+ circle",
    "plus-plus": "a red++ circle+ on black",
    "minus": "a red- circle",
    "minus-minus": "a red-- circle--- on black",
    "weight": "a (red circle)1.3 on black",
    "light-weight": "a (red circle)0.4 on black",
    "zero": "a (red)0 circle",
    "two-light-weights": "a (red)0.7 circle on (black)0.2",
    "nested": "a (red (circle)1.5 moving)0.8 on black",
    "nested-signs": "(a (red)++ circle)- on black",
    "quotes": 'a "red circle"1.2 on "black"-',
    "quotes-in-brackets": '(a "red circle"+ on)1.1 black',
    "hyphens": "a well-known red-ish mid- circle -x --",
    "commas": "a red,blue circle+, on black.",
    "commas-in-brackets": "a (red,blue. circle)+ black",
    "escapes": r"a \(red\) circle+",
    "open-bracket": "a (red circle+",
    "text-behind-a-bracket": "(red)+s circle(b)+ c",
    "brackets-behind-text": "a(red)+ circle",
    "and": '("a red circle", "a blue square").and()',
    "and-weights": '("a red+ circle", "a blue square").and(1, 0.5)',
    "blend": '("a red circle", "a blue square").blend(0.7, 0.3)',
    "blend-of-weights": '("a red++ circle", "a (blue)0.5 square").blend(1, 3)',
    "blend-not-normalized": '("a red circle", "a blue square").blend(0.7, 0.6, no_normalize)',
    "75-tokens": letters(75),
    "76-tokens": letters(76),
    "151-tokens": letters(151),
    "long-weighted": f"(a red)1.4 {letters(100)} circle+",
    "long-comma": letters(90, [40, 60]),
    "long-full-stop": letters(90, [60]).replace("c d", "c . d", 1),
    "long-light": f"{letters(80)} (red circle)0.5",
    "long-blend": f'("{letters(80)}", "a red circle").blend(1, 1)',
}


def chunks_of(parts, tokenizer):
    """Chunks of up to 75 (id, weight)."""
    comma = tokenizer.convert_tokens_to_ids(",</w>")
    chunks, chunk, last_comma = [], [], None
    for part in parts:
        if part is None:
            chunks.append(chunk)
            chunk, last_comma = [], None
            continue
        text, weight = part
        for token in tokenizer(text, add_special_tokens=False).input_ids:
            if token == comma:
                last_comma = len(chunk)
            elif len(chunk) == CHUNK and last_comma is not None and CHUNK - last_comma <= NEAR:
                chunks.append(chunk[:last_comma + 1])
                chunk, last_comma = chunk[last_comma + 1:], None
            if len(chunk) == CHUNK:
                chunks.append(chunk)
                chunk, last_comma = [], None
            chunk.append((token, weight))
    return chunks + [chunk] if chunk or not chunks else chunks


def encode(chunks, tokenizer, model):
    """[77 * chunks, width]"""
    rows = []
    for chunk in chunks:
        ids = [tokenizer.bos_token_id, *(token for token, _ in chunk), tokenizer.eos_token_id]
        ids += [tokenizer.pad_token_id] * (CHUNK + 2 - len(ids))
        z = model(torch.tensor([ids])).last_hidden_state
        weights = torch.ones(CHUNK + 2)
        weights[1:1 + len(chunk)] = torch.tensor([weight for _, weight in chunk])
        mean = z.double().mean()
        z = z * weights[None, :, None]
        if not bool((weights == 1).all()):
            z = z * (mean / z.double().mean()).float()
        rows.append(z[0])
    return torch.cat(rows)


def recipe_model(config, dtype):
    model = CLIPTextModel(CLIPTextConfig(**{k: v for k, v in config.items() if k != "architectures"}))
    state = {}
    for name, tensor in model.state_dict().items():
        stored = name if name.startswith("text_model.") else "text_model." + name
        state[name] = torch.from_numpy(random_tensor(stored, SEED, tensor.shape))
    model.load_state_dict(state)
    return model.eval().requires_grad_(False).to(dtype)


def same(found, expected):
    """Equal up to rounding of weights."""
    return len(found) == len(expected) and all(
        f == e or (f and e and f[0] == e[0] and abs(f[1] - e[1]) < 1e-12) for f, e in zip(found, expected))


def make_compel(loaded, out, checkout):
    sys.path.insert(0, str(checkout / "src"))
    from compel import Compel

    # 2.4.0 hands on an argument that it no longer takes, in blends alone
    original = Compel._get_conditioning_for_flattened_prompt
    Compel._get_conditioning_for_flattened_prompt = lambda self, prompt, should_return_tokens=True: original(self, prompt)
    tokenizer = copy.deepcopy(loaded.pipe.tokenizer)
    tokenizer.model_max_length = CHUNK + 2
    config = text_config(max_position_embeddings=CHUNK + 2)
    compel = Compel(tokenizer, recipe_model(config, torch.float32), truncate_long_prompts=False)
    tensors, cases = {}, []
    for name, prompt in COMPEL.items():
        result = compel(prompt)[0]
        tensors[name] = result[::EVERY]
        cases.append({"name": name, "prompt": prompt, "tokens": len(result), "scale": scale(result)})
    save(out / "prompts" / "compel", tensors, {"seed": SEED, "every": EVERY, "cases": cases})


def make_edited(out):
    cases = [{"prompt": prompt, "steps": steps, "texts": text_of_each_step(prompt, steps)}
             for prompt in EDITS for steps in EDIT_STEPS]
    write_json(out / "prompts" / "edited.json", {"cases": cases})


def make_weighted(loaded, out):
    tokenizer = loaded.pipe.tokenizer
    config = text_config(max_position_embeddings=CHUNK + 2)
    model, double = recipe_model(config, torch.float32), recipe_model(config, torch.float64)
    tensors, cases = {}, []
    for name, (prompt, parts) in BY_HAND.items():
        assert same(pieces(prompt), parts), (name, pieces(prompt))
    for name, prompt in CASES.items():
        chunks = chunks_of(pieces(prompt), tokenizer)
        result, exact = encode(chunks, tokenizer, model), encode(chunks, tokenizer, double)
        tensors[name] = result[::EVERY]
        cases.append({"name": name, "prompt": prompt, "ids": [[t for t, _ in chunk] for chunk in chunks],
                      "weights": [[w for _, w in chunk] for chunk in chunks],
                      "float64_difference": difference(result, exact), "scale": scale(result)})
    save(out / "prompts" / "weighted", tensors, {"seed": SEED, "every": EVERY, "cases": cases})


def make_learned(loaded, out):
    folder = out / "prompts" / "learned"
    folder.mkdir(parents=True, exist_ok=True)
    words = {"<one>": random_tensor("one", 5, (24,)), "<three>": random_tensor("three", 5, (3, 24))}
    for word, vectors in words.items():
        name, tensor = word.strip("<>"), torch.from_numpy(np.ascontiguousarray(vectors))
        save_file({word: tensor}, str(folder / f"{name}.safetensors"))
        torch.save({word: tensor}, folder / f"{name}.bin")
        torch.save({"string_to_token": {"*": 265}, "string_to_param": {"*": tensor.reshape(-1, 24)}, "name": name,
                    "step": 100, "sd_checkpoint": None, "sd_checkpoint_name": None}, folder / f"a1111-{name}.pt")
        save_file({"emb_params": tensor.reshape(-1, 24)}, str(folder / f"a1111-{name}.safetensors"))
        loaded.pipe.load_textual_inversion(str(folder / f"{name}.safetensors"))
    loaded.pipe.text_encoder.eval().requires_grad_(False)
    prompts = ["a <one> on a table", "<three>, red", "a <three> and a <one>.", "<one> <one> <three> <three> <three> <three>",
               "a red circle"]
    tensors, cases = {}, []
    for i, prompt in enumerate(prompts):
        converted = loaded.pipe.maybe_convert_prompt(prompt, loaded.pipe.tokenizer)
        ids = loaded.pipe.tokenizer(converted, padding="max_length", max_length=16, truncation=True).input_ids
        tensors[str(i)] = loaded.pipe.encode_prompt(prompt, "cpu", 1, False)[0][0]
        cases.append({"prompt": prompt, "ids": ids})
    save(out / "prompts" / "learned", tensors, {"cases": cases})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=GOLDEN)
    parser.add_argument("--compel", type=pathlib.Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    loaded = Loaded(GOLDEN / "models", "four-levels")
    make_weighted(loaded, args.out)
    make_edited(args.out)
    if args.compel:
        make_compel(loaded, args.out, args.compel)
    make_learned(loaded, args.out)


if __name__ == "__main__":
    main()
