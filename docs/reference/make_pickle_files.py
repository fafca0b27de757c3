#!/usr/bin/env python3
"""Writes the PyTorch files (torch.save) that the library's own reader is tested with.

Usage: make_pickle_files.py [--golden DIR]

features*.bin hold one tensor of each kind that a state dict may hold, in both of torch.save's formats and in several
protocols of pickle; features.safetensors holds their numbers in float32.  one-level/ holds the text encoder and the
autoencoder of the golden model of that name, as diffusers and transformers name the files.
"""
import argparse
import collections
import json
import pathlib

import torch
from safetensors.torch import save_file

from random_weights import random_tensor


def features():
    numbers = torch.arange(24, dtype=torch.float32).mul_(0.37).sub_(3)
    shared = numbers.clone()
    module = torch.nn.Linear(3, 2)
    with torch.no_grad():
        module.weight.copy_(numbers[:6].view(2, 3))
        module.bias.copy_(numbers[6:8])
    state = collections.OrderedDict(module.state_dict())  # with the attribute _metadata
    state._metadata = module.state_dict()._metadata
    return {
        "state_dict": state,
        "plain": numbers.view(2, 3, 4),
        "half": numbers[:5].half(),
        "bfloat": numbers[:7].bfloat16(),
        "transposed": numbers.clone().view(4, 6).t(),
        "steps": numbers.clone().view(2, 3, 4)[:, ::2, 1:3],
        "first rows": shared.view(6, 4)[:2],
        "last row": shared.view(6, 4)[5],
        "expanded": torch.tensor([7.5]).expand(3, 2),
        "scalar": torch.tensor(1.5),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(numbers[3:9].clone()),
        "größe": torch.ones(2),
        "positions": torch.arange(4),
        "int32": torch.arange(3, dtype=torch.int32),
        "int16": torch.arange(3, dtype=torch.int16),
        "int8": torch.arange(3, dtype=torch.int8),
        "uint8": torch.arange(3, dtype=torch.uint8),
        "flags": torch.tensor([True, False]),
        "double": torch.tensor([0.1], dtype=torch.float64),
        "epoch": 3,
        "hyper_parameters": {"rate": 1e-4, "names": ["a", None, True], "large": 1 << 40, "shape": torch.Size([2, -1]),
                             "dtype": torch.float16, 7: ()},
    }


def flat(value, prefix=""):
    for key, item in value.items():
        if isinstance(item, dict):
            yield from flat(item, prefix + str(key) + ".")
        elif isinstance(item, torch.Tensor):
            yield prefix + key, item.detach()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--golden", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2] / "t2v-core/src/test/resources/golden")
    args = parser.parse_args()
    out = args.golden / "pickles"
    out.mkdir(parents=True, exist_ok=True)
    values = features()
    save_file({name: tensor.float().contiguous().clone() for name, tensor in flat(values)
               if tensor.dtype in (torch.float32, torch.float16, torch.bfloat16)}, str(out / "features.safetensors"))
    torch.save(values, out / "features.bin")
    torch.save(values, out / "features-protocol-5.bin", pickle_protocol=5)
    torch.save(values, out / "features-legacy.bin", _use_new_zipfile_serialization=False)
    torch.save(values, out / "features-legacy-protocol-4.bin", pickle_protocol=4, _use_new_zipfile_serialization=False)
    torch.save([torch.ones(1)], out / "list.bin")
    words = torch.nn.ParameterDict({"*": torch.nn.Parameter(torch.arange(6.0).view(2, 3))})
    torch.save({"string_to_token": {"*": 265}, "string_to_param": words, "name": "word", "step": 10}, out / "word.pt")
    torch.save(torch.nn.Linear(1, 1), out / "module.bin")

    manifest = json.loads((args.golden / "models/one-level/manifest.json").read_text(encoding="utf-8"))
    for part, file, new_format in (("vae", "diffusion_pytorch_model.bin", True),
                                   ("text_encoder", "pytorch_model.bin", False)):
        (out / "one-level" / part).mkdir(parents=True, exist_ok=True)
        tensors = collections.OrderedDict(
            (name, torch.from_numpy(random_tensor(name, manifest["seed"], shape)))
            for name, shape in manifest["components"][part].items())
        torch.save(tensors, out / "one-level" / part / file, _use_new_zipfile_serialization=new_format)


if __name__ == "__main__":
    main()
