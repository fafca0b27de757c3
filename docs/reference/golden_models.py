"""The test models: their configurations, and a loaded reference pipeline for each.

A model is a folder in diffusers layout without weights: the configs, the tokenizer, and manifest.json
with the seed and the names and shapes of all tensors.  The weights follow from random_weights.py.
"""
import copy
import json
import pathlib
import shutil
import tempfile

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, TextToVideoSDPipeline, UNet3DConditionModel
from diffusers.models.unets import unet_3d_condition
from safetensors.numpy import save_file
from transformers import CLIPTextConfig, CLIPTextModel

from random_weights import random_tensor

# The reference hands a list of head widths on to transformer_in, which expects a number, and fails.
# Here transformer_in takes the first entry of the list.
_TransformerTemporalModel = unet_3d_condition.TransformerTemporalModel


def _first_head_width(*args, attention_head_dim=None, **kwargs):
    if isinstance(attention_head_dim, (list, tuple)):
        attention_head_dim = attention_head_dim[0]
    return _TransformerTemporalModel(*args, attention_head_dim=attention_head_dim, **kwargs)


unet_3d_condition.TransformerTemporalModel = _first_head_width

MODEL_INDEX = {
    "_class_name": "TextToVideoSDPipeline",
    "_diffusers_version": "0.40.0.dev0",
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet3DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}

# Word for word the keys of the published text-to-video-ms-1.7b: no timestep_spacing, an unknown key.
PUBLISHED_SCHEDULER = {
    "_class_name": "DDIMScheduler",
    "_diffusers_version": "0.15.0.dev0",
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "clip_sample": False,
    "clip_sample_range": 1.0,
    "dynamic_thresholding_ratio": 0.995,
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "sample_max_value": 1.0,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "thresholding": False,
    "trained_betas": None,
}


def text_config(**over):
    config = {
        "architectures": ["CLIPTextModel"], "attention_dropout": 0.0, "bos_token_id": 0, "dropout": 0.0,
        "eos_token_id": 2, "hidden_act": "gelu", "hidden_size": 24, "initializer_factor": 1.0,
        "initializer_range": 0.02, "intermediate_size": 96, "layer_norm_eps": 1e-05,
        "max_position_embeddings": 16, "model_type": "clip_text_model", "num_attention_heads": 3,
        "num_hidden_layers": 3, "pad_token_id": 1, "projection_dim": 12, "torch_dtype": "float32",
        "transformers_version": "4.28.0.dev0", "vocab_size": 612,
    }
    config.update(over)
    return config


def unet_config(**over):
    config = {
        "_class_name": "UNet3DConditionModel", "_diffusers_version": "0.15.0.dev0", "act_fn": "silu",
        "in_channels": 4, "out_channels": 4, "layers_per_block": 2, "norm_eps": 1e-05, "norm_num_groups": 8,
    }
    config.update(over)
    return config


def vae_config(**over):
    config = {
        "_class_name": "AutoencoderKL", "_diffusers_version": "0.15.0.dev0", "act_fn": "silu", "in_channels": 3,
        "latent_channels": 4, "layers_per_block": 2, "norm_num_groups": 4, "out_channels": 3, "sample_size": 64,
        "scaling_factor": 0.18215,
    }
    config.update(over)
    n = len(config["block_out_channels"])
    config["down_block_types"] = ["DownEncoderBlock2D"] * n
    config["up_block_types"] = ["UpDecoderBlock2D"] * n
    return config


CROSS_DOWN, DOWN, CROSS_UP, UP = "CrossAttnDownBlock3D", "DownBlock3D", "CrossAttnUpBlock3D", "UpBlock3D"

