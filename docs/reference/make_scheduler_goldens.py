"""Writes the trajectories of the reference's schedulers that the scheduler tests compare with.

Usage: PYTHONPATH=<diffusers>/src python make_scheduler_goldens.py OUT_DIR [SchedulerClass ...]

A case is one configuration and one run. Its latents, model outputs and noise are drawn from torch's
CPU generator, so that the file holds seeds instead of tensors: generator `seed` gives the initial
latents, then one model output per step; generator `seed + 1` is the one that the scheduler draws from.
Kept are, after every step, the elements PROBES of the flattened sample (every 61st: each frame and
channel has its turn), and after the last step the whole sample.
Little-endian float32, base64.
"""

import base64
import inspect
import json
import math
import pathlib
import sys
import warnings
import zlib

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
    """A run of `steps` with the merged `options`; `run` may hold eta, start, timesteps, sigmas,
    channels, and a tolerance where runs begin at noise levels of thousands: what single precision rounds off
    there is visible at the end."""
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


def ddpm():
    yield case(20, CHECKPOINT)
    yield case(20, {})
    yield case(20, MODEL, dict(clip_sample=False), start=8)
    for variance in ("fixed_small_log", "fixed_large", "learned", "learned_range"):
        yield case(10, MODEL, dict(variance_type=variance, clip_sample=False))
    for schedule in ("sigmoid", "laplace", "squaredcos_cap_v2"):
        yield case(10, MODEL, dict(beta_schedule=schedule))
    for spacing in (LEADING, TRAILING, LINSPACE):
        yield case(10, MODEL, spacing, dict(clip_sample=False))
    yield case(10, MODEL, V)
    yield case(10, MODEL, SAMPLE)
    yield case(10, MODEL, THRESHOLD)
    yield case(10, MODEL, ZERO_SNR)
    yield case(None, MODEL, dict(clip_sample=False), timesteps=[999, 850, 700, 500, 300, 120, 40])


def pndm():
    yield case(25, CHECKPOINT)
    yield case(10, CHECKPOINT, V)
    yield case(1, CHECKPOINT)
    yield case(2, CHECKPOINT)
    yield case(20, CHECKPOINT, start=5)
    yield case(10, {})
    yield case(25, MODEL)
    yield case(4, MODEL)
    for spacing in (LEADING, TRAILING, LINSPACE):
        yield case(12, MODEL, spacing)
        yield case(12, MODEL, spacing, V, dict(skip_prk_steps=True, set_alpha_to_one=True))


def sigma_space(predictions, *, karras_range=True, **cosine):
    """Cases that all schedulers with latents = clean + sigma * noise share."""
    yield case(25, CHECKPOINT)
    yield case(10, {})
    for spacing in (LEADING, TRAILING, LINSPACE):
        yield case(11, MODEL, spacing)
    for sigmas in (KARRAS, EXPONENTIAL, BETA):
        yield case(12, MODEL, sigmas)
        yield case(12, MODEL, sigmas, LEADING, V)
        if karras_range or sigmas is not KARRAS:
            yield case(12, MODEL, sigmas, dict(sigma_min=0.1, sigma_max=10.0))
    for prediction in predictions:
        yield case(10, MODEL, prediction)
    yield case(10, MODEL, COSINE, **cosine)
    yield case(1, MODEL)
    yield case(3, MODEL)


def euler():
    yield from sigma_space([V, SAMPLE])
    minimum = dict(final_sigmas_type="sigma_min")
    yield case(10, MODEL, minimum)
    yield case(10, MODEL, KARRAS, minimum, start=4)
    yield case(10, MODEL, dict(interpolation_type="log_linear"))
    yield case(10, MODEL, V, KARRAS, dict(timestep_type="continuous", sigma_min=0.002, sigma_max=700.0))
    yield case(10, MODEL, ZERO_SNR, tolerance=2e-5)
    yield case(None, MODEL, timesteps=[999, 850, 700, 500, 300, 120, 40])
    yield case(None, MODEL, sigmas=[14.5, 7.25, 3.0, 1.0, 0.25, 0.0])


