"""Writes the trajectories of the reference's schedulers that the scheduler tests compare with.

Usage: PYTHONPATH=<diffusers>/src python make_scheduler_goldens.py OUT_DIR [SchedulerClass ...]

A case is one configuration and one run. Its latents, model outputs and noise are drawn from torch's
CPU generator, so that the file holds seeds instead of tensors: generator `seed` gives the initial
latents, then one model output per step; generator `seed + 1` is the one that the scheduler draws from.
Kept are, after every step, the elements PROBES of the flattened sample (every 61st: each frame and
channel has its turn) and its largest magnitude, and after the last step the whole sample.
Little-endian float32, base64.
"""

import base64
import inspect
import json
import math
import pathlib
import sys
import warnings

import numpy as np
import torch

import diffusers
from diffusers import schedulers

warnings.filterwarnings("ignore")
diffusers.logging.set_verbosity_error()
torch.set_num_threads(1)

SHAPE = [6, 4, 3, 5]
PROBES = range(0, math.prod(SHAPE), 61)

MODEL = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
CHECKPOINT = dict(
    MODEL,
    clip_sample=False,
    set_alpha_to_one=False,
    steps_offset=1,
    skip_prk_steps=True,
    prediction_type="epsilon",
    num_train_timesteps=1000,
    trained_betas=None,
)
KARRAS = dict(use_karras_sigmas=True)
EXPONENTIAL = dict(use_exponential_sigmas=True)
BETA = dict(use_beta_sigmas=True)
LU = dict(use_lu_lambdas=True)
LEADING = dict(timestep_spacing="leading", steps_offset=1)
TRAILING = dict(timestep_spacing="trailing")
LINSPACE = dict(timestep_spacing="linspace")
V = dict(prediction_type="v_prediction")
SAMPLE = dict(prediction_type="sample")
ZERO_SNR = dict(V, rescale_betas_zero_snr=True, timestep_spacing="trailing")
COSINE = dict(beta_schedule="squaredcos_cap_v2")
THRESHOLD = dict(thresholding=True, sample_max_value=1.5, dynamic_thresholding_ratio=0.9)


def case(steps, *options, **run):
    """A run of `steps` with the merged `options`; `run` may hold eta, start, timesteps, sigmas, channels."""
    merged = {}
    for option in options:
        merged.update(option)
    return dict(config=merged, steps=steps, **run)


def ddim():
    yield case(50, CHECKPOINT)
    yield case(25, CHECKPOINT)
    yield case(10, CHECKPOINT, eta=1.0)
    yield case(10, CHECKPOINT, eta=0.3)
    yield case(1, CHECKPOINT)
    yield case(7, CHECKPOINT, start=3)
    yield case(12, {})
    yield case(12, MODEL, LINSPACE)
    yield case(12, MODEL, TRAILING)
    yield case(30, MODEL, TRAILING, eta=0.5)
    yield case(12, MODEL, COSINE)
    yield case(12, MODEL, dict(beta_schedule="linear", num_train_timesteps=200))
    yield case(8, dict(trained_betas=[round(0.001 + 0.0004 * i, 6) for i in range(40)], num_train_timesteps=40))
    for prediction in (V, SAMPLE):
        for eta in (0.0, 0.7):
            yield case(9, CHECKPOINT, prediction, eta=eta)
    yield case(9, MODEL, THRESHOLD)
    yield case(9, MODEL, THRESHOLD, V, eta=0.2)
    yield case(9, MODEL, dict(clip_sample=True, clip_sample_range=1.4))
    yield case(9, MODEL, dict(clip_sample=True), SAMPLE)
    yield case(15, MODEL, ZERO_SNR, dict(clip_sample=False))
    yield case(15, MODEL, ZERO_SNR, SAMPLE, dict(clip_sample=False), eta=1.0)
    yield case(999, MODEL, LINSPACE, dict(clip_sample=False))


