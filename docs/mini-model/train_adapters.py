#!/usr/bin/env python3
"""Trains what bends the miniature model: a LoRA that teaches it to jump, and a word for a colour that it does not know.

Usage: train_adapters.py lora MODEL_DIR OUT.safetensors [--steps 800] [--stop-after N] [--init-from LORA]
       train_adapters.py word MODEL_DIR OUT.safetensors [--steps 300] [--stop-after N]
Needs what train_mini_model.py needs, and peft. One thread of a CPU takes some 8 minutes for the LoRA, 3 for the word.

The LoRA learns a motion, from clips whose shapes leave the floor, rise, and land on it again: "a red circle jumping". A part of its
clips shows the motions that the model knows, so that they stay as they are. It is written in diffusers' layout: PEFT's names
below `unet.` and `text_encoder.`, and PEFT's options in the metadata.
The word is a textual inversion: the network stays as it is, and only the vectors that stand for the word are trained."""
import argparse
import json
import math
import time

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet3DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTokenizer

import train_mini_model as T

MOTION = "jumping"
WORD, COLOUR = "<pink>", (1.00, 0.42, 0.72)
LICENCE = {"license": "Apache-2.0", "origin": "docs/mini-model/train_adapters.py of t2v, on clips that it draws itself"}
RANK = 4
ATTENTION = ["to_q", "to_k", "to_v", "to_out.0"]
TEXT_ATTENTION = ["q_proj", "k_proj", "v_proj", "out_proj"]


def draw(count, frames, gen, jumps, coloured):
    """Clips in [-1, 1], [count, frames, 3, 64, 64], and their captions. jumps and coloured: shares of the clips that jump, and
    whose colour is that of the word."""
    uniform = lambda: torch.rand(count, generator=gen)
    pick = lambda choices: [list(choices)[i] for i in torch.randint(len(choices), (count,), generator=gen).tolist()]
    colours, shapes, motions, backgrounds = pick(T.COLORS), pick(T.SHAPES), pick(T.MOTIONS), pick(T.BACKGROUNDS)
    forms = torch.multinomial(torch.tensor([0.6, 0.25, 0.15]), count, replacement=True, generator=gen).tolist()
    t = torch.linspace(0, 1, frames)[None]
    still = lambda: (0.5 + 0.16 * (uniform() - 0.5))[:, None].expand(count, frames)
    travel, still_x, still_y = 0.50 + 0.10 * uniform(), still(), still()
    path = 0.5 + travel[:, None] * (t - 0.5)
    jump = (0.75 + 0.04 * (uniform() - 0.5))[:, None] - travel[:, None] * (1 - (2 * t - 1) ** 2)
    radius = (0.17 + 0.04 * uniform())[:, None].expand(count, frames)
    grow = (0.09 + (0.30 - 0.09) * t).expand(count, frames)
    is_jump, is_coloured = uniform() < jumps, uniform() < coloured
    x, y, texts, rgb = still_x.clone(), still_y.clone(), [], []
    for i in range(count):
        motion = motions[i] = MOTION if is_jump[i] else motions[i]
        colours[i] = WORD if is_coloured[i] else colours[i]
        rgb.append(COLOUR if is_coloured[i] else T.COLORS[colours[i]])
        if motion in ("moving right", "moving left"):
            x[i] = path[i] if motion == "moving right" else path[i].flip(0)
        elif motion in ("moving down", "moving up"):
            y[i] = path[i] if motion == "moving down" else path[i].flip(0)
        elif motion == MOTION:
            y[i] = jump[i]
        else:
            radius = radius.clone()
            radius[i] = grow[i] if motion == "growing" else grow[i].flip(0)
        texts.append(T.caption(colours[i], shapes[i], motion, backgrounds[i], forms[i]))
    ids = torch.tensor([T.SHAPES.index(s) for s in shapes])
    clips = T.render(torch.tensor(rgb), torch.tensor([T.BACKGROUNDS[b] for b in backgrounds]), ids, torch.stack([x, y], -1), radius, 64)
    return clips * 2 - 1, texts


