#!/usr/bin/env python3
"""Makes the golden data of ModelScope's layout with ModelScope's own networks and pipeline.  See README.md.

Usage: make_modelscope_goldens.py MODELSCOPE [--out DIR]
MODELSCOPE: a checkout of modelscope/modelscope. diffusers (with its scripts/) is taken from PYTHONPATH: its conversion
of names and configurations is what the library's key maps are compared with.
"""
import argparse
import gzip
import importlib.util
import json
import pathlib
import tempfile

import numpy as np
import torch
from safetensors.torch import save_file

import diffusers
from diffusers.loaders import single_file_utils
from diffusers import AutoencoderKL, UNet3DConditionModel

import modelscope_reference
from golden_models import PUBLISHED_SCHEDULER, text_config, write_json
from random_weights import random_tensor

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
OUT = REPOSITORY / "t2v-core/src/test/resources/golden/modelscope"
SEED = 77

# The published configuration.json in small: its keys, in its order. Two levels have attention, the third has none.
CONFIGURATION = {
    "framework": "pytorch", "task": "text-to-video-synthesis",
    "model": {
        "type": "latent-text-to-video-synthesis",
        "model_args": {
            "ckpt_clip": "open_clip_pytorch_model.bin", "ckpt_unet": "text2video_pytorch_model.pth",
            "ckpt_autoencoder": "VQGAN_autoencoder.pth", "max_frames": 3, "tiny_gpu": 1},
        "model_cfg": {
            "unet_in_dim": 4, "unet_dim": 32, "unet_y_dim": 768, "unet_context_dim": 128, "unet_out_dim": 4,
            "unet_dim_mult": [1, 2, 1], "unet_num_heads": 8, "unet_head_dim": 16, "unet_res_blocks": 1,
            "unet_attn_scales": [1, 0.5], "unet_dropout": 0.1, "temporal_attention": "True", "num_timesteps": 1000,
            "mean_type": "eps", "var_type": "fixed_small", "loss_type": "mse"}},
    "pipeline": {"type": "latent-text-to-video-synthesis"}}

AUTOENCODER = {"ch": 32, "ch_mult": [1, 1, 1, 2], "num_res_blocks": 1}
CLIP = {
    "embed_dim": 64,
    "vision_cfg": {"image_size": 28, "layers": 1, "width": 64, "head_width": 64, "patch_size": 14},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 128, "heads": 2, "layers": 3}}