def euler_ancestral():
    yield case(25, CHECKPOINT)
    yield case(10, {})
    for spacing in (LEADING, TRAILING, LINSPACE):
        yield case(11, MODEL, spacing)
    yield case(10, MODEL, V)
    yield case(10, MODEL, ZERO_SNR)
    yield case(10, MODEL, COSINE, start=4)
    yield case(1, MODEL)


def lms():
    yield from sigma_space([V, SAMPLE], karras_range=False)


def heun():
    yield from sigma_space([V, SAMPLE], tolerance=2e-4)
    yield case(10, MODEL, dict(clip_sample=True, clip_sample_range=1.4))
    yield case(10, MODEL, dict(beta_schedule="exp"), V)
    yield case(10, MODEL, start=8)
    yield case(None, MODEL, timesteps=[999, 850, 700, 500, 300, 120, 40])


def kdpm2():
    yield from sigma_space([V], tolerance=2e-4)
    yield case(10, MODEL, start=8)


def edm_euler():
    minimum = dict(final_sigmas_type="sigma_min")
    for schedule in (dict(sigma_schedule="karras"), dict(sigma_schedule="exponential")):
        for prediction in ({}, V):
            yield case(10, schedule, prediction)
        yield case(10, schedule, minimum, dict(sigma_data=1.0, sigma_min=0.03, sigma_max=50.0, rho=5.0))
    yield case(10, start=4)
    yield case(1)


def lcm():
    yield case(4, CHECKPOINT)
    yield case(8, {})
    yield case(4, {}, start=1)
    yield case(1, {})
    yield case(7, dict(original_inference_steps=100, timestep_scaling=5.0))
    for prediction in (V, SAMPLE):
        yield case(4, MODEL, prediction)
    yield case(4, MODEL, THRESHOLD)
    yield case(4, MODEL, dict(clip_sample=True))
    yield case(4, MODEL, V, dict(rescale_betas_zero_snr=True))
    yield case(None, MODEL, timesteps=[999, 759, 499, 259])


def tcd():
    for eta in (0.0, 0.3, 1.0):
        yield case(4, CHECKPOINT, eta=eta)
        yield case(8, {}, eta=eta)
        for prediction in (V, SAMPLE):
            yield case(5, MODEL, prediction, eta=eta)
    yield case(4, MODEL, eta=0.5, start=1)
    yield case(1, MODEL, eta=0.5)
    yield case(4, MODEL, V, dict(rescale_betas_zero_snr=True), eta=0.2)
    yield case(None, MODEL, timesteps=[999, 759, 499, 259], eta=0.3)


def log_snr(**cosine):
    """Cases that all schedulers in the terms of DPM-Solver share."""
    yield case(25, CHECKPOINT)
    yield case(10, {})
    yield case(1, MODEL)
    yield case(3, MODEL)
    yield case(12, MODEL, start=4)
    for order in (1, 2, 3):
        for steps in (10, 20):
            yield case(steps, MODEL, dict(solver_order=order))
    for sigmas in (KARRAS, EXPONENTIAL, BETA):
        yield case(10, MODEL, sigmas)
        yield case(16, sigmas, COSINE, **cosine)
    yield case(10, MODEL, KARRAS, dict(sigma_min=0.1, sigma_max=10.0))
    for prediction in (V, SAMPLE):
        yield case(10, MODEL, prediction)
    yield case(10, MODEL, THRESHOLD)


def deis():
    yield from log_snr(tolerance=2e-5)
    for spacing in (LEADING, TRAILING):
        yield case(11, MODEL, spacing)
    yield case(10, MODEL, dict(lower_order_final=False, solver_order=3))
    yield case(10, MODEL, dict(algorithm_type="dpmsolver++", solver_type="midpoint"))


def unipc():
    yield from log_snr()
    for spacing in (LEADING, TRAILING):
        yield case(11, MODEL, spacing)
    minimum = dict(final_sigmas_type="sigma_min")
    for order in (1, 2, 3, 4):
        yield case(10, MODEL, dict(solver_order=order, solver_type="bh1"), minimum)
        yield case(10, MODEL, dict(solver_order=order, predict_x0=False), minimum)
    for prediction in (V, SAMPLE):
        yield case(10, MODEL, prediction, minimum, dict(predict_x0=False))
    yield case(10, MODEL, minimum, KARRAS)
    yield case(10, MODEL, minimum, dict(lower_order_final=False))
    yield case(10, MODEL, dict(disable_corrector=[0, 1, 4]))
    yield case(10, MODEL, ZERO_SNR)
    yield case(10, MODEL, dict(solver_type="heun"))