def dpm_multistep():
    yield case(25, CHECKPOINT)
    yield case(50, CHECKPOINT)
    yield case(8, CHECKPOINT)
    yield case(1, CHECKPOINT)
    yield case(2, CHECKPOINT)
    yield case(12, CHECKPOINT, start=5)
    yield case(12, {})
    minimum = dict(final_sigmas_type="sigma_min")
    for algorithm in ("dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver"):
        final = {} if algorithm.endswith("++") else minimum
        for order in (1, 2, 3):
            if algorithm == "sde-dpmsolver" and order == 3:
                continue  # the reference has no such update
            for solver in ("midpoint", "heun"):
                if solver == "heun" and order != 2:
                    continue
                for steps in (10, 20):
                    yield case(
                        steps,
                        MODEL,
                        final,
                        dict(algorithm_type=algorithm, solver_order=order, solver_type=solver),
                    )
        for prediction in (V, SAMPLE):
            yield case(10, MODEL, final, prediction, dict(algorithm_type=algorithm))
        yield case(10, MODEL, final, THRESHOLD, dict(algorithm_type=algorithm))
        yield case(10, MODEL, final, LEADING, KARRAS, dict(algorithm_type=algorithm))
    for order in (2, 3):
        yield case(10, MODEL, dict(solver_order=order, lower_order_final=False))
        yield case(10, MODEL, minimum, dict(solver_order=order, lower_order_final=False))
        yield case(10, MODEL, minimum, dict(solver_order=order, euler_at_final=True))
        yield case(20, MODEL, minimum, dict(solver_order=order, euler_at_final=True))
    for spacing in (LEADING, TRAILING, LINSPACE):
        yield case(17, MODEL, spacing)
        yield case(17, MODEL, COSINE, spacing, dict(lambda_min_clipped=-5.1))
    for sigmas in (KARRAS, EXPONENTIAL, BETA, LU):
        yield case(10, MODEL, sigmas)
        yield case(25, MODEL, sigmas, minimum)
        yield case(15, sigmas, COSINE)
    yield case(10, MODEL, KARRAS, dict(sigma_min=0.1, sigma_max=10.0))
    yield case(10, MODEL, EXPONENTIAL, dict(sigma_min=0.1, sigma_max=10.0))
    yield case(10, MODEL, BETA, dict(sigma_min=0.1))
    yield case(10, MODEL, ZERO_SNR)
    yield case(20, MODEL, ZERO_SNR, dict(algorithm_type="sde-dpmsolver++", euler_at_final=True))
    yield case(10, MODEL, minimum, dict(algorithm_type="deis", solver_type="logrho"))
    yield case(10, MODEL, dict(solver_type="bh2"))
    yield case(10, MODEL, dict(variance_type="learned_range"), channels=3)
    yield case(None, MODEL, timesteps=[999, 850, 700, 500, 300, 120, 40])


CASES = {
    "DDIMScheduler": ddim,
    "DPMSolverMultistepScheduler": dpm_multistep,
}


def packed(values):
    return base64.b64encode(np.asarray(values, dtype="<f4").tobytes()).decode()


def trajectory(name, number, spec):
    scheduler = getattr(schedulers, name).from_config(spec["config"])
    custom = {key: spec[key] for key in ("timesteps", "sigmas") if key in spec}
    scheduler.set_timesteps(**custom) if custom else scheduler.set_timesteps(spec["steps"])
    start = spec.get("start", 0)
    timesteps = scheduler.timesteps
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(start)

    shape = list(SHAPE)
    shape[1] = spec.get("channels", shape[1])
    model_shape = list(shape)
    if "learned" in str(spec["config"].get("variance_type")):
        model_shape[1] *= 2
    seed = 1000 * sorted(CASES).index(name) + 10 * number
    draws = torch.Generator("cpu").manual_seed(seed)
    own = torch.Generator("cpu").manual_seed(seed + 1)
    sample = torch.randn(shape, generator=draws) * scheduler.init_noise_sigma
    probes = [index for index in PROBES if index < math.prod(shape)]

    noised = scheduler.add_noise(
        sample, torch.randn(shape, generator=draws), timesteps[start : start + 1].repeat(shape[0])
    )
    accepted = set(inspect.signature(scheduler.step).parameters)
    arguments = {}
    if "eta" in accepted:
        arguments["eta"] = spec.get("eta", 0.0)
    if "generator" in accepted:
        arguments["generator"] = own
    scaled, probed, largest = [], [], []
    for t in timesteps[start:]:
        scaled.append(scheduler.scale_model_input(sample, t).flatten()[probes].numpy())
        output = torch.randn(model_shape, generator=draws)
        sample = scheduler.step(output, t, sample, **arguments).prev_sample
        probed.append(sample.flatten()[probes].numpy())
        largest.append(sample.abs().max().item())
    assert torch.isfinite(sample).all(), spec

    # JSON has no infinities
    config = {k: str(v) if isinstance(v, float) and math.isinf(v) else v for k, v in spec["config"].items()}
    result = dict(
        {key: value for key, value in spec.items() if key != "config"},
        config=config,
        seed=seed,
        shape=shape,
        modelChannels=model_shape[1],
        timesteps=[float(t) for t in timesteps],
        initNoiseSigma=float(scheduler.init_noise_sigma),
        noised=packed(noised.flatten()[probes]),
        probes=packed(probed),
        largest=packed(largest),
        last=packed(sample.flatten()),
    )
    first = torch.Generator("cpu").manual_seed(seed)
    unscaled = (torch.randn(shape, generator=first) * scheduler.init_noise_sigma).flatten()[probes].numpy()
    if not np.array_equal(scaled[0], unscaled):
        result["scaled"] = packed(scaled)
    return result


def main():
    out = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:] or CASES:
        cases = []
        for number, spec in enumerate(CASES[name]()):
            try:
                cases.append(trajectory(name, number, spec))
            except Exception:
                print(f"{name} {spec}", file=sys.stderr)
                raise
        lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases)
        text = f'{{"torch":"{torch.__version__}","diffusers":"{diffusers.__version__}","cases":[\n{lines}\n]}}\n'
        (out / f"{name}.json").write_text(text)
        print(f"{name}: {len(cases)} cases, {len(text)} bytes")


if __name__ == "__main__":
    main()
