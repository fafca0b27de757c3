#!/usr/bin/env python3
"""Makes the golden data of adapters: LoRA files of every trainer, and what the model computes with them.

Usage: make_adapter_goldens.py [--out DIR]

All files are for the golden model `two-levels`, with factors of the recipe of random_weights.py.  Results are those of
networks in double precision, whose weights are merged here by the formulas of each library, written out below.  Where
PEFT has the format, its un-merged layers must give the same.
"""
import argparse
import contextlib
import copy
import functools
import gzip
import json
import pathlib

import numpy as np
import peft
import torch
from diffusers import UNet3DConditionModel
from diffusers.utils import state_dict_utils
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file

import golden_models
from golden_models import Loaded
from make_goldens import GOLDEN, difference, save, scale
from random_weights import random_tensor

MODEL = "two-levels"
PROMPT = "a red circle moving right"

# Each kind of layer once or twice: linear, 1 x 1, 3 x 3, 3 x 1 x 1, spatial and temporal, first and last.
STYLE_UNET = [
    "conv_in", "time_embedding.linear_1", "transformer_in.proj_in", "transformer_in.transformer_blocks.0.attn1.to_q",
    "down_blocks.0.resnets.0.conv1", "down_blocks.0.resnets.0.time_emb_proj", "down_blocks.0.temp_convs.1.conv3.3",
    "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k", "down_blocks.0.downsamplers.0.conv",
    "down_blocks.1.resnets.0.conv_shortcut", "mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0",
    "mid_block.temp_attentions.0.transformer_blocks.0.ff.net.0.proj", "up_blocks.0.upsamplers.0.conv",
    "up_blocks.1.temp_attentions.2.transformer_blocks.0.attn2.to_v", "up_blocks.1.attentions.1.proj_in", "conv_out",
]
# What attention processors held before PEFT: attention alone.
ATTENTION_UNET = [n for n in STYLE_UNET if ".attn" in n]
STYLE_TEXT = ["encoder.layers.0.self_attn.q_proj", "encoder.layers.0.self_attn.out_proj", "encoder.layers.1.mlp.fc1"]
SECOND_UNET = ["down_blocks.0.temp_convs.1.conv3.3", "transformer_in.transformer_blocks.0.attn1.to_q",
               "down_blocks.1.temp_attentions.0.transformer_blocks.0.attn1.to_k", "mid_block.resnets.1.conv2"]
RANK, ALPHA = 2, 3.0
OTHER_RANKS = {"conv_in": 4, "mid_block.resnets.1.conv2": 3}
# 0 is off: its result is the plain model's.
SCALES = (0.6, 1.0)
TARGETS = (torch.nn.Linear, torch.nn.Conv2d, torch.nn.Conv3d)


def factors(name, module, seed, rank=None, extra=1):
    """down [r, in, ...], up [out, r, 1, ...], as PEFT has them."""
    rank = rank or OTHER_RANKS.get(name, RANK)
    weight = module.weight
    down = random_tensor(f"{name}.down", seed, (rank, *weight.shape[1:]))
    up = random_tensor(f"{name}.up", seed, (weight.shape[0], rank, *[1] * (weight.ndim - 2)))
    return torch.from_numpy(down), torch.from_numpy(up)


def product(down, up):
    """PEFT's and cloneofsimo's: a matrix product, in the shape of the weight."""
    delta = up.double().flatten(1) @ down.double().flatten(1)
    return delta.reshape(up.shape[0], *down.shape[1:])


def stable_product(down, up, weight):
    """stable_lora's layers, in their own words: B @ A, seen as the weight, or for frames as one with k more, averaged."""
    delta = up.double() @ down.double()
    if weight.ndim < 5:
        return delta.view(weight.shape)
    shape = list(weight.shape)
    shape[-2] = shape[2]
    return delta.view(shape).mean(dim=-2, keepdim=True)


def stable_factors(name, module, seed):
    weight = module.weight
    kernel = weight.shape[2] if weight.ndim > 2 else 1
    down = random_tensor(f"{name}.stable.down", seed, (RANK * kernel, weight.shape[1] * kernel))
    up = random_tensor(f"{name}.stable.up", seed, (weight.shape[0] * kernel, RANK * kernel))
    return torch.from_numpy(down), torch.from_numpy(up)


