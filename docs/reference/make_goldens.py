#!/usr/bin/env python3
"""Makes the golden data that the library's tests compare with.  See README.md.

Usage: make_goldens.py [--out DIR] [--tokenizer DIR] [PART ...]
PART: models weights text unet bfloat16 vae guidance pipeline (all of these by default), mini (needs --mini-model, --mini-out)
The part models needs --tokenizer for a model that is new; the others keep the tokenizer they have.
"""
import argparse
import copy
import contextlib
import json
import pathlib
import warnings

import diffusers
import numpy as np
import torch
import transformers
from diffusers import DPMSolverMultistepScheduler
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg
from safetensors.torch import load_file, save_file

import golden_models
import random_weights
from golden_models import MODELS, NARROW, Loaded, load_pipeline, write_json

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = REPOSITORY / "t2v-core/src/test/resources/golden"

PROMPTS = [
    "a red circle moving right on a black background",
    "",
    "A BLUE square,  growing!",
    "an astronaut riding a horse on the moon in the style of a very old oil painting, detailed",
    "größer 東京 🚀 it's 42%",
    "green triangle",
]
NEGATIVE = "blue square, blurry"


def save(path: pathlib.Path, tensors: dict, description: dict):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, str(path.with_suffix(".safetensors")))
    write_json(path.with_suffix(".json"), description)
    size = path.with_suffix(".safetensors").stat().st_size + path.with_suffix(".json").stat().st_size
    print(f"{path.parent.name}/{path.name}: {len(tensors)} tensors, {size} bytes")


def difference(a, b) -> float:
    """Largest absolute difference, two digits: how far rounding alone moves the result."""
    return float(f"{(a.double() - b.double()).abs().max().item():.1e}")


def scale(t) -> float:
    return float(f"{t.double().abs().max().item():.3g}")


@contextlib.contextmanager
def other_kernels():
    """The same mathematics by other kernels: no oneDNN, attention written out."""
    with torch.backends.mkldnn.flags(enabled=False), \
            torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        yield


# ---------------------------------------------------------------------------------------------- text encoder

@torch.no_grad()
def make_text(models, out, name):
    pipe = Loaded(models, name).pipe
    tokens = pipe.tokenizer(PROMPTS, padding="max_length", max_length=pipe.tokenizer.model_max_length, truncation=True,
                            return_tensors="pt")
    tensors = {"ids": tokens.input_ids, "attention_mask": tokens.attention_mask}
    layers = pipe.text_encoder.config.num_hidden_layers
    encode = lambda p, skip: p.encode_prompt(PROMPTS, torch.device("cpu"), 1, False, clip_skip=skip)[0]
    errors = {}
    for key, skip in [("embeddings", None)] + [(f"clip_skip_{k}", k) for k in range(0, 3) if k <= layers]:
        tensors[key] = encode(pipe, skip)
    assert torch.equal(tensors.pop("clip_skip_0"), tensors["embeddings"])
    # One by one and together must be the same for whoever encodes prompts singly.
    single = torch.cat([pipe.encode_prompt(p, torch.device("cpu"), 1, False)[0] for p in PROMPTS])
    together = difference(single, tensors["embeddings"])
    pipe.text_encoder.double()
    for key, skip in (("embeddings", None), ("clip_skip_1", 1)):
        errors[key] = difference(encode(pipe, skip), tensors[key])
    save(out / "text" / name, tensors, {
        "model": name, "prompts": PROMPTS, "pad_token": pipe.tokenizer.pad_token, "pad_id": pipe.tokenizer.pad_token_id,
        "uses_attention_mask": bool(getattr(pipe.text_encoder.config, "use_attention_mask", False)),
        "clip_skips": [k for k in (1, 2) if k <= layers], "largest": scale(tensors["embeddings"]),
        "float64_difference": errors, "batched_difference": together})


# ---------------------------------------------------------------------------------------------- UNet