MODELS = {
    # The published model in small: same structure, same keys in the configs.
    "four-levels": {
        "seed": 1,
        "unet": unet_config(
            sample_size=8, block_out_channels=[16, 32, 32, 48], attention_head_dim=8, cross_attention_dim=24,
            down_block_types=[CROSS_DOWN, CROSS_DOWN, CROSS_DOWN, DOWN],
            up_block_types=[UP, CROSS_UP, CROSS_UP, CROSS_UP]),
        "vae": vae_config(block_out_channels=[8, 16, 16, 16]),
        "text_encoder": text_config(),
        "scheduler": PUBLISHED_SCHEDULER,
        # as published: the two files disagree about the pad token
        "pad": ("<|endoftext|>", "!"),
    },
    # Odd latent sizes, unusual order of blocks, heads that do not fill the channels, every optional field set.
    # The epsilons are large, so that a norm which takes the wrong one shows.
    "odd-latents": {
        "seed": 20240607,
        "unet": unet_config(
            sample_size=[5, 7], block_out_channels=[16, 24, 32], attention_head_dim=5, cross_attention_dim=20,
            layers_per_block=1, down_block_types=[DOWN, CROSS_DOWN, CROSS_DOWN],
            up_block_types=[CROSS_UP, UP, CROSS_UP], act_fn="mish", downsample_padding=0,
            mid_block_scale_factor=1.3, norm_eps=0.01, norm_num_groups=4, num_attention_heads=None),
        "vae": vae_config(
            block_out_channels=[4, 8, 8, 12], norm_num_groups=2, layers_per_block=1, act_fn="gelu",
            scaling_factor=0.5, shift_factor=0.1, latents_mean=[0.1, -0.2, 0.3, -0.4], latents_std=[1.1, 0.9, 1.2, 0.8],
            mid_block_add_attention=False, use_quant_conv=False, use_post_quant_conv=False, force_upcast=False),
        "text_encoder": text_config(
            hidden_size=20, num_attention_heads=2, num_hidden_layers=2, intermediate_size=33, hidden_act="quick_gelu",
            layer_norm_eps=0.01, use_attention_mask=True, bos_token_id=610, eos_token_id=611, pad_token_id=611),
        "scheduler": dict(PUBLISHED_SCHEDULER, prediction_type="v_prediction", timestep_spacing="leading",
                          rescale_betas_zero_snr=False),
        "pad": ("<|endoftext|>", "<|endoftext|>"),
    },
    # Head widths per block as a list, no sample_size, the old names of the VAE's middle attention.
    "two-levels": {
        "seed": 3,
        "unet": unet_config(
            sample_size=None, block_out_channels=[12, 20], attention_head_dim=[6, 10], cross_attention_dim=24,
            layers_per_block=2, down_block_types=[CROSS_DOWN, CROSS_DOWN], up_block_types=[UP, CROSS_UP],
            act_fn="gelu", norm_num_groups=2, downsample_padding=1, mid_block_scale_factor=1),
        "vae": vae_config(block_out_channels=[8, 12, 12], layers_per_block=1, sample_size=[32, 32]),
        "text_encoder": text_config(num_hidden_layers=2, num_attention_heads=2),
        "scheduler": dict(PUBLISHED_SCHEDULER, prediction_type="v_prediction"),
        "pad": ("<|endoftext|>", "<|endoftext|>"),
        "old_vae_attention": True,
    },
    # A single level: nothing is sampled down or up.  Three layers a block.
    "one-level": {
        "seed": 4,
        "unet": unet_config(
            sample_size=8, block_out_channels=[16], attention_head_dim=4, cross_attention_dim=24,
            layers_per_block=3, down_block_types=[CROSS_DOWN], up_block_types=[CROSS_UP], act_fn="relu",
            norm_num_groups=4),
        "vae": vae_config(block_out_channels=[8], layers_per_block=1, act_fn="relu", sample_size=16),
        "text_encoder": text_config(num_hidden_layers=1),
        "scheduler": dict(PUBLISHED_SCHEDULER, prediction_type="sample", clip_sample=True, clip_sample_range=3.0),
        "pad": ("!", "!"),
    },
    # Wide enough for the kernels of the published model's size, which take 256 channels or more.
    "wide": {
        "seed": 5,
        "unet": unet_config(
            sample_size=8, block_out_channels=[256, 320], attention_head_dim=64, cross_attention_dim=24,
            layers_per_block=1, down_block_types=[CROSS_DOWN, DOWN], up_block_types=[UP, CROSS_UP],
            norm_num_groups=32),
        "vae": vae_config(block_out_channels=[256, 320], layers_per_block=1, norm_num_groups=32, sample_size=16),
        "text_encoder": text_config(num_hidden_layers=1),
        "scheduler": PUBLISHED_SCHEDULER,
        "pad": ("<|endoftext|>", "!"),
    },
}

# The models of few channels, whose weights are made in no time: these go through every test.
NARROW = [name for name in MODELS if name != "wide"]

OLD_ATTENTION = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}


def old_attention_name(name: str) -> str:
    for new, old in OLD_ATTENTION.items():
        if f".attentions.0.{new}." in name:
            return name.replace(f".attentions.0.{new}.", f".attentions.0.{old}.")
    return name


