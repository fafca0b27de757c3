"""Golden trajectories of DDIMScheduler and DPMSolverMultistepScheduler.

How a trajectory is made (two CPU generators, so that the order of draws is the same for every case):
    data  = Generator().manual_seed(seed)            noise = Generator().manual_seed(seed + 1)
    sample = randn(SHAPE, data) * init_noise_sigma
    for each timestep:  model_output = randn(SHAPE, data);  sample = step(model_output, t, sample, generator=noise)
The noise generator is read by the reference's own step only: one randn(SHAPE) per step where the step is
stochastic (DDIM with eta > 0; sde-* at every step, the last one included), nothing otherwise.
"""
import warnings

import numpy as np
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler

SHAPE = (4, 4, 3, 2)  # frames folded into the batch: [b*f, c, h, w]

PUBLISHED = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)
DDIM = dict(PUBLISHED, clip_sample=False, set_alpha_to_one=False)
TRAINED = [round(0.002 + 0.0015 * i + 0.00001 * i * i, 6) for i in range(40)]


def ddim_cases():
    case = []

    def add(name, steps=10, eta=0.0, clipped=False, base=DDIM, **over):
        case.append(dict(name=name, steps=steps, eta=eta, use_clipped_model_output=clipped, config=dict(base, **over)))

    add("class-defaults", base={})
    add("published")
    add("published-50", steps=50)
    add("published-25", steps=25)
    add("v", prediction_type="v_prediction")
    add("sample", prediction_type="sample")
    for spacing in ("linspace", "leading", "trailing"):
        add(f"{spacing}-offset0", timestep_spacing=spacing, steps_offset=0)
        add(f"{spacing}-offset1-7", steps=7, timestep_spacing=spacing, prediction_type="v_prediction")
    add("thresholding", thresholding=True, sample_max_value=1.5)
    add("thresholding-ratio", thresholding=True, dynamic_thresholding_ratio=0.9, sample_max_value=3.0,
        prediction_type="v_prediction")
    add("thresholding-before-clip", thresholding=True, clip_sample=True, sample_max_value=2.0)
    add("clip", clip_sample=True)
    add("clip-range", clip_sample=True, clip_sample_range=2.5, prediction_type="v_prediction")
    add("clip-use-clipped", clipped=True, clip_sample=True)
    add("alpha-to-one", set_alpha_to_one=True)
    add("zero-snr-v-trailing", rescale_betas_zero_snr=True, prediction_type="v_prediction", timestep_spacing="trailing")
    add("zero-snr-epsilon-leading", rescale_betas_zero_snr=True)
    add("eta0.7", eta=0.7)
    add("eta1-v", eta=1.0, prediction_type="v_prediction")
    add("eta0.7-clip-use-clipped", eta=0.7, clipped=True, clip_sample=True)
    add("eta0.3-thresholding-trailing", eta=0.3, thresholding=True, timestep_spacing="trailing", prediction_type="sample")
    add("eta0.5-linspace", eta=0.5, timestep_spacing="linspace", steps=7)
    add("linear", beta_schedule="linear", beta_start=0.0001, beta_end=0.02)
    add("cosine", beta_schedule="squaredcos_cap_v2", prediction_type="v_prediction")
    add("trained-betas", steps=8, trained_betas=TRAINED, num_train_timesteps=40)
    add("train100", steps=20, num_train_timesteps=100)
    add("one-step", steps=1)
    add("three-steps", steps=3)
    return case


