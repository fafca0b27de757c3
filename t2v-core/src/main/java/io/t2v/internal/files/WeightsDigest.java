package io.t2v.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.primitives.Longs;
import java.util.List;
import java.util.TreeSet;

/**
 * Tells weights from others without reading all of them: SHA-256 of each tensor's name, number
 * type, shape, first numbers and patches. Training changes nearly all numbers, so other weights
 * have another digest; the same weights have the same one wherever they lie and however they are
 * cut into files.
 */
public final class WeightsDigest {
  /** Of each tensor: the published model has some 1,700. */
  private static final int SAMPLE_BYTES = 64;

  private WeightsDigest() {}

  /**
   * Reads the samples.
   *
   * @param networks weights of one or more networks
   * @return the digest, in hexadecimal
   * @throws io.t2v.checkpoint.CheckpointException if a file was changed or removed since
   */
  public static String of(List<TensorFiles> networks) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (TensorFiles network : networks) {
      try (TensorReader reader = TensorReader.open(network)) {
        for (String name : new TreeSet<>(network.names())) {
          TensorEntry entry = network.checkedEntry(name, Longs.toArray(network.shape(name)));
          hasher.putString(name + entry.type() + entry.shape(), UTF_8);
          hasher.putBytes(reader.firstBytes(name, SAMPLE_BYTES));
          network.patches(name).forEach(patch -> hasher.putString(patch.identity(), UTF_8));
        }
      }
    }
    return hasher.hash().toString();
  }
}
