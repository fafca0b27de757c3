#!/usr/bin/env python3
"""What the reference's own bfloat16 changes on the miniature model, for comparison with PrecisionStudy in its tests.

Usage: precision_of_reference.py MODEL_DIR [STEPS GUIDANCE]
Generates the captions of evaluate_mini_model.py twice, with the seeds 0 to 23, in float32 and in bfloat16, from the same float32
latents.  Prints, per clip, the mean error of the frames' bytes and the PSNR against float32; then the mean of all, and how many of
either show color, motion and shape of their caption.
"""
import sys
import numpy as np, torch
from diffusers import DPMSolverMultistepScheduler, TextToVideoSDPipeline
from evaluate_mini_model import CASES, judge
from train_mini_model import caption

FRAMES, SIZE, SEEDS = 8, 64, 24
steps, guidance = (int(sys.argv[2]), float(sys.argv[3])) if len(sys.argv) > 3 else (25, 1.5)


def clips(dtype):
    pipe = TextToVideoSDPipeline.from_pretrained(sys.argv[1], torch_dtype=dtype)
    pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    size = SIZE // pipe.vae_scale_factor
    for seed in range(SEEDS):
        latents = torch.randn(1, pipe.unet.config.in_channels, FRAMES, size, size, generator=torch.Generator().manual_seed(seed))
        yield pipe(caption(*CASES[seed % len(CASES)], 0), num_frames=FRAMES, num_inference_steps=steps, guidance_scale=guidance,
                   latents=latents.to(dtype), output_type="np").frames[0]


absolute, squares, right = [], [], np.zeros(2, int)
for seed, both in enumerate(zip(clips(torch.float32), clips(torch.bfloat16))):
    case = CASES[seed % len(CASES)]
    right += [all(judge(frames, case)[:3]) for frames in both]
    exact, other = ((frames * 255).round() for frames in both)
    absolute.append(np.abs(exact - other).mean())
    squares.append(((exact - other) ** 2).mean())
    print(f"{seed:2d} {caption(*case, 0)}: mean error {absolute[-1]:.2f} of 255, {10 * np.log10(255 ** 2 / squares[-1]):.1f} dB",
          flush=True)
print(f"bfloat16: mean error {np.mean(absolute):.2f} of 255, {10 * np.log10(255 ** 2 / np.mean(squares)):.1f} dB, "
      f"right: {right[1]} of {SEEDS}, in float32 {right[0]}")