# The same model as diffusers describes it, written down by hand from its documentation of these fields.
DIFFUSERS = {
    "unet": {
        "_class_name": "UNet3DConditionModel", "sample_size": 32, "block_out_channels": [32, 64, 32],
        "attention_head_dim": 16, "cross_attention_dim": 128, "layers_per_block": 1, "norm_num_groups": 32,
        "down_block_types": ["CrossAttnDownBlock3D", "CrossAttnDownBlock3D", "DownBlock3D"],
        "up_block_types": ["UpBlock3D", "CrossAttnUpBlock3D", "CrossAttnUpBlock3D"]},
    "vae": {
        "_class_name": "AutoencoderKL", "block_out_channels": [32, 32, 32, 64], "layers_per_block": 1,
        "latent_channels": 4, "norm_num_groups": 32, "sample_size": 256, "scaling_factor": 0.18215,
        "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4},
    "text_encoder": text_config(
        hidden_size=128, intermediate_size=512, num_hidden_layers=2, num_attention_heads=2, vocab_size=49408,
        max_position_embeddings=77),
    "scheduler": PUBLISHED_SCHEDULER,
}

PROMPTS = ["A panda eating bamboo on a rock.", "", "größer 東京 🚀 it's 42% &amp; <b>!"]

# Cleaned as open_clip does it: ftfy, HTML entities (twice), white space, lower case.
TEXTS = PROMPTS + [
    "a  photo\tof\n\na CAT", "  padded  ", "!!!", "wow!", "don't I'll we've you're he'd I'm it's", "10,000.50 $ 20%",
    "naïve café ÀÉÎ", "Привет мир", "こんにちは世界", "مرحبا", "नमस्ते", "👩‍🚀 on 🌕", "a_b-c/d\\e", "x²+y³=½", "#hash @user",
    "&lt;tag&gt;", "&amp;lt;", "&eacute;", "&#33;", "fish &chips;", "&notit;", "&", "<|startoftext|>", "<|endoftext|>",
    "<start_of_text> hi <end_of_text>", "“curly” ‘quotes’", "ﬁne ﬂow", "ｆｕｌｌ ｗｉｄｔｈ", "e\u0301", "a\u00a0b",
    "a\u200bb", "a\u0085b", "tab\u000bvt", "ctrl\u0007bell", "ΣΑΣ", "İstanbul", "…", "word " * 90, "x" * 300,
    "a\u0092b", "a\x1b[31mred\x1b[0m", "&amp;amp;lt;b", "&ldquo;hi&rdquo;", "<b>&lsquo;hi&rsquo;", "Ĳssel ŉ ǆ ſt ﬄ", "ｶﾞ　ｱ",
    "&#x41;&#150;&#0;&#xD800;&#1;&#99999999999;", "&ampamp; &copyright &AMP", "A\ufeffB\u2028C", "don’t “quote” ‚this‘",
    "Å\u030a e\u0323\u0302", "ΟΔΟΣ ΟΔΟΣ.", "caf&eacute au lait",
    # Special tokens beside punctuation; names of the other tokenizer's are text.
    "<|endoftext|>.", "<|endoftext|>! a", "a<|startoftext|>,b", "<end_of_text>.", ".<end_of_text>", "!<start_of_text>a",
    "a<end_of_text>b", "1<end_of_text>2", "<END_OF_TEXT>!?", "(<end_of_text>)", "<<end_of_text>>", "<end_of_text><end_of_text>",
    "'s<end_of_text>'s", "&lt;end_of_text&gt;.",
    # Composed before lower case, not after: J with caron has no character of its own, j with caron has one.
    "J\u030c", "j\u030c", "\u01f0", "H\u0331 T\u0308 W\u030a Y\u030a", "\u0130\u0307 I\u0307", "\u1e9e \u1e96",
    "S\u0323\u0307 \u2126 \u212b \u212a", "&#74;&#780;", "&#106;&#780;",
    # Case is ignored in contractions.
    "it'\u017f it'\u017ft", "IT'S DON'T", "''s 'll'", "\u017f", "a\u0345b !\u0345? \u0345",
    # Where a word ends, for a final sigma.
    "ΑΣ.α ΑΣ.", "ΑΣ'α ΑΣ'", "Σ .Σ Α.Σ", "ΑΣ\u0301 ΑΣ\u0301Α", "ΑΣ-Α ΑΣ:Α",
]


# ------------------------------------------------------------------------------------------- weights and names

def shapes(state):
    return {name: list(tensor.shape) for name, tensor in state.items()}


def weights(shapes_of):
    return {name: torch.from_numpy(np.array(random_tensor(name, SEED, shape)).reshape(shape))
            for name, shape in shapes_of.items()}


def save_checkpoint(folder, components):
    write_json(folder / "configuration.json", CONFIGURATION)
    torch.save(weights(components["unet"]), folder / "text2video_pytorch_model.pth")
    torch.save(weights(components["clip"]), folder / "open_clip_pytorch_model.bin")
    torch.save({"state_dict": weights(components["autoencoder"]), "global_step": 42, "pytorch-lightning_version": "1.4"},
               folder / "VQGAN_autoencoder.pth")


def component_shapes(reference):
    cfg = CONFIGURATION["model"]["model_cfg"]
    with torch.device("meta"):
        unet = unet_sd(reference, cfg)
        clip = reference.open_clip.CLIP(**{k: v for k, v in CLIP.items()})
        vae = reference.autoencoder.AutoencoderKL(dict(
            double_z=True, z_channels=4, resolution=256, in_channels=3, out_ch=3, attn_resolutions=[], dropout=0.0,
            **AUTOENCODER), 4)
    # As in latent diffusion's files: the whole model's names, and more than the autoencoder.
    first_stage = {f"first_stage_model.{k}": v for k, v in shapes(vae.state_dict()).items()}
    first_stage["cond_stage_model.logit_scale_of_something_else"] = [3]
    return {"unet": shapes(unet.state_dict()), "clip": shapes(clip.state_dict()), "autoencoder": first_stage}


def unet_sd(reference, cfg):
    return reference.unet.UNetSD(
        in_dim=cfg["unet_in_dim"], dim=cfg["unet_dim"], y_dim=cfg["unet_y_dim"], context_dim=cfg["unet_context_dim"],
        out_dim=cfg["unet_out_dim"], dim_mult=cfg["unet_dim_mult"], num_heads=cfg["unet_num_heads"],
        head_dim=cfg["unet_head_dim"], num_res_blocks=cfg["unet_res_blocks"], attn_scales=cfg["unet_attn_scales"],
        dropout=cfg["unet_dropout"], temporal_attention=True)


def unet_conversion():
    """diffusers' scripts/convert_ms_text_to_video_to_diffusers.py"""
    script = pathlib.Path(diffusers.__file__).parents[2] / "scripts/convert_ms_text_to_video_to_diffusers.py"
    spec = importlib.util.spec_from_file_location("convert_ms", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda state, layers: module.convert_ldm_unet_checkpoint(
        dict(state), {"class_embed_type": None, "layers_per_block": layers})


def converted(components):
    """The three networks' weights under diffusers' names, by diffusers' own conversions."""
    unet = unet_conversion()(weights(components["unet"]), DIFFUSERS["unet"]["layers_per_block"])
    vae = single_file_utils.convert_ldm_vae_checkpoint(weights(components["autoencoder"]), DIFFUSERS["vae"])
    clip = {f"cond_stage_model.model.{k}": v for k, v in weights(components["clip"]).items()}
    last = f"cond_stage_model.model.transformer.resblocks.{CLIP['text_cfg']['layers'] - 1}."
    clip = {k: v for k, v in clip.items() if not k.startswith(last)}
    text = single_file_utils.convert_open_clip_checkpoint(None, clip)
    text = {k: v for k, v in text.items() if k.startswith("text_model.")}
    return {"unet": unet, "vae": vae, "text_encoder": text}


def origins(target, source):
    """diffusers' name -> [name in the file, first row], found by equal values."""
    where = {}
    for name, tensor in source.items():
        rows = tensor.shape[0] if tensor.ndim else 1
        for start in {0, rows // 3, 2 * (rows // 3)} if "in_proj" in name else {0}:
            key = tensor[start:].flatten()[:2].numpy().tobytes() if tensor.ndim else b""
            where[key] = (name, start)
    found = {}
    for name, tensor in target.items():
        origin, start = where[tensor.flatten()[:2].numpy().tobytes()]
        rows = source[origin][start:start + tensor.shape[0]]
        assert torch.equal(rows.flatten(), tensor.flatten()), (name, origin)
        found[name] = [origin, start]
    return dict(sorted(found.items()))


def full_size_names(reference):
    cfg = dict(CONFIGURATION["model"]["model_cfg"], unet_dim=320, unet_context_dim=1024, unet_dim_mult=[1, 2, 4, 4],
               unet_head_dim=64, unet_res_blocks=2, unet_attn_scales=[1, 0.5, 0.25])
    with torch.device("meta"):
        state = unet_sd(reference, cfg).state_dict()
        names = set(UNet3DConditionModel().state_dict())
    numbered = {name: torch.full((1,) * t.ndim, float(i)) for i, (name, t) in enumerate(state.items())}
    result = unet_conversion()(numbered, 2)
    assert set(result) == names
    originals = list(state)
    return "".join(f"{originals[int(t.flatten()[0])]}\t{name}\n" for name, t in sorted(result.items()))


# ------------------------------------------------------------------------------------------- goldens

@torch.no_grad()
def run(reference, model, prompt, size, seed):
    """The pipeline as ModelScope runs it -> noise, latents, decoded video, frames."""
    kept = {}
    loop, decode = model.diffusion.ddim_sample_loop, model.autoencoder.decode

    def sample(noise, **kwargs):
        kept["noise"] = noise.clone()
        kept["latents"] = loop(noise=noise, **kwargs)
        return kept["latents"]

    model.diffusion.ddim_sample_loop = sample
    pipeline = reference.pipeline.TextToVideoSynthesisPipeline(model)
    written = []
    reference.pipeline.torchvision.io.write_video = lambda path, frames, **options: written.append((frames, options))
    torch.manual_seed(seed)
    pipeline.postprocess(pipeline.forward(pipeline.preprocess({"text": prompt, **size})), output_video="unused.mp4")
    model.diffusion.ddim_sample_loop = loop
    (frames, options), = written
    assert options == {"fps": 8, "video_codec": "h264", "options": {"crf": "10"}}, options
    return kept["noise"], kept["latents"], frames


def difference(a, b):
    return float(f"{(a.double() - b.double()).abs().max().item():.1e}")


@torch.no_grad()
def make(reference, out):
    components = component_shapes(reference)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        save_checkpoint(folder, components)
        model = modelscope_reference.open_model(reference, folder, AUTOENCODER, CLIP)
    state = model.sd_model.state_dict()
    assert all(torch.equal(state[k], v) for k, v in weights(components["unet"]).items())

    tensors = {"text.embeddings": model.clip_encoder(PROMPTS)}
    g = torch.Generator().manual_seed(5)
    sample, timestep = torch.randn(1, 4, 3, 8, 12, generator=g), 741
    text = tensors["text.embeddings"][:1]
    tensors["unet.sample"] = sample
    tensors["unet.output"] = model.sd_model(sample, torch.tensor([timestep]), text)
    latents, images = torch.randn(2, 4, 4, 3, generator=g), torch.randn(1, 3, 32, 24, generator=g) * 0.5
    tensors.update({"vae.latents": latents, "vae.images": model.autoencoder.decode(latents),
                    "vae.encoded": images, "vae.mean": model.autoencoder.encode(images).mean})

    size, seed = {"height": 64, "width": 64}, 42
    noise, final, frames = run(reference, model, PROMPTS[0], size, seed)
    assert torch.equal(noise, torch.randn(noise.shape, generator=torch.Generator().manual_seed(seed)))
    tensors.update({"pipeline.noise": noise, "pipeline.latents": final, "pipeline.frames": frames[None]})

    with torch.backends.mkldnn.flags(enabled=False):
        _, other, other_frames = run(reference, model, PROMPTS[0], size, seed)
    # Features of few pixels make group norms that amplify rounding: such a size would prove nothing.
    assert (frames != other_frames).double().mean() < 5e-4
    shares = {"min": int(frames.min()), "max": int(frames.max()), "mean": round(frames.double().mean().item(), 2)}

    # diffusers' networks on the converted weights compute the same: the conversion is sound.
    state = converted(components)
    unet = UNet3DConditionModel.from_config(DIFFUSERS["unet"]).eval()
    unet.load_state_dict(state["unet"])
    vae = AutoencoderKL.from_config(DIFFUSERS["vae"]).eval()
    vae.load_state_dict(state["vae"])
    unet_difference = difference(unet(sample, timestep, text).sample, tensors["unet.output"])
    vae_difference = difference(vae.decode(latents).sample, tensors["vae.images"])
    assert unet_difference < 1e-4 and vae_difference < 1e-4, (unet_difference, vae_difference)

    out.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous().clone() for k, v in tensors.items()}, str(out / "reference.safetensors"))
    sources = {"unet": "unet", "vae": "autoencoder", "text_encoder": "clip"}
    write_compact(out / "model.json", {
        "seed": SEED, "configuration": CONFIGURATION, "components": components, "diffusers": DIFFUSERS,
        "origins": {part: origins(state[part], weights(components[source])) for part, source in sources.items()}})
    ids = reference.open_clip.tokenize(TEXTS)
    write_json(out / "reference.json", {
        "prompts": PROMPTS, "unet_timestep": timestep, "prompt": PROMPTS[0], "seed": seed, **size,
        "other_kernels_difference": difference(other, final),
        "other_kernels_frames_difference": int((frames.int() - other_frames.int()).abs().max()),
        "other_kernels_frames_differing": (frames != other_frames).double().mean().item(),
        "diffusers_difference": {"unet": unet_difference, "vae": vae_difference},
        "frames": shares})
    write_compact(out / "tokens.json", {"cases": [{"text": t, "ids": row.tolist()} for t, row in zip(TEXTS, ids)]})
    (out / "full-size-unet-names.tsv.gz").write_bytes(gzip.compress(full_size_names(reference).encode(), mtime=0))
    print((out / "reference.json").read_text())


def write_compact(path, value):
    """One line for each innermost entry: readable differences, a fraction of the size."""
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace('],"', '],\n"') + "\n",
                    encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modelscope", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    args = parser.parse_args()
    torch.set_num_threads(1)
    make(modelscope_reference.load(args.modelscope), args.out)


if __name__ == "__main__":
    main()
