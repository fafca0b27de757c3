#!/usr/bin/env python3
"""Makes the golden data of video-to-video: diffusers' VideoToVideoSDPipeline on two of the test models.

Usage: make_v2v_goldens.py [--out DIR] [MODEL ...]

See README.md, and what it says about golden/v2v.  Needs torchsde for DPMSolverSDEScheduler.
"""
import argparse
import math
import pathlib
import warnings

import diffusers
import numpy as np
import torch
import transformers
from diffusers import VideoToVideoSDPipeline
from PIL import Image

from golden_models import Loaded
from make_goldens import GOLDEN, NEGATIVE, PROMPTS, difference, other_kernels, save, scale, to_bytes

# How far rounding alone may move the latents, of their largest magnitude.
ROUNDING = 2e-5

SCHEDULERS = {
    # name: (class, options that differ from the model's own configuration)
    "ddim": ("DDIMScheduler", {}),
    "ddpm": ("DDPMScheduler", {}),
    "deis": ("DEISMultistepScheduler", {}),
    "dpm": ("DPMSolverMultistepScheduler", {}),
    "dpm-sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    "dpm-singlestep": ("DPMSolverSinglestepScheduler", {}),
    "sde": ("DPMSolverSDEScheduler", {"noise_sampler_seed": 17}),
    "edm-euler": ("EDMEulerScheduler", {}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler-ancestral": ("EulerAncestralDiscreteScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}),
    "kdpm2": ("KDPM2DiscreteScheduler", {}),
    "kdpm2-ancestral": ("KDPM2AncestralDiscreteScheduler", {}),
    "lcm": ("LCMScheduler", {}),
    "lms": ("LMSDiscreteScheduler", {}),
    "pndm": ("PNDMScheduler", {}),
    "tcd": ("TCDScheduler", {}),
    "unipc": ("UniPCMultistepScheduler", {}),
}
STRENGTHS = [0.3, 0.58, 0.6, 1.0]
MODELS = {
    # name: (frames, height, width, seed)
    "four-levels": (2, 24, 40, 31),
    "two-levels": (3, 24, 16, 32),
}


def cases():
    def case(scheduler, strength, steps=12, eta=0.0, guidance=3.0, suffix=""):
        return dict(name=f"{scheduler}-{strength}{suffix}", scheduler=scheduler, strength=strength, steps=steps, eta=eta,
                    guidance_scale=guidance, prompt=PROMPTS[0], negative_prompt=NEGATIVE)

    for scheduler in SCHEDULERS:
        for strength in STRENGTHS:
            yield case(scheduler, strength)
    # In double precision 50 * 0.58 is a little less than 29, and 28 steps are made; in single precision 29.
    yield case("ddim", 0.58, steps=50, suffix="-steps-50")
    yield case("ddim", 0.6, eta=0.7, suffix="-eta-0.7")
    yield case("tcd", 0.6, eta=0.3, suffix="-eta-0.3")
    yield case("dpm", 0.6, guidance=1.0, suffix="-unguided")