UNET_CASES = {
    # name: (batch, frames, height, width, timestep, text tokens, seed)
    "one-frame": (1, 1, 8, 8, 999, 16, 101),
    "two-frames": (1, 2, 8, 4, 1, 16, 102),
    "five-frames": (1, 5, 8, 8, 481, 16, 103),
    "batch-two": (2, 3, 4, 8, 741, 16, 104),
    "odd": (1, 2, 5, 7, 21, 16, 105),
    "odd-batch": (2, 2, 9, 6, 301, 7, 106),
    "long-text": (1, 2, 6, 10, 3.25, 33, 107),
    "timestep-per-sample": (2, 1, 4, 4, [999, 20], 16, 108),
}

# Between its two levels, the network halves these sizes and doubles the halves again, or one less than that.
WIDE_UNET_CASES = {
    "even": (1, 3, 8, 8, 999, 16, 111),
    "odd": (1, 2, 5, 7, 481, 16, 112),
    "odd-height-batch": (2, 2, 7, 10, 301, 7, 113),
    "odd-width": (1, 1, 8, 9, 21, 16, 114),
}


@torch.no_grad()
def make_unet(models, out, name):
    pipe = Loaded(models, name).pipe
    unet, config = pipe.unet, pipe.unet.config
    double = copy.deepcopy(unet).double()
    cases_of = UNET_CASES if name in NARROW else WIDE_UNET_CASES
    tensors, cases = {}, []
    for case, (batch, frames, height, width, timestep, tokens, seed) in cases_of.items():
        g = torch.Generator().manual_seed(seed)
        sample = torch.randn(batch, config.in_channels, frames, height, width, generator=g)
        text = torch.randn(batch, tokens, config.cross_attention_dim, generator=g)
        t = torch.tensor(timestep) if isinstance(timestep, list) else timestep
        result = unet(sample, t, text).sample
        exact = double(sample.double(), t, text.double()).sample
        tensors.update({f"{case}.sample": sample, f"{case}.text": text, f"{case}.output": result})
        cases.append({"name": case, "timestep": timestep, "seed": seed, "shape": list(sample.shape),
                      "text_tokens": tokens, "largest": scale(result), "float64_difference": difference(result, exact)})
    save(out / "unet" / name, tensors, {"model": name, "cases": cases})


@torch.no_grad()
def make_bfloat16(models, out):
    """The error of the reference that computes in bfloat16 altogether, on the inputs and outputs of make_unet."""
    errors = {}
    for name in MODELS:
        unet = Loaded(models, name).pipe.unet.to(torch.bfloat16)
        golden = load_file(out / "unet" / f"{name}.safetensors")
        for case in json.loads((out / "unet" / f"{name}.json").read_text())["cases"]:
            t = case["timestep"]
            sample, text = (golden[f"{case['name']}.{key}"].to(torch.bfloat16) for key in ("sample", "text"))
            expected = golden[f"{case['name']}.output"].double()
            found = unet(sample, torch.tensor(t) if isinstance(t, list) else t, text).sample.double()
            errors.setdefault(name, {})[case["name"]] = {
                "relative": float(f"{(found - expected).norm() / expected.norm():.3g}"),
                "largest": float(f"{(found - expected).abs().max() / expected.abs().max():.3g}")}
    write_json(out / "unet" / "bfloat16.json", errors)


# ---------------------------------------------------------------------------------------------- VAE