@contextlib.contextmanager
def merged(pipe, deltas):
    """The pipeline with weights W + sum s * delta, summed in float64.  deltas: [(part, name, delta)]."""
    kept = {}
    for part, name, delta in deltas:
        weight = dict(getattr(pipe, part).named_modules())[name].weight
        kept.setdefault((part, name), (weight, weight.data.clone(), []))[2].append(delta)
    for weight, base, parts in kept.values():
        weight.data = base.double() + sum(parts)
    yield
    for weight, base, _ in kept.values():
        weight.data = base


def original_name(name):
    """ModelScope's name of a layer of this model: two levels of two layers, three on the way up."""
    replaced = {"conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "conv2": "out_layers.3",
                "conv_shortcut": "skip_connection"}
    first, *rest = name.split(".")
    if first == "transformer_in":
        return "input_blocks.0.1." + ".".join(rest)
    if first not in ("down_blocks", "up_blocks", "mid_block"):
        return name  # the converter of stable_lora leaves these as they are
    if first == "mid_block":
        kind, index, *rest = rest
        block = "middle_block"
        at = {"resnets": "0" if index == "0" else "3", "temp_convs": "0" if index == "0" else "3", "attentions": "1",
              "temp_attentions": "2"}[kind]
        prefix = f"{block}.{at}"
    else:
        level, kind, index, *rest = rest
        if kind == "downsamplers":
            return f"input_blocks.{3 + 3 * int(level)}.op"
        if kind == "upsamplers":
            return f"output_blocks.2.1.conv"  # level 0 has no attention
        number = (1 + 3 * int(level) if first == "down_blocks" else 3 * int(level)) + int(index)
        block = "input_blocks" if first == "down_blocks" else "output_blocks"
        prefix = f"{block}.{number}." + {"resnets": "0", "temp_convs": "0", "attentions": "1", "temp_attentions": "2"}[kind]
    if kind == "temp_convs":
        return f"{prefix}.temopral_conv." + ".".join(rest)
    if kind == "resnets":
        return f"{prefix}." + ".".join(replaced.get(part, part) for part in rest)
    return f"{prefix}." + ".".join(rest)


def original_text_name(name):
    for new, old in {"encoder.layers.": "resblocks.", "self_attn.": "attn.", "mlp.fc1": "mlp.c_fc",
                     "mlp.fc2": "mlp.c_proj"}.items():
        name = name.replace(new, old)
    return name


def listed(module, ancestors, leave=lambda name: False):
    """cloneofsimo's walk: the layers below each ancestor, in the order of named_modules."""
    found = []
    roots = [("", module)] if type(module).__name__ in ancestors else [
        (name, child) for name, child in module.named_modules() if type(child).__name__ in ancestors]
    for root, child in roots:
        for name, layer in child.named_modules():
            full = f"{root}.{name}".strip(".")
            if isinstance(layer, TARGETS) and not leave(full):
                found.append((full, layer))
    return found


