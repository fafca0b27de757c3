"""Writes the goldens of the CLIP tokenizer: texts and the ids that transformers' CLIPTokenizer gives.

    python make_tokenizer_goldens.py BPE_SIMPLE_VOCAB_16E6.TXT.GZ MINIATURE_TOKENIZER_FOLDER OUTPUT_FOLDER

See TOKENIZER.md for versions and for the format.
"""

import gzip
import json
import pathlib
import random
import shutil
import sys
import tempfile

from transformers import CLIPTokenizer

START, END = "<|startoftext|>", "<|endoftext|>"


def openai_vocabulary(merges_file):
    merges = gzip.open(merges_file).read().decode("utf-8").split("\n")[1 : 49152 - 256 - 2 + 1]
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    symbols = [chr(b) for b in printable] + [chr(256 + n) for n in range(256 - len(printable))]
    tokens = symbols + [s + "</w>" for s in symbols] + ["".join(m.split()) for m in merges]
    tokens += [START, END]
    return {t: i for i, t in enumerate(tokens)}, "#version: 0.2\n" + "\n".join(merges) + "\n"


def token(content, **flags):
    fields = dict(content=content, lstrip=False, normalized=True, rstrip=False, single_word=False)
    return fields | flags


def typed(content, **flags):
    return {"__type": "AddedToken"} | token(content, **flags)


def names(pad):
    return {"bos_token": START, "eos_token": END, "pad_token": pad, "unk_token": END}


def objects(pad, make):
    return {"bos_token": make(START), "eos_token": make(END), "pad_token": pad, "unk_token": make(END)}


def variants(scratch, mini):
    """Name -> (vocabulary, files): the ways in which a folder can say what its special tokens are."""
    length = {"model_max_length": 77}
    found = {
        # special tokens as objects, as transformers 4 wrote them, and the two padding tokens of
        # text-to-video-ms-1.7b
        "published": ("openai", {
            "special_tokens_map.json": objects("!", token),
            "tokenizer_config.json": objects(END, typed) | length}),
        "pad-in-map": ("openai", {
            "special_tokens_map.json": names("!"), "tokenizer_config.json": names(END) | length}),
        "pad-in-config": ("openai", {
            "special_tokens_map.json": names(END), "tokenizer_config.json": names("!") | length}),
        "config-only": ("openai", {"tokenizer_config.json": objects("!", typed) | {"model_max_length": 32}}),
        "map-only": ("openai", {"special_tokens_map.json": names("!")}),
        "bare": ("openai", {}),
        "listed": ("openai", {
            "special_tokens_map.json": names("!"),
            "tokenizer_config.json": names(END) | length | {"added_tokens_decoder": {
                "49406": token(START, special=True),
                "49407": token(END, special=True),
                "49408": token("<Panda>", special=False),
                "49409": token("sks dog", normalized=False, special=False)}}}),
        "added": ("openai", {
            "special_tokens_map.json": names(END),
            "tokenizer_config.json": names(END) | length,
            "added_tokens.json": {"<Cat-Toy>": 49408, "é": 49409, "<cat": 49410, "!!": 49411}}),
        "flags": ("openai", {
            "special_tokens_map.json": names(END) | {"additional_special_tokens": ["<extra>", "Rock"]},
            "tokenizer_config.json": names(END) | length,
            "added_tokens.json": {"moon": 49408},
        }),
        "stripping": ("openai", {
            "special_tokens_map.json": objects("!", token) | {
                "mask_token": token("<mask>", lstrip=True, rstrip=True),
                "cls_token": token("cat", single_word=True),
                "sep_token": token("Rock", normalized=False, single_word=True, lstrip=True)},
            "tokenizer_config.json": length}),
        "mini": ("mini", {
            f.name: json.loads(f.read_text()) for f in sorted(mini.glob("*_*.json"))}),
        "mini-no-limit": ("mini", {"tokenizer_config.json": names("!")}),
    }
    folder = write(scratch / "to-save", (mini / "vocab.json").read_text(), (mini / "merges.txt").read_text(),
                   {"special_tokens_map.json": objects("!", token),
                    "tokenizer_config.json": objects(END, typed) | {"model_max_length": 16},
                    "added_tokens.json": {"<Toy>": 514}})
    saved = scratch / "saved"
    CLIPTokenizer.from_pretrained(folder).save_pretrained(saved)
    found["unified"] = ("none", {f.name: json.loads(f.read_text()) for f in sorted(saved.glob("*.json"))})
    return found


def write(folder, vocabulary, merges, files):
    folder.mkdir(parents=True)
    if vocabulary:
        (folder / "vocab.json").write_text(vocabulary, encoding="utf-8")
        (folder / "merges.txt").write_text(merges, encoding="utf-8")
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


