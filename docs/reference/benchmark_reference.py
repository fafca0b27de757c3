#!/usr/bin/env python3
"""Times the reference on a checkpoint folder in diffusers layout on the CPU, and prints JSON.

TextToVideoSDPipeline itself runs: K guided denoising steps (--steps; batch 2 where --guidance is above 1), then its own
decode_latents, which decodes all frames at once, or one by one with --decode frames (the reference's VAE slicing).
Prompt embeddings are random unless the folder has a tokenizer and a text encoder and --prompt is given: steps cost the
same, and the text encoder's memory is then not part of the peak.

--dtype bfloat16 computes in it altogether, --channels-last lays out the UNet's and the decoder's 2-D weights so,
--compile compiles the UNet: its first step then takes minutes.

peak_rss_bytes are high-water marks (VmHWM) of the process.  Where the kernel lets a process reset its own mark, the
mark of each phase is its own; otherwise ("peak_reset": false) it is the largest so far.
"""
import argparse
import json
import pathlib
import platform
import re
import time

START = time.perf_counter()


def memory(key):
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(re.search(r"\d+", line)[0]) * 1024
    return None


def reset_peak():
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
        return True
    except OSError:
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=3, help="denoising steps, each timed; the first warms up")
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--height", type=int, default=256)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--guidance", type=float, default=9.0)
    parser.add_argument("--decode", nargs="*", choices=["all", "frames"], default=["all"],
                        help="ways of decoding, each timed; none: --decode with nothing after it")
    parser.add_argument("--decode-repeats", type=int, default=1)
    parser.add_argument("--prompt", help="encode this prompt with the checkpoint's text encoder")
    parser.add_argument("--tokens", type=int, default=77, help="length of the random embeddings")
    parser.add_argument("--threads", type=int, default=0, help="0: torch's default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--compile", action="store_true", help="torch.compile the UNet")
    args = parser.parse_args()

    import diffusers
    import torch
    import transformers
    from diffusers import AutoencoderKL, TextToVideoSDPipeline, UNet3DConditionModel
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    if args.threads:
        torch.set_num_threads(args.threads)
    imported = time.perf_counter()
    result = {"checkpoint": args.checkpoint.name, "frames": args.frames, "height": args.height, "width": args.width,
              "guidance": args.guidance, "steps": args.steps, "dtype": args.dtype,
              "channels_last": args.channels_last, "compiled": args.compile, "threads": torch.get_num_threads(),
              "import_seconds": round(imported - START, 2), "rss_after_import_bytes": memory("VmRSS")}

    without = {} if args.prompt else {"text_encoder": None, "tokenizer": None}
    dtype = getattr(torch, args.dtype)
    pipe = TextToVideoSDPipeline.from_pretrained(str(args.checkpoint), torch_dtype=dtype, local_files_only=True,
                                                 **without)
    if args.channels_last:
        for network in (pipe.unet, pipe.vae):
            for module in network.modules():
                if isinstance(module, torch.nn.Conv2d):
                    module.to(memory_format=torch.channels_last)
    pipe.set_progress_bar_config(disable=True)
    result["load_seconds"] = round(time.perf_counter() - imported, 2)
    result["rss_after_load_bytes"] = memory("VmRSS")
    result["peak_rss_bytes"] = {"load": memory("VmHWM")}
    result["peak_reset"] = reset_peak()

    generator = torch.Generator().manual_seed(args.seed)
    text = {"prompt": args.prompt}
    if not args.prompt:
        shape = (1, args.tokens, pipe.unet.config.cross_attention_dim)
        text = {"prompt_embeds": torch.randn(shape, generator=generator).to(dtype)}
        if args.guidance > 1:
            text["negative_prompt_embeds"] = torch.randn(shape, generator=generator).to(dtype)

    # A step ends where the pipeline calls back; the first starts where the UNet is first called.
    marks, unet_seconds = [], []
    forward = torch.compile(pipe.unet.forward) if args.compile else pipe.unet.forward

    def timed(*a, **k):
        start = time.perf_counter()
        if not marks:
            marks.append(start)
        out = forward(*a, **k)
        unet_seconds.append(time.perf_counter() - start)
        return out

    pipe.unet.forward = timed
    latents = pipe(**text, num_frames=args.frames, height=args.height, width=args.width, num_inference_steps=args.steps,
                   guidance_scale=args.guidance, generator=generator, output_type="latent",
                   callback=lambda *_: marks.append(time.perf_counter())).frames
    result["step_seconds"] = [round(b - a, 4) for a, b in zip(marks, marks[1:])]
    result["unet_seconds"] = [round(s, 4) for s in unet_seconds]
    result["peak_rss_bytes"]["denoise"] = memory("VmHWM")
    result["finite"] = bool(latents.isfinite().all())

    result["decode_seconds"] = {}
    with torch.no_grad():
        for way in args.decode:
            reset_peak()
            pipe.vae.enable_slicing() if way == "frames" else pipe.vae.disable_slicing()
            seconds = []
            for _ in range(args.decode_repeats):
                start = time.perf_counter()
                video = pipe.decode_latents(latents)
                pipe.video_processor.postprocess_video(video=video, output_type="np")
                seconds.append(round(time.perf_counter() - start, 4))
            result["decode_seconds"][way] = seconds
            result["peak_rss_bytes"][f"decode_{way}"] = memory("VmHWM")

    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    result["versions"] = {"python": platform.python_version(), "torch": torch.__version__,
                          "diffusers": diffusers.__version__, "transformers": transformers.__version__}
    result["machine"] = {"cpu": cpu[1] if cpu else platform.processor(), "capability": torch.backends.cpu.get_cpu_capability(),
                         "mkldnn": torch.backends.mkldnn.is_available()}
    result["parameters"] = {"unet": sum(p.numel() for p in pipe.unet.parameters()),
                            "vae": sum(p.numel() for p in pipe.vae.parameters())}
    assert isinstance(pipe.unet, UNet3DConditionModel) and isinstance(pipe.vae, AutoencoderKL)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
