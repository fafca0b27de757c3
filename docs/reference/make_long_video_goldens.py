#!/usr/bin/env python3
"""Makes the golden data of long videos: a text for each frame, and FreeNoise's shuffled noise.

Usage: make_long_video_goldens.py [--out DIR]

diffusers' UNet3DConditionModel repeats one text for all frames by `repeat_interleave`.  That call is replaced here, so
that each frame has a text of its own.  The noise is that of diffusers' `AnimateDiffFreeNoiseMixin`.
"""
import argparse
import contextlib
import copy
import pathlib
from unittest import mock

import torch
from diffusers.pipelines.free_noise_utils import AnimateDiffFreeNoiseMixin

from golden_models import Loaded
from make_goldens import GOLDEN, difference, save, scale

TEXT_MODEL = "four-levels"
TEXT_CASES = {
    # name: (batch, frames, height, width, timestep, text tokens, seed)
    "one-video": (1, 5, 4, 8, 481, 7, 201),
    "batch-two": (2, 3, 5, 4, 741, 16, 202),
}
NOISE_CASES = {
    # name: (frames, window, overlap, seed)
    "fits": (16, 8, 4, 1),
    "does-not-fit": (15, 6, 2, 2),
    "no-overlap": (11, 4, 0, 3),
    "one-window": (4, 8, 2, 4),
}


@contextlib.contextmanager
def text_of_each_frame(text):
    """text: [batch, frames, tokens, width], stood for by its first frame's when the UNet is called."""
    original = torch.Tensor.repeat_interleave
    first = text[:, 0]

    def repeat(self, *args, **kwargs):
        return text.flatten(0, 1) if self is first else original(self, *args, **kwargs)

    with mock.patch.object(torch.Tensor, "repeat_interleave", repeat):
        yield first


@torch.no_grad()
def predict(unet, sample, timestep, text):
    with text_of_each_frame(text) as first:
        return unet(sample, timestep, first).sample


@torch.no_grad()
def make_texts(models, out):
    unet = Loaded(models, TEXT_MODEL).pipe.unet
    double = copy.deepcopy(unet).double()
    tensors, cases = {}, []
    for name, (batch, frames, height, width, timestep, tokens, seed) in TEXT_CASES.items():
        g = torch.Generator().manual_seed(seed)
        sample = torch.randn(batch, unet.config.in_channels, frames, height, width, generator=g)
        text = torch.randn(batch, frames, tokens, unet.config.cross_attention_dim, generator=g)
        result = predict(unet, sample, timestep, text)
        exact = predict(double, sample.double(), timestep, text.double())
        assert not torch.equal(result, unet(sample, timestep, text[:, 0]).sample), name
        same = predict(unet, sample, timestep, text[:, :1].repeat(1, frames, 1, 1))
        assert torch.equal(same, unet(sample, timestep, text[:, 0]).sample), name
        tensors.update({f"{name}.sample": sample, f"{name}.text": text, f"{name}.output": result})
        cases.append({"name": name, "timestep": timestep, "seed": seed, "shape": list(sample.shape),
                      "text_tokens": tokens, "largest": scale(result),
                      "float64_difference": difference(result, exact)})
    save(out / "unet" / "text-of-each-frame", tensors, {"model": TEXT_MODEL, "cases": cases})


def make_noise(out):
    tensors, cases = {}, []
    for name, (frames, window, overlap, seed) in NOISE_CASES.items():
        mixin = AnimateDiffFreeNoiseMixin()
        mixin.vae_scale_factor = 1
        mixin._free_noise_context_length = window
        mixin._free_noise_context_stride = window - overlap
        mixin._free_noise_noise_type = "shuffle_context"
        tensors[name] = mixin._prepare_latents_free_noise(
            1, 2, frames, 2, 3, torch.float32, torch.device("cpu"), torch.Generator().manual_seed(seed))
        cases.append({"name": name, "frames": frames, "window": window, "overlap": overlap, "seed": seed})
    save(out / "pipeline" / "correlated-noise", tensors, {"cases": cases})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default=GOLDEN)
    args = parser.parse_args()
    torch.set_num_threads(1)
    make_texts(args.out / "models", args.out)
    make_noise(args.out)


if __name__ == "__main__":
    main()