def input_video(frames, height, width) -> np.ndarray:
    """[f, h, w, 3] uint8: a disc that moves over a gradient."""
    f, y, x = np.meshgrid(np.arange(frames), np.arange(height), np.arange(width), indexing="ij")
    disc = (x - width / 4 - 5 * f) ** 2 + (y - height / 2 - f) ** 2 < (height / 4) ** 2
    red = np.where(disc, 240, x * 180 // width)
    green = np.where(disc, 50 + 20 * f, y * 200 // height)
    blue = np.where(disc, 30, (x + y + 16 * f) * 3 % 160)
    return np.stack([red, green, blue], axis=-1).astype(np.uint8)


def scheduler_of(pipe, key):
    name, options = SCHEDULERS[key]
    return getattr(diffusers, name).from_config(pipe.loaded_scheduler.config, **options)


def describe(scheduler):
    values = {k: v for k, v in dict(scheduler.config).items() if not k.startswith("_")}
    return {"class": type(scheduler).__name__,
            "config": {k: "-inf" if v == -math.inf else v for k, v in sorted(values.items())}}


class Recorder:
    """Sees what the pipeline hands to add_noise, and every timestep."""

    def __init__(self, pipe):
        self.pipe, self.scheduler = pipe, pipe.scheduler
        self.timesteps = []
        self.encoded = self.noise = self.noised = None
        add_noise, step = self.scheduler.add_noise, self.scheduler.step

        def recording_add_noise(samples, noise, timesteps):
            assert self.noised is None
            self.encoded, self.noise, self.noise_timestep = samples, noise, float(timesteps[0])
            self.noised = add_noise(samples, noise, timesteps)
            return self.noised

        def recording_step(prediction, timestep, *args, **kwargs):
            self.timesteps.append(float(timestep))
            return step(prediction, timestep, *args, **kwargs)

        # The pipeline looks at the signature of step for `eta` and `generator`.
        recording_step.__wrapped__ = step
        self.scheduler.add_noise, self.scheduler.step = recording_add_noise, recording_step


@torch.no_grad()
def run(pipe, c, video, seed):
    """-> recorder, final latents [1, c, f, h, w], frames [1, f, h, w, 3] uint8"""
    pipe.scheduler = scheduler_of(pipe, c["scheduler"])
    recorder = Recorder(pipe)
    latents = pipe(
        prompt=c["prompt"], negative_prompt=c["negative_prompt"], video=[Image.fromarray(frame) for frame in video],
        strength=c["strength"], num_inference_steps=c["steps"], guidance_scale=c["guidance_scale"], eta=c["eta"],
        generator=torch.Generator().manual_seed(seed), output_type="latent").frames
    return recorder, latents, to_bytes(pipe, pipe.decode_latents(latents))


@torch.no_grad()
def draw(pipe, video, seed):
    """The encoded video by its definition, and the first two draws of the generator."""
    pixels = torch.from_numpy(video).permute(0, 3, 1, 2).float() / 255 * 2 - 1
    posterior = pipe.vae.encode(pixels).latent_dist
    generator = torch.Generator().manual_seed(seed)
    first = torch.randn(posterior.mean.shape, generator=generator)
    second = torch.randn(posterior.mean.shape, generator=generator)
    return (posterior.mean + posterior.std * first) * pipe.vae.config.scaling_factor, first, second


def make(models, out, name):
    frames, height, width, seed = MODELS[name]
    pipe = VideoToVideoSDPipeline(**Loaded(models, name).pipe.components)
    pipe.set_progress_bar_config(disable=True)
    pipe.loaded_scheduler = pipe.scheduler
    video = input_video(frames, height, width)
    encoded, first, second = draw(pipe, video, seed)
    tensors = {"video": torch.from_numpy(video), "posterior_noise": first, "latents_noise": second, "encoded": encoded}
    described = []
    for c in cases():
        recorder, latents, pixels = run(pipe, c, video, seed)
        assert torch.equal(recorder.encoded, encoded) and torch.equal(recorder.noise, second), c
        with other_kernels():
            _, other_latents, other_pixels = run(pipe, c, video, seed)
        moved = difference(latents, other_latents)
        entry = dict(c, timesteps=recorder.timesteps, noise_timestep=recorder.noise_timestep, largest=scale(latents),
                     other_kernels_difference=moved,
                     other_kernels_frames_difference=int((pixels.int() - other_pixels.int()).abs().max()),
                     black_or_white=round(((pixels == 0) | (pixels == 255)).double().mean().item(), 4))
        print("  ", name, c["name"], len(recorder.timesteps), {k: entry[k] for k in (
            "largest", "other_kernels_difference", "other_kernels_frames_difference", "black_or_white")})
        assert latents.isfinite().all() and moved <= ROUNDING * entry["largest"], entry
        assert entry["other_kernels_frames_difference"] <= 1 and entry["black_or_white"] < 0.4, entry
        tensors.update({f"{c['name']}.noised": recorder.noised, f"{c['name']}.latents": latents[0],
                        f"{c['name']}.frames": pixels[0]})
        described.append(entry)
    save(out / "v2v" / name, tensors, {
        "model": name, "seed": seed, "schedulers": {key: describe(scheduler_of(pipe, key)) for key in SCHEDULERS},
        "cases": described})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="MODEL", help=f"of {list(MODELS)}; all by default")
    parser.add_argument("--out", type=pathlib.Path, default=GOLDEN)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    for name in args.names or MODELS:
        make(args.out / "models", args.out, name)


if __name__ == "__main__":
    main()
