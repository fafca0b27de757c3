#!/usr/bin/env python3
"""Makes the golden data of FreeU and of the strengths of temporal layers.

Usage: make_steering_goldens.py [--out DIR]

FreeU is diffusers' enable_freeu.  The strengths are hooks on diffusers' layers, which go from the input of a layer
towards its output: x + strength * (f(x) - x).
"""
import argparse
import contextlib
import copy
import pathlib

import torch
from diffusers.models.resnet import TemporalConvLayer
from diffusers.models.transformers.transformer_temporal import TransformerTemporalModel
from diffusers.utils.torch_utils import fourier_filter

from golden_models import Loaded
from make_goldens import GOLDEN, difference, save, scale

FREE_U = {"b1": 1.3, "b2": 1.6, "s1": 0.7, "s2": 0.2}
FILTER_SIZES = [(1, 1), (1, 5), (2, 1), (2, 2), (3, 4), (4, 3), (4, 4), (5, 8), (8, 9), (9, 16), (16, 5), (16, 16)]
UNETS = {
    # name: (batch, frames, height, width, timestep, text tokens, seed)
    "four-levels": (2, 3, 8, 8, 481, 7, 301),
    "odd-latents": (1, 2, 5, 7, 21, 5, 302),
    "two-levels": (1, 3, 6, 3, 741, 5, 303),
    "one-level": (1, 2, 4, 4, 999, 5, 304),
}
STRENGTHS = {
    # name: (temporal attention, temporal convolution)
    "no-attention": (0.0, 1.0),
    "no-convolution": (1.0, 0.0),
    "spatial-alone": (0.0, 0.0),
    "calmer": (0.4, 0.7),
    "exaggerated": (1.5, 1.25),
}


@contextlib.contextmanager
def free_u(unet):
    unet.enable_freeu(**FREE_U)
    yield
    unet.disable_freeu()


@contextlib.contextmanager
def strengths(unet, attention, convolution):
    def towards(strength):
        def hook(module, args, output):
            x, y = args[0], output[0] if isinstance(output, tuple) else output
            y = x + strength * (y - x)
            return (y,) if isinstance(output, tuple) else y
        return hook

    kinds = {TransformerTemporalModel: attention, TemporalConvLayer: convolution}
    hooks = [module.register_forward_hook(towards(kinds[type(module)]))
             for module in unet.modules() if type(module) in kinds]
    yield
    for hook in hooks:
        hook.remove()


@torch.no_grad()
def make_filter(out):
    g = torch.Generator().manual_seed(300)
    tensors = {}
    for height, width in FILTER_SIZES:
        x = torch.randn(2, 3, height, width, generator=g)
        tensors[f"{height}x{width}.input"] = x
        tensors[f"{height}x{width}.output"] = fourier_filter(x, threshold=1, scale=FREE_U["s2"])
    save(out / "unet" / "freeu-filter", tensors, {"scale": FREE_U["s2"], "sizes": FILTER_SIZES})


@torch.no_grad()
def make_unets(models, out):
    tensors, cases = {}, []
    for model, (batch, frames, height, width, timestep, tokens, seed) in UNETS.items():
        unet = Loaded(models, model).pipe.unet
        double = copy.deepcopy(unet).double()
        g = torch.Generator().manual_seed(seed)
        sample = torch.randn(batch, unet.config.in_channels, frames, height, width, generator=g)
        text = torch.randn(batch, tokens, unet.config.cross_attention_dim, generator=g)
        tensors.update({f"{model}.sample": sample, f"{model}.text": text})
        plain = unet(sample, timestep, text).sample
        changes = {"freeu": (FREE_U, free_u)}
        for name, (attention, convolution) in STRENGTHS.items() if model in ("four-levels", "odd-latents") else ():
            changes[name] = ({"attention": attention, "convolution": convolution},
                             lambda u, a=attention, c=convolution: strengths(u, a, c))
        for change, (settings, context) in changes.items():
            with context(unet), context(double):
                result = unet(sample, timestep, text).sample
                exact = double(sample.double(), timestep, text.double()).sample
            assert not torch.allclose(result, plain, atol=1e-3), (model, change)
            tensors[f"{model}.{change}"] = result
            cases.append({"model": model, "change": change, **settings, "timestep": timestep, "largest": scale(result),
                          "float64_difference": difference(result, exact)})
        assert torch.equal(plain, unet(sample, timestep, text).sample), model
    save(out / "unet" / "adjustments", tensors, {"cases": cases})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default=GOLDEN)
    args = parser.parse_args()
    torch.set_num_threads(1)
    make_filter(args.out)
    make_unets(args.out / "models", args.out)


if __name__ == "__main__":
    main()
