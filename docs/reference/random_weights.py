"""The "random checkpoint": weights that need not be stored, because a recipe makes them.

A tensor depends on three things only: its full name in the checkpoint, its shape and the seed of the
checkpoint.  The library's tests hold the same recipe in Java; both give the same bits.

    hash(name)  FNV-1a, 64 bits, over the UTF-8 bytes of the name
    mix(z)      splitmix64: z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9;
                            z = (z ^ z >>> 27) * 0x94d049bb133111eb;  z ^ z >>> 31      (mod 2^64)
    state0      mix(seed ^ hash(name))
    r_i         mix(state0 + (i + 1) * 0x9e3779b97f4a7c15)      i = flat row-major index, from 0
    u_i         (r_i >>> 40) * 2^-23 - 1                        in [-1, 1), exact in float32
    value_i     1 + 0.25 u_i    1-D tensors whose name ends in ".weight" (scales of norms)
                0.1 u_i         other 1-D tensors (biases)
                b u_i           everything else; b = float32(sqrt(3 / fan_in)), fan_in = product of shape[1:]

All products and sums of the last three lines are float32, rounded once.
"""
import math

import numpy as np

MASK = (1 << 64) - 1
GOLDEN_GAMMA = 0x9E3779B97F4A7C15


def fnv1a64(name: str) -> int:
    h = 0xCBF29CE484222325
    for byte in name.encode("utf-8"):
        h = ((h ^ byte) * 0x100000001B3) & MASK
    return h


def mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def uniforms(name: str, seed: int, count: int) -> np.ndarray:
    """count numbers u_i in [-1, 1), float32."""
    state0 = mix((seed & MASK) ^ fnv1a64(name))
    with np.errstate(over="ignore"):
        z = np.uint64(state0) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN_GAMMA)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    k = (z >> np.uint64(40)).astype(np.int64)
    return ((k - (1 << 23)).astype(np.float32)) * np.float32(2.0**-23)


def random_tensor(name: str, seed: int, shape) -> np.ndarray:
    shape = tuple(int(s) for s in shape)
    u = uniforms(name, seed, math.prod(shape))
    if len(shape) == 1 and name.endswith(".weight"):
        value = np.float32(1) + np.float32(0.25) * u
    elif len(shape) == 1:
        value = np.float32(0.1) * u
    else:
        value = u * np.float32(math.sqrt(3.0 / math.prod(shape[1:])))
    assert value.dtype == np.float32
    return value.reshape(shape)


def test_vectors() -> dict:
    """What the Java twin is tested against: the first values of some tensors as the bits of the floats."""
    cases = [
        ("conv_in.weight", 1, (16, 4, 3, 3)),
        ("conv_in.bias", 1, (16,)),
        ("conv_norm_out.weight", 1, (16,)),
        ("conv_norm_out.bias", 1, (16,)),
        ("text_model.embeddings.token_embedding.weight", 2, (612, 24)),
        ("down_blocks.0.temp_convs.0.conv4.3.weight", 3, (8, 8, 3, 1, 1)),
        ("encoder.mid_block.attentions.0.query.weight", 3, (16, 16, 1, 1)),
        ("mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj.weight", 0, (56, 7)),
        ("mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj.weight", -1, (56, 7)),
        ("größe.weight", 9223372036854775807, (3, 5)),
    ]
    out = []
    for name, seed, shape in cases:
        t = random_tensor(name, seed, shape).ravel()
        bits = t.view(np.uint32)
        out.append({
            "name": name, "seed": seed, "shape": list(shape),
            "hash": f"{fnv1a64(name):016x}", "state0": f"{mix((seed & MASK) ^ fnv1a64(name)):016x}",
            "first_bits": [f"{int(b):08x}" for b in bits[:8]],
            "first_values": [float(v) for v in t[:8]],
            "last_bits": f"{int(bits[-1]):08x}",
            "sum_of_bits": int(bits.astype(np.uint64).sum()),
        })
    return {"cases": out}