def write_json(path: pathlib.Path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _shapes(module) -> dict:
    return {name: list(t.shape) for name, t in module.state_dict().items()}


def manifest(name: str) -> dict:
    """Seed, and the names and shapes as they stand in the files of this checkpoint."""
    spec = MODELS[name]
    text = dict(spec["text_encoder"])
    text_module = CLIPTextModel(CLIPTextConfig(**{k: v for k, v in text.items() if k != "architectures"}))
    vae = _shapes(AutoencoderKL.from_config(copy.deepcopy(spec["vae"])))
    if spec.get("old_vae_attention"):
        renamed = {}
        for key, shape in vae.items():
            old = old_attention_name(key)
            renamed[old] = shape + [1, 1] if old != key and len(shape) == 2 else shape
        vae = renamed
    text_shapes = {k if k.startswith("text_model.") else "text_model." + k: v for k, v in _shapes(text_module).items()}
    return {
        "seed": spec["seed"],
        "components": {
            "text_encoder": dict(sorted(text_shapes.items())),
            "unet": dict(sorted(_shapes(UNet3DConditionModel.from_config(copy.deepcopy(spec["unet"]))).items())),
            "vae": dict(sorted(vae.items())),
        },
    }


def write_model(name: str, folder: pathlib.Path, tokenizer: pathlib.Path):
    spec = MODELS[name]
    write_json(folder / "model_index.json", MODEL_INDEX)
    for part, file in (("unet", "config.json"), ("vae", "config.json"), ("text_encoder", "config.json"),
                       ("scheduler", "scheduler_config.json")):
        write_json(folder / part / file, spec[part])
    (folder / "tokenizer").mkdir(exist_ok=True)
    for file in ("vocab.json", "merges.txt"):
        (folder / "tokenizer" / file).write_bytes((tokenizer / file).read_bytes())
    special = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
    write_json(folder / "tokenizer" / "tokenizer_config.json", {
        "add_prefix_space": False, "do_lower_case": True, "errors": "replace", "model_max_length": 16,
        **special, "pad_token": spec["pad"][0], "tokenizer_class": "CLIPTokenizer"})
    write_json(folder / "tokenizer" / "special_tokens_map.json", {**special, "pad_token": spec["pad"][1]})
    write_json(folder / "manifest.json", manifest(name))


WEIGHT_FILES = {"unet": "diffusion_pytorch_model.safetensors", "vae": "diffusion_pytorch_model.safetensors",
                "text_encoder": "model.safetensors"}


def write_weights(folder: pathlib.Path, for_reference: bool):
    """Adds the weight files to a model's folder.  for_reference: attention weights [C, C, 1, 1] become [C, C],
    the one conversion the reference does not do by itself (it does rename query, key, value, proj_attn)."""
    spec = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for part, shapes in spec["components"].items():
        tensors = {name: random_tensor(name, spec["seed"], shape) for name, shape in shapes.items()}
        if for_reference and part == "vae":
            tensors = {k: v[:, :, 0, 0] if ".attentions." in k and v.ndim == 4 else v for k, v in tensors.items()}
        save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, str(folder / part / WEIGHT_FILES[part]),
                  metadata={"format": "pt"})


def load_pipeline(folder) -> TextToVideoSDPipeline:
    """A pipeline in fp32, ready for clip_skip with transformers 5, which lost the attribute text_model."""
    pipe = TextToVideoSDPipeline.from_pretrained(str(folder), local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    if not hasattr(pipe.text_encoder, "text_model"):
        pipe.text_encoder.__dict__["text_model"] = pipe.text_encoder
    for part in (pipe.unet, pipe.vae, pipe.text_encoder):
        part.eval().requires_grad_(False)
    return pipe


class Loaded:
    """A golden model with its weights, in a temporary folder, loaded by the reference."""

    def __init__(self, models: pathlib.Path, name: str):
        self.name = name
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name) / name
        shutil.copytree(models / name, self.folder)
        write_weights(self.folder, for_reference=True)
        self.pipe = load_pipeline(self.folder)
        self._check()

    def _check(self):
        """Every parameter of the networks must have come from the recipe, none from an initialisation."""
        spec = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        for part, shapes in spec["components"].items():
            module = getattr(self.pipe, part)
            state = module.state_dict()
            assert len(state) == len(shapes), (self.name, part, len(state), len(shapes))
            for key, shape in shapes.items():
                expected = torch.from_numpy(random_tensor(key, spec["seed"], shape))
                loaded = key
                if part == "text_encoder" and key not in state:
                    loaded = key.removeprefix("text_model.")
                if loaded not in state:
                    loaded = next(n for n in state if old_attention_name(n) == key)
                assert torch.equal(state[loaded], expected.reshape(state[loaded].shape)), (self.name, part, key)