class Trainer:
    """The frozen model, a pool of latents with the tokens of their captions, and the loss of the model's own training."""

    def __init__(self, args, jumps, coloured, words=()):
        torch.manual_seed(0)
        self.args, self.gen, self.start = args, torch.Generator().manual_seed(3), time.time()
        load = lambda kind, folder: kind.from_pretrained(args.model, subfolder=folder)
        self.unet, self.text_encoder = load(UNet3DConditionModel, "unet"), load(CLIPTextModel, "text_encoder")
        for network in (self.unet, self.text_encoder):
            network.requires_grad_(False).eval()
        self.tokenizer, self.alphas = load(CLIPTokenizer, "tokenizer"), load(DDIMScheduler, "scheduler").alphas_cumprod
        self.tokenizer.add_tokens(list(words))
        vae, z, texts = load(AutoencoderKL, "vae"), [], []
        with torch.no_grad():
            while len(texts) < args.pool:
                clips, captions = draw(64, 8, self.gen, jumps, coloured)
                latents = vae.encode(clips.flatten(0, 1)).latent_dist.mean * vae.config.scaling_factor
                z.append(latents.unflatten(0, (64, 8)).transpose(1, 2))
                texts += captions
        self.z, self.ids = torch.cat(z), self.tokens(texts, words)
        T.log(self.start, "pool", tuple(self.z.shape))

    def tokens(self, texts, words):
        for word in words:                          # one id for each vector of a word: <pink>, <pink>_1, ...
            if not word.partition("_")[2]:
                texts = [t.replace(word, " ".join(w for w in words if w == word or w.startswith(word + "_"))) for t in texts]
        return self.tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt").input_ids

    def loss(self):
        """Velocity, evenly weighted; often at high noise, and often at noise alone, where sampling begins."""
        batch = self.args.batch
        index = torch.randint(len(self.z), (batch,), generator=self.gen)
        z, ids, rand = self.z[index], self.ids[index], lambda: torch.rand(batch, generator=self.gen)
        t = torch.randint(1000, (batch,), generator=self.gen)
        high = rand() < 0.5
        t = torch.where(high, 800 + t // 5, t)
        pure = ((rand() < 0.6) & high & (t >= 900)).view(-1, 1, 1, 1, 1)
        noise = torch.randn(z.shape, generator=self.gen)
        a = self.alphas[t].view(-1, 1, 1, 1, 1)
        noisy = torch.where(pure, noise, a.sqrt() * z + (1 - a).sqrt() * noise)
        predicted = self.unet(noisy, t, encoder_hidden_states=self.text_encoder(ids)[0]).sample
        return ((predicted - (a.sqrt() * noise - (1 - a).sqrt() * z)) ** 2).mean()

    def train(self, params, rate, save, after_step=lambda: None):
        """Saves the moving average of the parameters, every fifty steps."""
        optimizer, mean, running = torch.optim.AdamW(params, lr=rate, weight_decay=0), [p.detach().clone() for p in params], 0.0
        last = min(self.args.stop_after or self.args.steps, self.args.steps)
        for step in range(1, last + 1):
            for group in optimizer.param_groups:
                group["lr"] = rate * min(1, step / 50) * (0.51 + 0.49 * math.cos(math.pi * step / self.args.steps))
            loss = self.loss()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(params, 1.0)
            optimizer.step()
            after_step()
            running = loss.item() if step == 1 else 0.98 * running + 0.02 * loss.item()
            for m, p in zip(mean, params):
                m.lerp_(p.detach(), 1 - min(0.98, step / (10 + step)))
            if step % 50 == 0 or step == last:
                T.log(self.start, "step", step, f"loss {running:.4f}")
                save(dict(zip(map(id, params), mean)))


def train_lora(args):
    from peft import LoraConfig, inject_adapter_in_model
    trainer = Trainer(args, jumps=0.6, coloured=0)
    metadata, networks = {}, {"unet": (trainer.unet, ATTENTION), "text_encoder": (trainer.text_encoder, TEXT_ATTENTION)}
    for name, (network, targets) in networks.items():
        inject_adapter_in_model(LoraConfig(r=RANK, lora_alpha=RANK, target_modules=targets), network)
        metadata |= {f"{name}.r": RANK, f"{name}.lora_alpha": RANK, f"{name}.target_modules": targets}
    named = {f"{name}.{key.replace('.default', '')}": p for name, (network, _) in networks.items()
             for key, p in network.named_parameters() if "lora_" in key}
    trained = load_file(args.init_from) if args.init_from else named
    for key, p in named.items():
        p.data.copy_(trained[key])
        p.requires_grad_(True)
    T.log(trainer.start, sum(p.numel() for p in named.values()), "parameters")
    notes = {"lora_adapter_metadata": json.dumps(metadata, sort_keys=True), "trained_words": MOTION, "base_model": "t2v-mini-model", **LICENCE}
    trainer.train(list(named.values()), args.lr or 3e-3, lambda mean: save_file(
        {key: mean[id(p)].to(torch.float16).contiguous() for key, p in sorted(named.items())}, args.out, {"format": "pt", **notes}))


def train_word(args):
    words = [WORD] + [f"{WORD}_{i}" for i in range(1, args.vectors)]
    trainer = Trainer(args, jumps=0, coloured=1, words=words)
    trainer.text_encoder.resize_token_embeddings(len(trainer.tokenizer), mean_resizing=False)
    embeddings = trainer.text_encoder.get_input_embeddings()
    known = embeddings.weight[[trainer.tokenizer.convert_tokens_to_ids(c + "</w>") for c in T.COLORS]]
    vectors = torch.nn.Parameter(known.mean(0).repeat(args.vectors, 1).detach())
    first = len(trainer.tokenizer) - args.vectors
    # a hook puts the vectors in the places of the word's ids
    embeddings.register_forward_hook(lambda module, inputs, out: torch.where(
        (inputs[0] >= first)[..., None], vectors[(inputs[0] - first).clamp(min=0)], out))
    trainer.train([vectors], args.lr or 2e-2, lambda mean: save_file({WORD: mean[id(vectors)].contiguous()}, args.out, {"format": "pt", **LICENCE}))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("lora", "word"))
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--stop-after", type=int, help="steps; the learning rate is that of a run of --steps")
    parser.add_argument("--init-from", help="the LoRA to train further")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--pool", type=int, help="clips")
    parser.add_argument("--lr", type=float)
    parser.add_argument("--vectors", type=int, default=2, help="of the word")
    args = parser.parse_args()
    args.steps = args.steps or (800 if args.what == "lora" else 300)
    args.pool = args.pool or (512 if args.what == "lora" else 256)
    torch.set_num_threads(1)
    (train_lora if args.what == "lora" else train_word)(args)


if __name__ == "__main__":
    main()
