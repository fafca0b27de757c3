#!/usr/bin/env python3
"""Makes the golden data of distilled models: the guidance embedding, T2V-Turbo's timesteps, four steps of each.

Usage: make_distilled_goldens.py T2V_TURBO [--out DIR]
T2V_TURBO: a checkout of Ji4chenLi/t2v-turbo at eaae323, whose scheduler is loaded by its path.

The model is four-levels with time_cond_proj_dim 256; the added tensor follows the same recipe as the others.
diffusers' TextToVideoSDPipeline has no guidance embedding: it is handed to the UNet as T2V-Turbo's pipeline does, which
embeds the guidance scale itself (get_w_embedding, copied into `embedding` in other words).
"""
import argparse
import contextlib
import copy
import importlib.util
import pathlib
from unittest import mock

import torch
from diffusers import LCMScheduler, UNet3DConditionModel

from golden_models import Loaded
from make_goldens import GOLDEN, PROMPTS, difference, generators, save, scale, to_bytes
from random_weights import random_tensor

MODEL, SEED, WIDTH = "four-levels", 1, 256
SCALES = [1.0, 2.0, 7.5, 14.0, 3.3]
STEPS = [1, 2, 3, 4, 5, 6, 7, 8, 16, 25, 49, 50]


def turbo_scheduler(checkout):
    path = checkout / "scheduler" / "t2v_turbo_scheduler.py"
    spec = importlib.util.spec_from_file_location("t2v_turbo_scheduler", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.T2VTurboScheduler()


def embedding(guidance_scale, width):
    """[1, width]: sines and cosines of a thousand times the scale, in float32."""
    half = width // 2
    step = torch.log(torch.tensor(10000.0)) / (half - 1)
    angles = torch.tensor([guidance_scale]) * 1000.0 * torch.exp(torch.arange(half, dtype=torch.float32) * -step)
    waves = torch.cat([torch.sin(angles), torch.cos(angles)])[None]
    return torch.nn.functional.pad(waves, (0, width % 2))


def distilled(pipe):
    config = dict(pipe.unet.config, time_cond_proj_dim=WIDTH)
    unet = UNet3DConditionModel.from_config({k: v for k, v in config.items() if k != "_use_default_values"}).eval().requires_grad_(False)
    state = dict(pipe.unet.state_dict())
    name = "time_embedding.cond_proj.weight"
    state[name] = torch.from_numpy(random_tensor(name, SEED, unet.state_dict()[name].shape))
    unet.load_state_dict(state)
    return unet


@contextlib.contextmanager
def guided_by_embedding(pipe, guidance_scale):
    original = pipe.unet.forward
    condition = embedding(guidance_scale, WIDTH)

    def forward(sample, *args, **kwargs):
        assert kwargs.pop("timestep_cond", None) is None
        return original(sample, *args, timestep_cond=condition.expand(sample.shape[0], -1).to(sample.dtype), **kwargs)

    pipe.unet.forward = forward
    yield
    del pipe.unet.forward


@torch.no_grad()
def make_embeddings(out):
    tensors = {f"{width}.{s}": embedding(s, width) for width in (WIDTH, 13) for s in SCALES}
    save(out / "embedding", tensors, {"widths": [WIDTH, 13], "scales": SCALES})


@torch.no_grad()
def make_steps(out, turbo):
    """Timesteps for many numbers of steps, and four steps with given predictions and noise."""
    timesteps = {}
    for steps in STEPS:
        turbo.set_timesteps(steps, 50)
        timesteps[str(steps)] = turbo.timesteps.tolist()
    g = torch.Generator().manual_seed(401)
    start = torch.randn(2, 4, 3, 5, generator=g)
    predictions = torch.randn(4, *start.shape, generator=g)
    noise = torch.randn(4, *start.shape, generator=g)
    tensors = {"start": start, "predictions": predictions, "noise": noise}
    turbo.set_timesteps(4, 50)
    x = start
    for i, t in enumerate(turbo.timesteps):
        with mock.patch.dict(type(turbo).step.__globals__, randn_tensor=lambda *a, drawn=noise[i], **k: drawn):
            x, denoised = turbo.step(predictions[i], i, t, x, return_dict=False)
        tensors[f"after.{i}"] = denoised if i == 3 else x
    save(out / "turbo-steps", tensors, {"timesteps": timesteps})


@torch.no_grad()
def make_unet(out, unet):
    double = copy.deepcopy(unet).double()
    g = torch.Generator().manual_seed(402)
    sample = torch.randn(2, 4, 2, 8, 8, generator=g)
    text = torch.randn(2, 7, unet.config.cross_attention_dim, generator=g)
    condition = torch.cat([embedding(s, WIDTH) for s in (7.5, 2.0)])
    result = unet(sample, 759, text, timestep_cond=condition).sample
    exact = double(sample.double(), 759, text.double(), timestep_cond=condition.double()).sample
    save(out / "unet", {"sample": sample, "text": text, "timestep_cond": condition, "output": result},
         {"model": MODEL, "timestep": 759, "largest": scale(result), "float64_difference": difference(result, exact)})


@torch.no_grad()
def make_pipelines(out, pipe, unet, turbo):
    plain, config = pipe.unet, dict(pipe.scheduler.config)
    tensors, cases = {}, []
    for name, prompt, seed, guidance_scale, options in (
            ("mcm", PROMPTS[0], 1, None, {"timestep_scaling": 4.0}),
            ("turbo", PROMPTS[5], 2, 7.5, {"integer_skipping_step": True})):
        pipe.unet = plain if guidance_scale is None else unet
        own = {k: v for k, v in options.items() if k != "integer_skipping_step"}
        pipe.scheduler = LCMScheduler.from_config(config, **own)
        if "integer_skipping_step" in options:
            turbo.set_timesteps(4, 50)
            original = pipe.scheduler.set_timesteps
            pipe.scheduler.set_timesteps = lambda n, device=None, o=original: o(timesteps=turbo.timesteps.tolist(), device=device)
        context = contextlib.nullcontext() if guidance_scale is None else guided_by_embedding(pipe, guidance_scale)
        with context:
            latents = pipe(prompt=prompt, height=32, width=32, num_frames=2, num_inference_steps=4, guidance_scale=1.0,
                           generator=generators(seed), output_type="latent").frames
        tensors[f"{name}.latents"] = latents
        tensors[f"{name}.frames"] = to_bytes(pipe, pipe.decode_latents(latents))
        cases.append({"name": name, "prompt": prompt, "seed": seed, "guidance_scale": guidance_scale, "options": options,
                      "largest": scale(latents)})
    save(out / "pipeline", tensors, {"model": MODEL, "cases": cases})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=GOLDEN)
    args = parser.parse_args()
    torch.set_num_threads(1)
    turbo = turbo_scheduler(args.checkout)
    pipe = Loaded(GOLDEN / "models", MODEL).pipe
    unet = distilled(pipe)
    out = args.out / "distilled"
    make_embeddings(out)
    make_steps(out, turbo)
    make_unet(out, unet)
    make_pipelines(out, pipe, unet, turbo)


if __name__ == "__main__":
    main()