def dpm_singlestep():
    yield from log_snr()
    minimum = dict(final_sigmas_type="sigma_min")
    for algorithm in ("dpmsolver++", "dpmsolver", "sde-dpmsolver++"):
        for solver in ("midpoint", "heun"):
            for order in (2, 3):
                yield case(
                    11,
                    MODEL,
                    minimum,
                    dict(algorithm_type=algorithm, solver_type=solver, solver_order=order),
                )
        for prediction in (V, SAMPLE):
            yield case(12, MODEL, minimum, prediction, dict(algorithm_type=algorithm))
    for order in (2, 3):
        for steps in (12, 13, 14):
            yield case(steps, MODEL, minimum, dict(solver_order=order))
            yield case(steps, MODEL, dict(solver_order=order, lower_order_final=True))
    yield case(10, MODEL, COSINE, dict(lambda_min_clipped=-5.1))
    yield case(10, MODEL, dict(variance_type="learned_range"), channels=3)
    yield case(None, MODEL, timesteps=[999, 850, 700, 500, 300, 120, 40])


def dpm_sde():
    seed = dict(noise_sampler_seed=7)
    yield case(10, CHECKPOINT, seed)
    yield case(10, seed)
    for spacing in (LEADING, TRAILING):
        yield case(6, MODEL, spacing, seed)
    for sigmas in (KARRAS, EXPONENTIAL, BETA):
        yield case(8, MODEL, sigmas, dict(noise_sampler_seed=123456789))
    yield case(6, MODEL, LINSPACE, seed)
    yield case(6, MODEL, V, seed)
    yield case(6, MODEL, seed, start=4)
    yield case(1, MODEL, seed)


CASES = {
    "DDIMScheduler": ddim,
    "DDPMScheduler": ddpm,
    "DEISMultistepScheduler": deis,
    "DPMSolverMultistepScheduler": dpm_multistep,
    "DPMSolverSDEScheduler": dpm_sde,
    "DPMSolverSinglestepScheduler": dpm_singlestep,
    "EDMEulerScheduler": edm_euler,
    "EulerAncestralDiscreteScheduler": euler_ancestral,
    "EulerDiscreteScheduler": euler,
    "HeunDiscreteScheduler": heun,
    "KDPM2AncestralDiscreteScheduler": kdpm2,
    "KDPM2DiscreteScheduler": kdpm2,
    "LCMScheduler": lcm,
    "LMSDiscreteScheduler": lms,
    "PNDMScheduler": pndm,
    "TCDScheduler": tcd,
    "UniPCMultistepScheduler": unipc,
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
    seed = 1000 * (zlib.crc32(name.encode()) % 1000000) + 2 * number
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
    scaled, probed = [], []
    for t in timesteps[start:]:
        scaled.append(scheduler.scale_model_input(sample, t).flatten()[probes].numpy())
        output = torch.randn(model_shape, generator=draws)
        if spec["config"].get("variance_type") == "learned":
            output = output.abs()  # a variance is not negative
        sample = scheduler.step(output, t, sample, **arguments).prev_sample
        probed.append(sample.flatten()[probes].numpy())
    assert torch.isfinite(sample).all(), spec

    # JSON has no infinities
    config = {k: str(v) if isinstance(v, float) and math.isinf(v) else v for k, v in spec["config"].items()}
    names = {"timesteps": "requestedTimesteps", "sigmas": "requestedSigmas"}
    result = dict(
        {names.get(key, key): value for key, value in spec.items() if key != "config"},
        config=config,
        seed=seed,
        shape=shape,
        modelChannels=model_shape[1],
        timesteps=[float(t) for t in timesteps],
        initNoiseSigma=float(scheduler.init_noise_sigma),
        noised=packed(noised.flatten()[probes]),
        probes=packed(probed),
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
