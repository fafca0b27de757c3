#!/usr/bin/env python3
"""Times the reference on a GPU, on a checkpoint folder in diffusers layout, and prints JSON.

TextToVideoSDPipeline as its documents have it: DPM-Solver++ on the checkpoint's noise schedule, half precision, all networks on
the device.  A run is one call of the pipeline, from the prompt to frames in host memory.  "eager" launches one kernel after the
other; "compiled" has torch.compile on the UNet.  Of each, the first run (which also compiles) stands apart, a second one warms up,
and the median is of those after them.  Peaks are of torch's allocator: "peak_bytes" what tensors took, "peak_reserved_bytes" with its reserve.

What is not installed is named under "missing", and nothing is run; what breaks within one way is named under its "error".
"""
import argparse
import importlib
import json
import pathlib
import platform
import statistics
import sys
import time

NEEDED = ("torch", "diffusers", "transformers")


def missing():
    for name in NEEDED:
        try:
            importlib.import_module(name)
        except ImportError as e:
            return f"the Python {sys.executable} cannot import {name}: {e}"
    try:
        from diffusers import TextToVideoSDPipeline  # noqa: F401
    except (ImportError, RuntimeError) as e:  # diffusers imports lazily, and wraps what fails within
        return f"this diffusers has no TextToVideoSDPipeline that can be imported: {e}"
    return None


class Clock:
    """Seconds of a piece of work on a device, which goes on computing after a call has returned."""

    def __init__(self, torch, device):
        self.torch, self.device = torch, device
        self.on_gpu = device.type == "cuda"

    def synchronize(self):
        if self.on_gpu:
            self.torch.cuda.synchronize(self.device)

    def measure(self, work):
        self.synchronize()
        start = time.perf_counter()
        result = work()
        self.synchronize()
        return time.perf_counter() - start, result

    def reset_peak(self):
        if self.on_gpu:
            self.torch.cuda.reset_peak_memory_stats(self.device)

    def peaks(self):
        if not self.on_gpu:
            return {}
        return {"peak_bytes": self.torch.cuda.max_memory_allocated(self.device),
                "peak_reserved_bytes": self.torch.cuda.max_memory_reserved(self.device)}


class UnetTimes:
    """Seconds of the UNet's calls by events on the device's own stream, read after the run: no synchronisation within it."""

    def __init__(self, torch, unet, clock):
        self.torch, self.clock, self.pairs = torch, clock, []
        if clock.on_gpu:
            unet.register_forward_pre_hook(lambda *_: self.pairs.append([self.mark(), None]))
            unet.register_forward_hook(lambda *_: self.finish())

    def mark(self):
        event = self.torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def finish(self):
        self.pairs[-1][1] = self.mark()

    def take(self):
        self.clock.synchronize()
        seconds = [start.elapsed_time(end) / 1e3 for start, end in self.pairs]
        self.pairs.clear()
        return seconds


def timed(generate, runs, clock, unet_times):
    clock.reset_peak()
    first, frames = clock.measure(generate)
    clock.measure(generate)
    unet_times.take()
    seconds, steps = [], []
    for _ in range(runs):
        seconds.append(clock.measure(generate)[0])
        steps += unet_times.take()
    result = {"first_seconds": round(first, 4), "seconds": [round(s, 4) for s in seconds],
              "median_seconds": round(statistics.median(seconds), 4), **clock.peaks(), "shape": list(frames.shape)}
    if steps:
        result["unet_call_median_seconds"] = round(statistics.median(steps), 6)
    return result


def attempt(work):
    try:
        return work()
    except Exception as e:  # the other way may still work
        return {"error": f"{type(e).__name__}: {e}"[:2000]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--dtype", choices=["float16", "bfloat16", "float32"], default="float16")
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--height", type=int)
    parser.add_argument("--width", type=int)
    parser.add_argument("--guidance", type=float, default=9.0)
    parser.add_argument("--prompt", default="a red circle moving right")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=int, default=5, help="that are timed, beside the first and a warm-up")
    parser.add_argument("--compile-mode", default="default", help="of torch.compile; none: leave it out")
    args = parser.parse_args()

    result = {"checkpoint": args.checkpoint.name, "device": args.device, "dtype": args.dtype, "steps": args.steps,
              "frames": args.frames, "guidance": args.guidance, "compile_mode": args.compile_mode}
    lacking = missing()
    if lacking:
        print(json.dumps({**result, "missing": lacking}, indent=2))
        return

    import diffusers
    import torch
    import transformers
    from diffusers import DPMSolverMultistepScheduler, TextToVideoSDPipeline
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    result["versions"] = {"python": platform.python_version(), "torch": torch.__version__, "cuda": torch.version.cuda,
                          "diffusers": diffusers.__version__, "transformers": transformers.__version__}
    device = torch.device(args.device)
    if device.type == "cuda" and (not torch.cuda.is_available() or (device.index or 0) >= torch.cuda.device_count()):
        print(json.dumps({**result, "missing": f"torch {torch.__version__} finds no device {args.device}"}, indent=2))
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
        result["card"] = torch.cuda.get_device_name(device)
        result["versions"]["cudnn"] = torch.backends.cudnn.version()

    pipe = TextToVideoSDPipeline.from_pretrained(str(args.checkpoint), dtype=getattr(torch, args.dtype),
                                                 local_files_only=True)
    pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    pipe.to(device)
    clock = Clock(torch, device)

    def generate():
        return pipe(args.prompt, num_frames=args.frames, height=args.height, width=args.width,
                    num_inference_steps=args.steps, guidance_scale=args.guidance,
                    generator=torch.Generator().manual_seed(args.seed)).frames

    unet_times = UnetTimes(torch, pipe.unet, clock)
    result["eager"] = attempt(lambda: timed(generate, args.runs, clock, unet_times))
    if args.compile_mode != "none":
        # In place: the module stays the one that the pipeline knows, and its hooks stay outside of what is compiled.
        def compiled():
            pipe.unet.forward = torch.compile(pipe.unet.forward, mode=args.compile_mode)
            return timed(generate, args.runs, clock, unet_times)
        result["compiled"] = attempt(compiled)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
