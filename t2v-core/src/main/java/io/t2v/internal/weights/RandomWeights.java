package io.t2v.internal.weights;

import io.t2v.internal.files.SafetensorsWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * Weights that need not be stored, because a recipe makes them: for tests, and to measure a model's
 * real size without its real weights.
 *
 * <p>A tensor depends on its full name, its shape and a seed alone. Every parameter is different
 * from zero somewhere, and scaled so that activations keep their size from layer to layer: scales
 * of norms lie around 1, biases around 0, matrices and kernels have a variance of 1 over the number
 * of inputs. {@code docs/reference/random_weights.py} makes the same bits for the reference.
 */
public final class RandomWeights {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private RandomWeights() {}

  /**
   * Writes a safetensors file.
   *
   * @param file written beside itself first, then moved into place
   * @param shapes name to shape of each tensor
   * @param seed which weights
   * @param dtype {@code F32} or {@code F16}
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if the dtype is another
   */
  public static void write(Path file, Map<String, long[]> shapes, long seed, String dtype)
      throws IOException {
    write(file, shapes, seed, dtype, bytes -> {});
  }

  /**
   * Writes a safetensors file, and tells how far it is.
   *
   * @param file written beside itself first, then moved into place
   * @param shapes name to shape of each tensor
   * @param seed which weights
   * @param dtype {@code F32} or {@code F16}
   * @param progress told how many bytes are written; what it throws ends the writing, and nothing
   *     is left behind
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if the dtype is another
   */
  public static void write(
      Path file, Map<String, long[]> shapes, long seed, String dtype, LongConsumer progress)
      throws IOException {
    SafetensorsWriter.write(
        file,
        dtype,
        new TreeMap<>(shapes),
        (name, shape) -> {
          Values values = new Values(name, shape, seed);
          return values::next;
        },
        progress);
  }

  /** The values of one tensor, one after the other. */
  public static final class Values {
    private final float shift;
    private final float scale;
    private long state;

    Values(String name, long[] shape, long seed) {
      state = mix(seed ^ hash(name));
      if (shape.length > 1) {
        long inputs = 1;
        for (int i = 1; i < shape.length; i++) {
          inputs *= shape[i];
        }
        shift = 0;
        scale = (float) Math.sqrt(3.0 / inputs);
      } else if (name.endsWith(".weight")) {
        shift = 1;
        scale = 0.25f;
      } else {
        shift = 0;
        scale = 0.1f;
      }
    }

    float next() {
      state += GOLDEN_GAMMA;
      float uniform = ((mix(state) >>> 40) - (1L << 23)) * 0x1p-23f;
      return shift + scale * uniform;
    }
  }

  public static long hash(String name) {
    long hash = FNV_OFFSET;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    return hash;
  }

  /** The finaliser of SplitMix64. */
  public static long mix(long z) {
    long mixed = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
