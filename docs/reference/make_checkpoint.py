#!/usr/bin/env python3
"""Writes a complete checkpoint folder whose weights follow the recipe in random_weights.py.

Usage: make_checkpoint.py MODEL OUT [--dtype float16] [--golden DIR]
MODEL: a golden model's name (four-levels, ...), or "full-size": the published text-to-video-ms-1.7b in every dimension
(7.3 GB in fp32, no tokenizer), which is what benchmark_reference.py and the library's benchmarks can be run on
where the published weights are not at hand.  OUT must not exist.
"""
import argparse
import copy
import json
import pathlib
import shutil

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet3DConditionModel
from safetensors.numpy import save_file
from transformers import CLIPTextConfig, CLIPTextModel

from golden_models import (CROSS_DOWN, CROSS_UP, DOWN, MODEL_INDEX, PUBLISHED_SCHEDULER, UP, WEIGHT_FILES, text_config,
                           unet_config, vae_config, write_json)
from random_weights import random_tensor

FULL_SIZE = {
    "seed": 0,
    "unet": unet_config(
        sample_size=32, block_out_channels=[320, 640, 1280, 1280], attention_head_dim=64, cross_attention_dim=1024,
        layers_per_block=2, norm_num_groups=32, down_block_types=[CROSS_DOWN, CROSS_DOWN, CROSS_DOWN, DOWN],
        up_block_types=[UP, CROSS_UP, CROSS_UP, CROSS_UP]),
    "vae": vae_config(block_out_channels=[128, 256, 512, 512], layers_per_block=2, norm_num_groups=32, sample_size=256),
    "text_encoder": text_config(
        hidden_size=1024, intermediate_size=4096, num_hidden_layers=23, num_attention_heads=16, projection_dim=512,
        max_position_embeddings=77, vocab_size=49408),
    "scheduler": PUBLISHED_SCHEDULER,
}


def full_size(out: pathlib.Path):
    write_json(out / "model_index.json", MODEL_INDEX)
    for part, file in (("unet", "config.json"), ("vae", "config.json"), ("text_encoder", "config.json"),
                       ("scheduler", "scheduler_config.json")):
        write_json(out / part / file, FULL_SIZE[part])
    text = {k: v for k, v in FULL_SIZE["text_encoder"].items() if k != "architectures"}
    with torch.device("meta"):
        modules = {
            "text_encoder": CLIPTextModel(CLIPTextConfig(**text)),
            "unet": UNet3DConditionModel.from_config(copy.deepcopy(FULL_SIZE["unet"])),
            "vae": AutoencoderKL.from_config(copy.deepcopy(FULL_SIZE["vae"])),
        }
    components = {}
    for part, module in modules.items():
        shapes = {name: list(t.shape) for name, t in module.state_dict().items()}
        if part == "text_encoder":
            shapes = {k if k.startswith("text_model.") else "text_model." + k: v for k, v in shapes.items()}
        components[part] = dict(sorted(shapes.items()))
    return {"seed": FULL_SIZE["seed"], "components": components}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--dtype", choices=["float32", "float16"], default="float32")
    parser.add_argument("--golden", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2] / "t2v-core/src/test/resources/golden")
    args = parser.parse_args()
    if args.model == "full-size":
        args.out.mkdir(parents=True)
        manifest = full_size(args.out)
    else:
        shutil.copytree(args.golden / "models" / args.model, args.out)
        manifest = json.loads((args.out / "manifest.json").read_text(encoding="utf-8"))
        (args.out / "manifest.json").unlink()
    for part, shapes in manifest["components"].items():
        tensors = {name: random_tensor(name, manifest["seed"], shape).astype(args.dtype) for name, shape in shapes.items()}
        save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, str(args.out / part / WEIGHT_FILES[part]),
                  metadata={"format": "pt"})
        print(part, len(tensors), "tensors,", sum(t.size for t in tensors.values()), "parameters")
        del tensors


if __name__ == "__main__":
    main()