SUBJECTS = """a panda|an astronaut|two golden retrievers|Spider-Man|a robot|the Eiffel Tower|an old man|
a drone shot of mountains|Darth Vader|a teddy bear|a beautiful woman|monkeys|a red Ferrari F40|clownfish""".replace("\n", "").split("|")
ACTIONS = """eating bamboo on a rock|riding a horse|is surfing|dancing in Times Square|learning to play the piano|
drinking coffee|walking under the rain|running on the beach|playing ping-pong|swimming through a coral reef""".replace("\n", "").split("|")
STYLES = """4k, highly detailed|photorealistic|oil painting by Van Gogh|studio ghibli|time-lapse|8mm film, 1970s|
trending on ArtStation|--ar 16:9|(masterpiece:1.2), [blurry]|cinematic lighting; f/1.8|HD\\, 60fps""".replace("\n", "").split("|")
WORDS = """don't I'm they're we've she'll he'd it's can't y'all o'clock rock'n'roll 'tis 'sup '' ' '' 's 't're 'S 'LL DON'T
naïve café Ångström Straße İstanbul ıspanak ΟΔΥΣΣΕΥΣ Σίσυφος ΣΑΣ привет Ёлка Київ שלום مرحبا سلام हिन्दी नमस्ते বাংলা தமிழ் ไทย
ภาษาไทย 한국어 서울 日本語 東京タワー がぎぐ ｶﾞｷﾞ 你好，世界 繁體中文 ქართული ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ Հայերեն ελληνικά ﬁne ﬀ ǅ ǈ Ǌ ß ẞ Ω Å K ſ ŉ ǰ ΐ
Tiếng Việt łódź žluťoučký Þór œuvre æther ½ ² ⅷ Ⅷ ㊗ ① ٣٤٥ ४५६ １２３ 3.14159 1,000,000 2023-03-19 10:30pm 1e-5 0x7F 50% $9.99 #hashtag
@user user@example.com https://example.com/a?b=c&d=%20#e C:\\path\\file.txt &amp; &lt;b&gt; <b>bold</b> <br/> a/b a_b __init__ ... … — – “quoted” ‘single’ «guillemets»
„low“ ¿qué? ¡hola! (paren) [bracket] {brace} ~tilde^ `tick` |pipe| a+b=c x*y ™ ® © ° § ¶ • € £ ¥ ₿ → ⇒ ∀∃ ≠ ∞ √ ½cup 5" 6' rock&roll""".split()
EMOJI = ["😀", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "🇺🇸🇬🇧", "❤️", "❤", "☺︎", "1️⃣", "🧑🏿‍🚀", "🐼", "🫠", "🪿", "🫨", "©️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "‼️", "🎬🎥📹"]
SPECIALS = [START, END, "<|ENDOFTEXT|>", "<|StartOfText|>", "<|endoftext", "endoftext|>", "<| endoftext |>", "</w>", "<|endoftext|>'s",
            "<|endoftext|>!", "<<|endoftext|>>", "!<|endoftext|>", "a<|startoftext|>b", "<Cat-Toy>", "<cat-toy>", "<cat>", "<Panda>", "<panda>",
            "sks dog", "SKS dog", "é", "E\u0301", "!!", "!!!", "a!b", "moon", "Moon", "moonlight", "<mask>", "x <mask> y", "x\u00a0 <MASK>\n\ny",
            "cat", "cats", "a cat.", "Cat", "_cat_", "cat cat", "Rock", "a  Rock ", "rock", "Rocky", "<extra>", "<EXTRA>", "<Toy>", "<toy>", "<pad>", "[PAD]"]
SPACES = [" ", "  ", "\t", "\n", "\r\n", "\r", "\u000b", "\u000c", "\u0085", "\u00a0", "\u1680", "\u180e", "\u2003", "\u200b", "\u2028", "\u2029",
          "\u202f", "\u205f", "\u3000", "\ufeff", "\u0000", "\u001b", "\u001c", "\u001f", "\u007f", "\u00ad", "\u200d", "\u200e", "\u2060", "\ufffd", "\ufffe", "\u061c"]
MARKS = [chr(c) for c in (*range(0x300, 0x370), *range(0x483, 0x488), *range(0x591, 0x5B0), *range(0x64B, 0x660), 0x93C, 0x94D, 0x9BC, 0x9BE, 0xDCF, 0x302A, 0x3099,
                          0x309A, 0x20D0, 0x20E0, 0x1DF6, 0x1AC0, 0x8D3, 0x1E130, 0x11930, 0x1133B, 0xFE20, 0x1D165, 0x1D16E)]
BASES = "aAeEoOuUiIyYnNcCsSkKΩωαιΥвеЙאבشكक়ড়কがハゝ가각한각행Åêộǖ≠≮\u1e9b\u2126\u212b\uf900\U0002f800\U0001d15e\U00011935\u0ddc"


def random_code_point(rng):
    kind = rng.random()
    if kind < 0.25:
        c = rng.randrange(0x20, 0x7F)
    elif kind < 0.45:
        c = rng.randrange(0x80, 0x600)
    elif kind < 0.75:
        c = rng.randrange(0x600, 0x10000)
    elif kind < 0.93:
        c = rng.randrange(0x10000, 0x20000)
    else:
        c = rng.randrange(0x20000, 0x110000)
    return "\ufffd" if 0xD800 <= c < 0xE000 else chr(c)


def prompt(rng):
    return f"{rng.choice(SUBJECTS)} {rng.choice(ACTIONS)}, {rng.choice(STYLES)}"


def words(rng):
    return " ".join(rng.choice(WORDS) for _ in range(rng.randrange(1, 9)))


def glued(rng):
    return "".join(rng.choice(rng.choice((WORDS, EMOJI, SPECIALS, SPACES))) for _ in range(rng.randrange(1, 9)))


def emoji(rng):
    return rng.choice(("", " ")).join(rng.choice(EMOJI) for _ in range(rng.randrange(1, 6)))


def special(rng):
    joint = rng.choice(("", " ", "\n", "  "))
    return joint.join(rng.choice((rng.choice(SPECIALS), rng.choice(WORDS), rng.choice(SUBJECTS))) for _ in range(rng.randrange(1, 5)))


def spaced(rng):
    return "".join(rng.choice((rng.choice(SPACES), rng.choice(SPACES), rng.choice(WORDS))) for _ in range(rng.randrange(1, 10)))


def marked(rng):
    return "".join(rng.choice(BASES) + "".join(rng.choice(MARKS) for _ in range(rng.randrange(0, 4))) for _ in range(rng.randrange(1, 6)))


def fuzz(rng):
    return "".join(random_code_point(rng) for _ in range(rng.randrange(1, 16)))


def ascii_noise(rng):
    return "".join(chr(rng.randrange(0x20, 0x7F)) for _ in range(rng.randrange(1, 40)))


def quotes(rng):
    return "".join(rng.choice("''sStTrReEvVmMlLdD1 !") for _ in range(rng.randrange(1, 16)))


def upper(rng):
    text = rng.choice((words, prompt, glued))(rng)
    return rng.choice((text.upper(), text.title(), text.swapcase()))


def long_prompt(rng):
    return ", ".join(rng.choice((prompt, words, emoji))(rng) for _ in range(rng.randrange(6, 14)))


KINDS = ((prompt, 250), (words, 300), (glued, 250), (emoji, 80), (special, 250), (spaced, 200), (marked, 250),
         (fuzz, 500), (ascii_noise, 200), (quotes, 150), (upper, 150), (long_prompt, 60))

FIXED = ["", " ", "\n\t ", "\u3000", "a", "A", "!", "'", "<", "\u0000", "\U0010ffff", "a" * 10_000, "ab" * 5_000, "a panda " * 1_250,
         "!" * 10_000, "1" * 10_000, "日" * 3_000, "👍🏽" * 1_000, "\u0301" * 1_000, " " * 10_000 + "x", "'s" * 2_000, "ha" * 37, "word " * 75, "word " * 76,
         "x" * 255, "x" * 256, "x" * 257, "<|endoftext|>" * 80]


def texts(seed):
    rng = random.Random(seed)
    return FIXED + [kind(rng) for kind, count in KINDS for _ in range(count)]


def golden(name, tokenizer, text, full):
    line = {"v": name, "t": text, "ids": tokenizer(text).input_ids}
    if full:
        # as TextToVideoSDPipeline calls it; "no limit" stands for CLIP's own 77
        length = tokenizer.model_max_length if tokenizer.model_max_length < 1e6 else 77
        cut = tokenizer(text, padding="max_length", max_length=length, truncation=True)
        line |= {"max": length, "padded": cut.input_ids, "mask": sum(cut.attention_mask)}
        whole = line["ids"]
        line["removed"] = tokenizer.batch_decode([whole[length - 1 : -1]])[0] if len(whole) > length else ""
    return line


def main(merges_file, mini, output):
    mini, output = pathlib.Path(mini), pathlib.Path(output)
    vocabulary, merges = openai_vocabulary(merges_file)
    sources = {"openai": (json.dumps(vocabulary), merges),
               "mini": ((mini / "vocab.json").read_text(), (mini / "merges.txt").read_text()), "none": (None, None)}
    output.mkdir(parents=True, exist_ok=True)
    for name in ("vocab.json", "merges.txt"):
        shutil.copyfile(mini / name, output / ("mini-" + name))
    lines, count = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for number, (name, (source, files)) in enumerate(variants(scratch, mini).items()):
            tokenizer = CLIPTokenizer.from_pretrained(write(scratch / name, *sources[source], files))
            lines.append({"variant": name, "vocabulary": source, "files": files, "size": len(tokenizer), "pad": tokenizer.pad_token_id})
            chosen = texts(1)
            if name != "published":
                # the files matter most where special tokens are in the text
                rng = random.Random(100 + number)
                chosen = ["", "!", *SPECIALS, *(kind(rng) for kind in (special, special, glued, long_prompt, prompt) for _ in range(12))]
            for i, text in enumerate(chosen):
                lines.append(golden(name, tokenizer, text, full=name != "published" or i % 3 == 0))
                count += 1
    with open(output / "clip.jsonl.gz", "wb") as out:
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=out, mtime=0) as packed:
            for line in lines:
                packed.write((json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n").encode("ascii"))
    print(count, "texts")


if __name__ == "__main__":
    main(*sys.argv[1:])