def dpm_cases():
    case = []

    def add(name, steps=10, base=PUBLISHED, **over):
        case.append(dict(name=name, steps=steps, config=dict(base, **over)))

    add("class-defaults", base={})
    add("published-25", steps=25)
    add("published-50", steps=50)
    for order in (1, 2, 3):
        add(f"pp-order{order}-10", solver_order=order)
        add(f"pp-order{order}-20", steps=20, solver_order=order)
    add("pp-heun-10", solver_type="heun")
    add("pp-heun-20-v", steps=20, solver_type="heun", prediction_type="v_prediction")
    add("pp-v", prediction_type="v_prediction")
    add("pp-sample", prediction_type="sample")
    add("pp-order3-v", solver_order=3, prediction_type="v_prediction", steps=15)
    plain = dict(algorithm_type="dpmsolver", final_sigmas_type="sigma_min")
    for order, kind in ((1, "midpoint"), (2, "midpoint"), (2, "heun"), (3, "midpoint")):
        add(f"plain-order{order}-{kind}", solver_order=order, solver_type=kind, **plain)
    add("plain-v-20", steps=20, prediction_type="v_prediction", **plain)
    add("plain-sample", prediction_type="sample", **plain)
    for order, kind in ((1, "midpoint"), (2, "midpoint"), (2, "heun"), (3, "midpoint")):
        add(f"sde-pp-order{order}-{kind}", solver_order=order, solver_type=kind, algorithm_type="sde-dpmsolver++")
    add("sde-pp-v-20", steps=20, prediction_type="v_prediction", algorithm_type="sde-dpmsolver++")
    add("sde-pp-karras", steps=12, use_karras_sigmas=True, algorithm_type="sde-dpmsolver++")
    for order, kind in ((1, "midpoint"), (2, "midpoint"), (2, "heun")):
        add(f"sde-order{order}-{kind}", solver_order=order, solver_type=kind, algorithm_type="sde-dpmsolver",
            final_sigmas_type="sigma_min")
    add("no-lower-order-final", lower_order_final=False)
    add("no-lower-order-final-sigma-min", lower_order_final=False, final_sigmas_type="sigma_min")
    add("no-lower-order-final-order3", lower_order_final=False, solver_order=3)
    add("sigma-min-10", final_sigmas_type="sigma_min")
    add("sigma-min-20", steps=20, final_sigmas_type="sigma_min")
    add("sigma-min-20-order3", steps=20, final_sigmas_type="sigma_min", solver_order=3)
    add("euler-at-final-20", steps=20, euler_at_final=True, final_sigmas_type="sigma_min")
    add("fourteen-order3", steps=14, solver_order=3)
    add("karras-10", use_karras_sigmas=True)
    add("karras-25", steps=25, use_karras_sigmas=True)
    add("karras-v", use_karras_sigmas=True, prediction_type="v_prediction")
    add("karras-sigma-min-order3", steps=12, use_karras_sigmas=True, final_sigmas_type="sigma_min", solver_order=3)
    add("exponential", use_exponential_sigmas=True)
    add("exponential-20-v", steps=20, use_exponential_sigmas=True, prediction_type="v_prediction")
    add("beta", use_beta_sigmas=True)
    add("beta-20", steps=20, use_beta_sigmas=True)
    add("lu", use_lu_lambdas=True)
    add("lu-order3-20", steps=20, use_lu_lambdas=True, solver_order=3)
    add("lu-cosine", use_lu_lambdas=True, beta_schedule="squaredcos_cap_v2")
    for spacing in ("linspace", "leading", "trailing"):
        add(f"{spacing}-offset0", timestep_spacing=spacing, steps_offset=0)
        add(f"{spacing}-offset1-7", steps=7, timestep_spacing=spacing, prediction_type="v_prediction")
    add("thresholding", thresholding=True, sample_max_value=1.5)
    add("thresholding-plain", thresholding=True, dynamic_thresholding_ratio=0.9, sample_max_value=3.0, **plain)
    add("zero-snr-v-trailing", rescale_betas_zero_snr=True, prediction_type="v_prediction", timestep_spacing="trailing")
    add("zero-snr-epsilon-linspace", rescale_betas_zero_snr=True)
    add("cosine", beta_schedule="squaredcos_cap_v2")
    add("cosine-v", beta_schedule="squaredcos_cap_v2", prediction_type="v_prediction", steps=20)
    add("cosine-lambda-clipped", beta_schedule="squaredcos_cap_v2", lambda_min_clipped=-5.1)
    add("cosine-lambda-clipped-trailing", beta_schedule="squaredcos_cap_v2", lambda_min_clipped=-5.1,
        timestep_spacing="trailing")
    add("linear", beta_schedule="linear", beta_start=0.0001, beta_end=0.02)
    add("trained-betas", steps=8, trained_betas=TRAINED, num_train_timesteps=40)
    add("train100", steps=20, num_train_timesteps=100)
    add("deis-bh2", algorithm_type="deis", solver_type="bh2", final_sigmas_type="sigma_min")
    add("one-step", steps=1)
    add("two-steps", steps=2)
    add("three-steps-order3", steps=3, solver_order=3)
    return case