class Maker:
    def __init__(self, out):
        self.out = out / "adapters"
        self.out.mkdir(parents=True, exist_ok=True)
        self.loaded = Loaded(GOLDEN / "models", MODEL)
        self.pipe = self.loaded.pipe
        self.tensors, self.cases, self.kept = {}, [], {}
        g = torch.Generator().manual_seed(14)
        self.sample = torch.randn(1, 4, 3, 6, 5, generator=g)
        self.text = torch.randn(1, 7, self.pipe.unet.config.cross_attention_dim, generator=g)
        self.tensors.update({"sample": self.sample, "text": self.text})
        self.ids = torch.tensor([[0, 340, 5, 71, 2, 2, 2]])
        self.modules = {part: dict(getattr(self.pipe, part).named_modules()) for part in ("unet", "text_encoder")}

    def deltas(self, part, names, seed, factor=1.0):
        return [(part, n, factor * product(*factors(n, self.modules[part][n], seed))) for n in names]

    def strengths(self, part, names, seed, alpha=ALPHA):
        return [(part, n, alpha / OTHER_RANKS.get(n, RANK) * product(*factors(n, self.modules[part][n], seed)))
                for n in names]

    @torch.no_grad()
    def compute(self, dtype=torch.float64):
        """Prediction and embeddings."""
        ids = self.pipe.tokenizer(PROMPT, padding="max_length", truncation=True, max_length=16,
                                  return_tensors="pt").input_ids
        unet, text = (copy.deepcopy(part).to(dtype) for part in (self.pipe.unet, self.pipe.text_encoder))
        return unet(self.sample.to(dtype), 481, self.text.to(dtype)).sample, text(ids)[0]

    def stored(self, name, tensor):
        """The name that the tensor has in the file: what several formats give is there once."""
        for known, other in self.tensors.items():
            if torch.equal(other, tensor):
                return known
        self.tensors[name] = tensor
        return name

    def format(self, name, file, deltas, unmerged=lambda factor: None):
        """One file at every scale.  unmerged: PEFT's results at a scale."""
        for factor in SCALES:
            self.case(f"{name}-{factor}", [{"file": file, "scale": factor}],
                      [(p, n, factor * d) for p, n, d in deltas], unmerged(factor))

    def case(self, name, adapters, deltas, unmerged=None):
        """adapters: [{file, scale, ...}]; deltas with their scales; unmerged: PEFT's results, which must agree."""
        with merged(self.pipe, deltas):
            exact = self.compute()
            single = self.compute(torch.float32)
        if unmerged is not None:
            assert all(difference(a, b) < 1e-10 for a, b in zip(exact, unmerged)), name
        change, rounding = ([difference(a, b) / scale(a) for a, b in zip(exact, other)]
                            for other in (self.compute(), single))
        assert max(change) > 0.01 and max(rounding) < 1e-5, (name, change, rounding)
        self.kept[name] = deltas
        self.cases.append({"name": name, "adapters": adapters, "unet": self.stored(f"{name}.unet", exact[0].float()),
                           "embeddings": self.stored(f"{name}.embeddings", exact[1].float()),
                           "change": [float(f"{c:.1e}") for c in change],
                           "float32_difference": [float(f"{r:.1e}") for r in rounding]})

    # PEFT ----------------------------------------------------------------------------------------------------------

    def peft_model(self, part, adapters):
        """adapters: {adapter name: (layers, seed, scale)}.  A copy with un-merged layers."""
        model = copy.deepcopy(getattr(self.pipe, part))
        for adapter, (names, seed, factor) in adapters.items():
            config = self.peft_config(names)
            peft.inject_adapter_in_model(config, model, adapter)
            modules = dict(model.named_modules())
            for n in names:
                down, up = factors(n, self.modules[part][n], seed)
                modules[n].lora_A[adapter].weight.data = down.clone()
                modules[n].lora_B[adapter].weight.data = up.clone()
                modules[n].scaling[adapter] *= factor
        for module in model.modules():
            if isinstance(module, peft.tuners.tuners_utils.BaseTunerLayer):
                module.set_adapter([a for a in adapters if a in module.lora_A])
        return model.eval().requires_grad_(False)

    @staticmethod
    def peft_config(names, **over):
        return peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=list(names), lora_dropout=0.1,
                               rank_pattern={n: r for n, r in OTHER_RANKS.items() if n in names}, **over)

    def unmerged(self, unet, text):
        pipe = copy.copy(self.pipe)
        kept = self.pipe.unet, self.pipe.text_encoder
        self.pipe.unet = self.peft_model("unet", unet)
        self.pipe.text_encoder = self.peft_model("text_encoder", text) if text else kept[1]
        result = self.compute()
        self.pipe.unet, self.pipe.text_encoder = kept
        return result

    def peft_folder(self, folder, names, seed, **over):
        base = UNet3DConditionModel.from_config(copy.deepcopy(golden_models.MODELS[MODEL]["unet"]))
        model = peft.get_peft_model(base, self.peft_config(names, **over))
        state = get_peft_model_state_dict(model)
        filled = {}
        for key in state:
            layer = key.removeprefix("base_model.model.").rsplit(".lora_", 1)[0]
            down, up = factors(layer, self.modules["unet"][layer], seed)
            filled[key] = (down if ".lora_A." in key else up).contiguous()
            assert filled[key].shape == state[key].shape, key
        folder.mkdir(exist_ok=True)
        model.peft_config["default"].save_pretrained(str(folder))
        config = json.loads((folder / "adapter_config.json").read_text())
        config["target_modules"] = sorted(config["target_modules"])
        (folder / "adapter_config.json").write_text(json.dumps(config, indent=1) + "\n")
        save_file(filled, str(folder / "adapter_model.safetensors"), metadata={"format": "pt"})

    # the formats ----------------------------------------------------------------------------------------------------

    def both(self, seed):
        """(prefix, layer, module, down, up) of the style, of both networks."""
        for part, names in (("unet", STYLE_UNET), ("text_encoder", STYLE_TEXT)):
            for n in names:
                down, up = factors(n, self.modules[part][n], seed)
                yield part, n, down, up

    def text_name(self, part, n):
        return "text_model." + n if part == "text_encoder" else n

    def make_peft(self):
        seed = 100
        self.peft_folder(self.out / "peft", STYLE_UNET, seed)
        self.format("peft", "peft", self.strengths("unet", STYLE_UNET, seed),
                    lambda factor: self.unmerged({"a": (STYLE_UNET, seed, factor)}, None))
        self.peft_folder(self.out / "rslora", SECOND_UNET, 200, use_rslora=True)
        rs = [("unet", n, ALPHA / np.sqrt(OTHER_RANKS.get(n, RANK))
               * product(*factors(n, self.modules["unet"][n], 200))) for n in SECOND_UNET]
        self.format("rslora", "rslora", rs)
        self.case("two-adapters", [{"file": "peft", "scale": 0.6}, {"file": "rslora", "scale": 0.5}],
                  [(p, n, 0.6 * d) for p, n, d in self.strengths("unet", STYLE_UNET, seed)]
                  + [(p, n, 0.5 * d) for p, n, d in rs])
        temporal = ("transformer_in", "temp_attentions", "temp_convs")
        self.case("parts", [{"file": "peft", "scale": 1.0, "spatialScale": 0.25, "temporalScale": -0.5}],
                  [(p, n, (-0.5 if any(t in n for t in temporal) else 0.25) * d)
                   for p, n, d in self.strengths("unet", STYLE_UNET, seed)])

    def make_diffusers(self):
        seed = 100
        deltas = self.strengths("unet", STYLE_UNET, seed) + self.strengths("text_encoder", STYLE_TEXT, seed)
        unmerged = functools.cache(
            lambda factor: self.unmerged({"a": (STYLE_UNET, seed, factor)}, {"a": (STYLE_TEXT, seed, factor)}))
        files = {}
        # diffusers since 0.32: PEFT's names behind the component's, and PEFT's configuration as a note.
        state, note = {}, {}
        for part, n, down, up in self.both(seed):
            state[f"{part}.{self.text_name(part, n)}.lora_A.weight"] = down
            state[f"{part}.{self.text_name(part, n)}.lora_B.weight"] = up
        for part, names in (("unet", STYLE_UNET), ("text_encoder", STYLE_TEXT)):
            config = self.peft_config(names).to_dict()
            config["target_modules"] = sorted(config["target_modules"])
            note.update({f"{part}.{k}": v for k, v in config.items()})
        note = json.dumps(note, default=lambda v: sorted(v) if isinstance(v, set) else str(v), sort_keys=True)
        files["diffusers.safetensors"] = (state, {"format": "pt", "lora_adapter_metadata": note})
        # diffusers before: lora.down and lora.up, lora_linear_layer in the text encoder, alpha as a tensor.
        state = {}
        for part, n, down, up in self.both(seed):
            name = f"{part}.{self.text_name(part, n)}"
            middle = "lora_linear_layer" if part == "text_encoder" else "lora"
            state[f"{name}.{middle}.down.weight"], state[f"{name}.{middle}.up.weight"] = down, up
            state[f"{name}.alpha"] = torch.tensor(ALPHA)
        files["diffusers-old.safetensors"] = (state, {"format": "pt"})
        # kohya: points become underscores.
        state = {}
        for part, n, down, up in self.both(seed):
            prefix = "lora_te_" if part == "text_encoder" else "lora_unet_"
            name = prefix + self.text_name(part, n).replace(".", "_")
            state[f"{name}.lora_down.weight"], state[f"{name}.lora_up.weight"] = down, up
            state[f"{name}.alpha"] = torch.tensor(ALPHA)
        files["kohya.safetensors"] = (state, {"ss_network_dim": str(RANK), "ss_base_model_version": "modelscope"})
        for file, (state, metadata) in files.items():
            save_file({k: v.contiguous() for k, v in state.items()}, str(self.out / file), metadata=metadata)
            self.format(file.split(".")[0], file, deltas, unmerged)
        self.make_processors()
        self.check_converters(files)

    def make_processors(self):
        """diffusers before 0.22: attention processors and nothing else, without alpha, without a component's name; and a
        text encoder whose layers had the names of attention processors."""
        seed = 100
        state = {}
        for n in ATTENTION_UNET:
            attention, _, layer = n.partition(".to_")
            down, up = factors(n, self.modules["unet"][n], seed)
            key = f"{attention}.processor.to_{layer.removesuffix('.0')}_lora"
            state[f"{key}.down.weight"], state[f"{key}.up.weight"] = down, up
        torch.save(state, self.out / "processors.bin")
        deltas = self.deltas("unet", ATTENTION_UNET, seed)
        self.format("processors", "processors.bin", deltas)
        state = {f"unet.{k}": v for k, v in state.items()}
        for n in STYLE_TEXT[:2]:
            down, up = factors(n, self.modules["text_encoder"][n], seed)
            old = n.replace("out_proj", "to_out").replace("q_proj", "to_q")
            state[f"text_encoder.text_model.{old}_lora.down.weight"] = down
            state[f"text_encoder.text_model.{old}_lora.up.weight"] = up
        save_file({k: v.contiguous() for k, v in state.items()}, str(self.out / "processors-text.safetensors"))
        self.format("processors-text", "processors-text.safetensors",
                    deltas + self.deltas("text_encoder", STYLE_TEXT[:2], seed))

    @staticmethod
    def check_converters(files):
        """The names are those that diffusers' own converters know."""
        old = {k.removeprefix("unet."): v for k, v in files["diffusers-old.safetensors"][0].items()
               if k.startswith("unet.") and not k.endswith(".alpha")}
        new = {k.removeprefix("unet."): v for k, v in files["diffusers.safetensors"][0].items() if k.startswith("unet.")}
        converted = state_dict_utils.convert_unet_state_dict_to_peft(old)
        assert converted.keys() == new.keys(), converted.keys() ^ new.keys()

    def make_stable(self):
        seed = 300
        state, webui, deltas = {}, {}, {"full": [], "webui": []}
        for part, names in (("unet", STYLE_UNET), ("text_encoder", STYLE_TEXT)):
            for n in names:
                module = self.modules[part][n]
                down, up = stable_factors(n, module, seed)
                state[f"{self.text_name(part, n)}.lora_A"], state[f"{self.text_name(part, n)}.lora_B"] = down, up
                deltas["full"].append((part, n, stable_product(down, up, module.weight)))
                half = down.half(), up.half()
                name = original_name(n) if part == "unet" else original_text_name(n)
                shape = lambda x: x.unsqueeze(-1) if n.endswith(("proj_in", "proj_out")) else x  # as their converter does
                webui[f"{name}.lora_A"], webui[f"{name}.lora_B"] = shape(half[0]), shape(half[1])
                deltas["webui"].append((part, n, stable_product(*half, module.weight)))
        embedding = "embeddings.token_embedding"
        vocabulary, width = self.modules["text_encoder"][embedding].weight.shape
        down = torch.from_numpy(random_tensor("embedding.down", seed, (1, vocabulary)) * 10)
        up = torch.from_numpy(random_tensor("embedding.up", seed, (width, 1)) * 0.1)
        state[f"text_model.{embedding}.lora_A"], state[f"text_model.{embedding}.lora_B"] = down, up
        deltas["full"].append(("text_encoder", embedding, (up.double() @ down.double()).T))
        save_file({k: v.contiguous() for k, v in state.items()}, str(self.out / "stable.safetensors"))
        save_file({k: v.contiguous() for k, v in webui.items()}, str(self.out / "webui_stable.safetensors"),
                  metadata={"stable_lora_text_to_video": "v1", "lora_name": "golden"})
        self.format("stable", "stable.safetensors", deltas["full"])
        self.format("webui-stable", "webui_stable.safetensors", deltas["webui"])

    def make_lists(self):
        unet, text = self.pipe.unet, self.pipe.text_encoder
        not_adapted = lambda name: ".proj_" in name or name.startswith("transformer_in.proj")
        spatial = lambda name: not_adapted(name) or ".attn2." in name
        self.list_file("list-unet", "unet", listed(unet, {"UNet3DConditionModel"}), 400, joined=True)
        self.list_file("list-text", "text_encoder", listed(text, {"CLIPEncoderLayer"}), 401)
        self.list_file("list-temporal", "unet", listed(unet, {"TransformerTemporalModel"}, not_adapted), 402, joined=True)
        self.list_file("list-spatial", "unet", listed(unet, {"Transformer2DModel"}, spatial), 403, joined=True, times=2)
        self.numbered()

    def list_file(self, name, part, layers, seed, joined=False, times=1):
        """[up, down, up, down ...]; joined: views of one storage, which keeps the file small."""
        tensors, deltas = [], []
        for n, module in layers:
            for turn in range(times):
                down, up = factors(n, module, seed + 1000 * turn, rank=1)
                up = up / 2  # every layer is changed; by more, networks magnify rounding beyond the tolerance
                tensors += [up, down]
                deltas.append((part, n, product(down, up)))
        if joined:
            flat = torch.cat([t.flatten() for t in tensors])
            views, at = [], 0
            for t in tensors:
                views.append(flat[at:at + t.numel()].view(t.shape))
                at += t.numel()
            tensors = views
        else:
            tensors = [torch.nn.Parameter(t) for t in tensors]
        torch.save(tensors, self.out / f"{name}.pt")
        self.format(name, f"{name}.pt", deltas)

    def numbered(self):
        """cloneofsimo's safetensors: numbered pairs, and the names of the ancestors as a note."""
        layers = listed(self.pipe.text_encoder, {"CLIPEncoderLayer"})
        state, deltas = {}, []
        metadata = {"text_encoder": json.dumps(["CLIPEncoderLayer"])}
        for i, (n, module) in enumerate(layers):
            down, up = factors(n, module, 500, rank=1)
            state[f"text_encoder:{i}:up"], state[f"text_encoder:{i}:down"] = up, down
            metadata[f"text_encoder:{i}:rank"] = "1"
            deltas.append(("text_encoder", n, product(down, up)))
        save_file(state, str(self.out / "list.safetensors"), metadata=metadata)
        self.format("list-numbered", "list.safetensors", deltas)

    def make_orders(self):
        """named_modules of every kind of UNet, for the order of lists."""
        lines = []
        configs = {name: golden_models.MODELS[name]["unet"] for name in golden_models.NARROW}
        configs["guidance-embedding"] = dict(configs["one-level"], time_cond_proj_dim=8)
        for name, config in configs.items():
            unet = UNet3DConditionModel.from_config(copy.deepcopy(config))
            lines += [f"{name} {n}" for n, _ in listed(unet, {"UNet3DConditionModel"})]
        text = gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)
        (self.out / "orders.txt.gz").write_bytes(text)

    @torch.no_grad()
    def make_pipelines(self):
        """From prompt to frames, five steps: every format at one scale, and several adapters."""
        for case in self.cases:
            if case["name"].endswith(f"-{SCALES[1]}"):
                continue
            with merged(self.pipe, self.kept[case["name"]]):
                self.pipe.to(torch.float32)
                result = self.pipe(PROMPT, height=32, width=24, num_frames=3, num_inference_steps=5, guidance_scale=5.0,
                                   generator=torch.Generator().manual_seed(9), output_type="np")
            frames = torch.from_numpy((result.frames * 255).round().astype(np.uint8))
            case["frames"] = self.stored(f"{case['name']}.frames", frames)

    def make(self):
        plain = self.compute()
        self.tensors.update({"plain.unet": plain[0].float(), "plain.embeddings": plain[1].float()})
        self.make_peft()
        self.make_diffusers()
        self.make_stable()
        self.make_lists()
        self.make_orders()
        self.make_pipelines()
        save(self.out / "results", self.tensors,
             {"model": MODEL, "prompt": PROMPT, "timestep": 481, "peft": peft.__version__, "cases": self.cases})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default=GOLDEN)
    torch.set_num_threads(1)
    Maker(parser.parse_args().out).make()


if __name__ == "__main__":
    main()