@torch.no_grad()
def make_vae(models, out, name):
    pipe = Loaded(models, name).pipe
    vae, factor = pipe.vae, pipe.vae_scale_factor
    double = copy.deepcopy(vae).double()
    g = torch.Generator().manual_seed(200)
    channels = vae.config.latent_channels
    latents = torch.randn(3, channels, 5, 3, generator=g)
    images = torch.randn(2, 3, 4 * factor, 2 * factor, generator=g) * 0.5
    odd_images = torch.randn(1, 3, 2 * factor + factor // 2 + 1, 3 * factor - 1, generator=g) * 0.5
    tile = 8 if factor <= 2 else 4
    tiled_latents = torch.randn(1, channels, tile + 2, 2 * tile - 1, generator=g)
    tiled_images = torch.randn(1, 3, (tile + 2) * factor, (2 * tile - 1) * factor, generator=g) * 0.5
    decoded, posterior = vae.decode(latents).sample, vae.encode(images).latent_dist
    tensors = {
        "decode.latents": latents, "decode.images": decoded,
        "encode.images": images, "encode.mean": posterior.mean, "encode.logvar": posterior.logvar,
        "encode.mode": posterior.mode(), "encode.sample": posterior.sample(torch.Generator().manual_seed(201)),
        "encode-odd.images": odd_images, "encode-odd.mean": vae.encode(odd_images).latent_dist.mean,
    }
    errors = {"decode": difference(decoded, double.decode(latents.double()).sample),
              "encode": difference(posterior.mean, double.encode(images.double()).latent_dist.mean)}
    vae.enable_slicing()
    errors["decode_frame_by_frame"] = difference(decoded, vae.decode(latents).sample)
    vae.disable_slicing()
    vae.enable_tiling()
    vae.tile_latent_min_size, vae.tile_sample_min_size = tile, tile * factor
    tensors.update({
        "tiled-decode.latents": tiled_latents, "tiled-decode.images": vae.decode(tiled_latents).sample,
        "tiled-encode.images": tiled_images, "tiled-encode.mean": vae.encode(tiled_images).latent_dist.mean,
    })
    save(out / "vae" / name, tensors, {
        "model": name, "input_seed": 200, "encode_sample_seed": 201, "factor": factor,
        "tile_latent_min_size": tile, "tile_sample_min_size": tile * factor, "tile_overlap_factor": vae.tile_overlap_factor,
        "largest": {"decode": scale(decoded), "encode": scale(posterior.mean)}, "float64_difference": errors})


# ---------------------------------------------------------------------------------------------- pipeline

def case(name, scheduler, steps, guidance, height, width, frames=3, prompt=PROMPTS[0], negative=None, eta=0.0, seed=0,
         clip_skip=None):
    return dict(name=name, scheduler=scheduler, steps=steps, guidance_scale=guidance, height=height, width=width,
                num_frames=frames, prompt=prompt, negative_prompt=negative, eta=eta, seed=seed, clip_skip=clip_skip)


def pipeline_cases(name):
    h, w = {"four-levels": (64, 64), "odd-latents": (40, 56), "two-levels": (40, 24), "one-level": (16, 8), "wide": (16, 24)}[name]
    if name == "wide":
        return [case("dpm3-g6", "dpm", 3, 6.0, h, w, frames=2, negative=NEGATIVE),
                case("ddim3-g1", "ddim", 3, 1.0, w, h, frames=2, seed=1)]
    cases = [
        case("dpm25-g9", "dpm", 25, 9.0, h, w),
        case("dpm25-g1", "dpm", 25, 1.0, h, w, frames=2, seed=1),
        case("ddim50-g9-negative", "ddim", 50, 9.0, h, w, negative=NEGATIVE, seed=2),
        case("ddim50-eta", "ddim", 50, 7.5, h, w, frames=2, eta=0.5, seed=3),
        case("dpm8-batch", "dpm", 8, 6.0, h, w, frames=2, prompt=[PROMPTS[0], PROMPTS[5]],
             negative=[NEGATIVE, "text"], seed=[11, 12]),
        case("ddim8-batch-eta", "ddim", 8, 6.0, h, w, frames=2, prompt=[PROMPTS[0], PROMPTS[5]], eta=1.0, seed=13),
        case("dpm5-clip-skip", "dpm", 5, 4.0, h, w, frames=1, negative=NEGATIVE, clip_skip=1, seed=4),
    ]
    if name == "one-level":  # predicts the sample: 50 steps of it amplify rounding beyond all comparing
        for c in cases:
            c["steps"], c["guidance_scale"] = min(c["steps"], 10 if c["scheduler"] == "ddim" else 25), min(c["guidance_scale"], 3.0)
            c["name"] = c["name"].replace("ddim50-g9", "ddim10-g3").replace("dpm25-g9", "dpm25-g3").replace("ddim50", "ddim10")
    if name == "four-levels":
        cases += [
            case("defaults-size", "dpm", 3, 9.0, None, None, frames=1, seed=5),
            case("odd-size", "dpm", 10, 9.0, 40, 56, seed=6),
            case("sde", "sde", 10, 9.0, 32, 48, frames=2, seed=7),
        ]
    if name == "odd-latents":
        cases += [case("even-size", "ddim", 10, 9.0, 64, 32, frames=5, seed=6),
                  case("g1.5-just-guided", "dpm", 10, 1.5, 48, 40, frames=1, prompt=PROMPTS[4], seed=7)]
    return cases


def schedulers_of(pipe):
    """What the reference's users do: the scheduler of the checkpoint, or another made from its config."""
    config = pipe.scheduler.config
    made = {
        "ddim": pipe.scheduler,
        "dpm": DPMSolverMultistepScheduler.from_config(config),
        "sde": DPMSolverMultistepScheduler.from_config(config, algorithm_type="sde-dpmsolver++"),
    }
    described = {}
    for key, scheduler in made.items():
        values = {k: v for k, v in dict(scheduler.config).items() if not k.startswith("_")}
        described[key] = {"class": type(scheduler).__name__, "config": {
            k: ("-inf" if v == -float("inf") else v) for k, v in sorted(values.items())}}
    return made, described


def generators(seed):
    if isinstance(seed, list):
        return [torch.Generator().manual_seed(s) for s in seed]
    return torch.Generator().manual_seed(seed)


@torch.no_grad()
def run_pipeline(pipe, c, latents=None):
    """-> initial noise (before init_noise_sigma), latents after the first step, latents, decoded video [b,c,f,h,w]"""
    after_first = []
    prepared = []
    original = pipe.prepare_latents

    def prepare(*args, **kwargs):
        prepared.append(original(*args, **kwargs))
        return prepared[-1]

    pipe.prepare_latents = prepare
    try:
        final = pipe(
            prompt=c["prompt"], height=c["height"], width=c["width"], num_frames=c["num_frames"],
            num_inference_steps=c["steps"], guidance_scale=c["guidance_scale"], negative_prompt=c["negative_prompt"],
            eta=c["eta"], clip_skip=c["clip_skip"], generator=generators(c["seed"]), output_type="latent", latents=latents,
            callback=lambda i, t, x: after_first.append(x.clone()) if i == 0 else None).frames
    finally:
        pipe.prepare_latents = original
    return prepared[0] / pipe.scheduler.init_noise_sigma, after_first[0], final, pipe.decode_latents(final)


def to_bytes(pipe, video):
    """[b, f, h, w, c] uint8 as the reference's PIL frames: clamp, times 255, round half to even."""
    return torch.from_numpy(np.stack([np.stack([np.asarray(image) for image in clip])
                                      for clip in pipe.video_processor.postprocess_video(video, output_type="pil")]))


def make_pipeline(pipe, cases, path, name):
    made, described = schedulers_of(pipe)
    parts = {part: copy.deepcopy(getattr(pipe, part)).double() for part in ("unet", "vae", "text_encoder")}
    if "text_model" in pipe.text_encoder.__dict__:
        parts["text_encoder"].__dict__["text_model"] = parts["text_encoder"]
    singles = {part: getattr(pipe, part) for part in parts}
    tensors, described_cases = {}, []
    for c in cases:
        pipe.scheduler = made[c["scheduler"]]
        initial, first, final, video = run_pipeline(pipe, c)
        frames = to_bytes(pipe, video)
        with other_kernels():
            _, _, other_final, other_video = run_pipeline(pipe, c)
        other_frames = to_bytes(pipe, other_video)
        entry = dict(c, latents_shape=list(final.shape), largest=scale(final),
                     other_kernels_difference=difference(final, other_final),
                     other_kernels_frames_difference=int((frames.int() - other_frames.int()).abs().max()))
        if c["eta"] == 0 and c["scheduler"] != "sde":  # with noise in between float64 would draw other numbers
            for part, module in parts.items():
                setattr(pipe, part, module)
            _, _, exact, exact_video = run_pipeline(pipe, c, latents=initial.double())
            entry["float64_difference"] = difference(final, exact)
            entry["float64_frames_difference"] = int((frames.int() - to_bytes(pipe, exact_video).int()).abs().max())
            for part, module in singles.items():
                setattr(pipe, part, module)
        entry["frames"] = {"min": int(frames.min()), "max": int(frames.max()), "mean": round(frames.double().mean().item(), 2),
                           "black_or_white": round(((frames == 0) | (frames == 255)).double().mean().item(), 4)}
        assert final.isfinite().all() and entry["frames"]["black_or_white"] < 0.4, entry
        assert entry["other_kernels_difference"] < 1e-3 and entry["other_kernels_frames_difference"] <= 1, entry
        tensors.update({f"{c['name']}.noise": initial, f"{c['name']}.after_first_step": first,
                        f"{c['name']}.latents": final, f"{c['name']}.frames": frames})
        described_cases.append(entry)
        print("  ", name, c["name"], {k: entry.get(k) for k in (
            "largest", "other_kernels_difference", "other_kernels_frames_difference", "float64_difference",
            "float64_frames_difference", "frames")})
    save(path, tensors, {"model": name, "schedulers": described, "cases": described_cases})


# ---------------------------------------------------------------------------------------------- main

# ---------------------------------------------------------------------------------------------- guidance

@torch.no_grad()
def make_guidance(out):
    """Classifier-free guidance with the standard deviation brought back, as the reference's pipelines do it."""
    generator = torch.Generator("cpu").manual_seed(5)
    shape = [2, 4, 3, 5, 6]
    negative = torch.randn(shape, generator=generator)
    positive = negative * 0.8 + torch.randn(shape, generator=generator) * 0.5
    tensors, cases = {"negative": negative, "positive": positive}, []
    for scale_ in (3.0, 9.0):
        for rescale in (0.0, 0.3, 0.7, 1.0):
            guided = negative + scale_ * (positive - negative)
            name = f"scale_{scale_}_rescale_{rescale}"
            tensors[name] = rescale_noise_cfg(guided, positive, guidance_rescale=rescale)
            cases.append(dict(name=name, guidance_scale=scale_, guidance_rescale=rescale))
    save(out / "guidance" / "rescale", tensors, {"cases": cases})


def main():
    parts = ["models", "weights", "text", "unet", "bfloat16", "vae", "guidance", "pipeline"]
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {parts + ['mini']}")
    parser.add_argument("--out", type=pathlib.Path, default=GOLDEN)
    parser.add_argument("--tokenizer", type=pathlib.Path, help="folder with vocab.json and merges.txt for the test models")
    parser.add_argument("--mini-model", type=pathlib.Path, help="folder of the bundled miniature model")
    parser.add_argument("--mini-out", type=pathlib.Path,
                        default=REPOSITORY / "t2v-examples/mini-model/src/test/resources/golden")
    args = parser.parse_args()
    wanted = args.parts or parts
    warnings.simplefilter("ignore")
    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    models = args.out / "models"
    if "weights" in wanted:
        write_json(args.out / "random-weights.json", random_weights.test_vectors())
    if "models" in wanted:
        for name in MODELS:
            tokenizer = args.tokenizer or models / name / "tokenizer"
            golden_models.write_model(name, models / name, tokenizer)
    for part, make, names in (("text", make_text, NARROW), ("unet", make_unet, MODELS), ("vae", make_vae, MODELS)):
        if part in wanted:
            for name in names:
                make(models, args.out, name)
    if "bfloat16" in wanted:
        make_bfloat16(models, args.out)
    if "guidance" in wanted:
        make_guidance(args.out)
    if "pipeline" in wanted:
        for name in MODELS:
            loaded = Loaded(models, name)
            make_pipeline(loaded.pipe, pipeline_cases(name), args.out / "pipeline" / name, name)
    if "mini" in wanted:
        pipe = load_pipeline(args.mini_model)
        cases = [case("dpm25", "dpm", 25, 1.5, 64, 64, frames=8), case("ddim50", "ddim", 50, 3.0, 64, 64, frames=8)]
        make_pipeline(pipe, cases, args.mini_out / "mini-model", "mini-model")


if __name__ == "__main__":
    main()