def kept_steps(count):
    """Short trajectories whole; of long ones the first three, the middle and the last two."""
    return list(range(count)) if count <= 10 else sorted({0, 1, 2, count // 2, count - 2, count - 1})


def run(cls, case, seed):
    scheduler = cls(**case["config"])
    scheduler.set_timesteps(case["steps"])
    data = torch.Generator().manual_seed(seed)
    noise = torch.Generator().manual_seed(seed + 1)
    kwargs = {"generator": noise}
    if cls is DDIMScheduler:
        kwargs.update(eta=case["eta"], use_clipped_model_output=case["use_clipped_model_output"])
    sample = torch.randn(SHAPE, generator=data) * scheduler.init_noise_sigma
    samples = []
    for t in scheduler.timesteps:
        sample = scheduler.scale_model_input(sample, t)
        sample = scheduler.step(torch.randn(SHAPE, generator=data), t, sample, **kwargs).prev_sample
        samples.append(sample)
    keep = kept_steps(len(samples))
    tensors = {"samples": torch.stack([samples[i] for i in keep])}
    if hasattr(scheduler, "sigmas"):
        tensors["sigmas"] = scheduler.sigmas
    # A different stream afterwards tells that the noise generator was read exactly as often as said.
    entry = dict(case, seed=seed, noise_seed=seed + 1, timesteps=scheduler.timesteps.tolist(),
                 init_noise_sigma=float(scheduler.init_noise_sigma), kept_steps=keep,
                 largest=float(torch.stack(samples).abs().max()), finite=bool(torch.stack(samples).isfinite().all()))
    tensors["next_noise"] = torch.randn(SHAPE, generator=noise).flatten()[:4].clone()
    return entry, tensors


def add_noise_case(cls, case, seed):
    """addNoise at some timesteps of the plan, one per element of the batch."""
    scheduler = cls(**case["config"])
    scheduler.set_timesteps(case["steps"])
    data = torch.Generator().manual_seed(seed)
    clean, noise = torch.randn(SHAPE, generator=data), torch.randn(SHAPE, generator=data)
    n = len(scheduler.timesteps)
    picked = scheduler.timesteps[[0, n // 3, n // 2, n - 1]]
    return dict(case, seed=seed, timesteps=scheduler.timesteps.tolist(), at=picked.tolist()), {
        "noised": scheduler.add_noise(clean, noise, picked)}


# Where the reference itself raises: nothing to agree with, but good to know.
FAILURES = [
    (DPMSolverMultistepScheduler, dict(PUBLISHED, algorithm_type="dpmsolver"), 10),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, algorithm_type="sde-dpmsolver", solver_order=3,
                                       final_sigmas_type="sigma_min"), 10),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, algorithm_type="deis"), 10),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, beta_schedule="squaredcos_cap_v2", use_karras_sigmas=True), 10),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, use_karras_sigmas=True, final_sigmas_type="sigma_min"), 14),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, use_karras_sigmas=True, final_sigmas_type="sigma_min"), 16),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, use_exponential_sigmas=True, final_sigmas_type="sigma_min"), 16),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, use_karras_sigmas=True), 50),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, use_karras_sigmas=True), 100),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, use_exponential_sigmas=True), 100),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, use_beta_sigmas=True), 50),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, use_beta_sigmas=True), 100),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, use_lu_lambdas=True), 100),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, timestep_spacing="leading"), 999),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, timestep_spacing="leading"), 1000),
    (DPMSolverMultistepScheduler, dict(PUBLISHED), 1000),
    (DPMSolverMultistepScheduler, dict(PUBLISHED, use_karras_sigmas=True, use_beta_sigmas=True), 10),
    (DDIMScheduler, dict(DDIM), 1000),
    (DDIMScheduler, dict(DDIM), 1001),
    (DDIMScheduler, dict(DDIM, rescale_betas_zero_snr=True, timestep_spacing="trailing"), 10),
]


def make(kind):
    """-> (json, tensors) for kind "ddim" or "dpmsolver-multistep"."""
    warnings.simplefilter("ignore")
    cls, cases, first = ((DDIMScheduler, ddim_cases(), 1000) if kind == "ddim"
                         else (DPMSolverMultistepScheduler, dpm_cases(), 3000))
    entries, tensors = [], {}
    for i, case in enumerate(cases):
        try:
            entry, made = run(cls, case, first + 10 * i)
        except Exception as e:  # noqa: BLE001
            raise RuntimeError(f"{kind}, case {case['name']}") from e
        entries.append(entry)
        tensors.update({f"{case['name']}.{k}": v for k, v in made.items()})
    noised = []
    for i, case in enumerate(c for c in cases if c["name"] in (
            "class-defaults", "published-25", "zero-snr-v-trailing", "karras-10", "cosine", "trained-betas")):
        entry, made = add_noise_case(cls, case, first + 1000 + 10 * i)
        noised.append(entry)
        tensors.update({f"add-noise.{case['name']}.{k}": v for k, v in made.items()})
    failures = []
    for fail_cls, config, steps in FAILURES:
        if fail_cls is not cls:
            continue
        try:
            entry, _ = run(cls, dict(name="", steps=steps, eta=0.0, use_clipped_model_output=False, config=config), 1)
            outcome = ("runs" if entry["finite"] else "runs, but gives infinities or NaN") + \
                f", {len(entry['timesteps'])} timesteps, {len(set(entry['timesteps']))} different"
        except Exception as e:  # noqa: BLE001
            outcome = f"{type(e).__name__}: {e}"
        failures.append({"config": config, "steps": steps, "outcome": outcome})
    return {"scheduler": cls.__name__, "shape": list(SHAPE), "cases": entries, "add_noise": noised,
            "reference_limits": failures}, tensors
