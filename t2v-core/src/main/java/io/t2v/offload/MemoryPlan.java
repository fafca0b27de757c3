package io.t2v.offload;

import com.google.common.collect.ImmutableList;
import io.t2v.device.ComputeDevice;
import io.t2v.internal.io.ByteSize;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Memory that a generation will take, beside what this process takes anyway. Immutable.
 *
 * <p>Foreseen is anonymous resident memory ({@code RssAnon} on Linux): weights, features, and some
 * for the Java heap and generated code. Weights are read, not mapped, so pages of their files,
 * which the system keeps as long as nobody else needs the memory, are no part of it.
 *
 * @param policy when weights are in memory, and why if it was chosen by itself
 * @param device where the networks compute
 * @param microBatch how many clips the denoiser will compute as one batch: on a CPU one, elsewhere
 *     as many as fit
 * @param decodeBatch frames that the decoder computes as one batch, at least 1; more than 1 only
 *     with {@code GpuOptimization.BATCHED_DECODING}
 * @param shares of each network that the pipeline made itself, in the order of their use
 * @param compute memory of the place where networks compute
 * @param host host memory, if networks compute elsewhere
 * @param suggestion the cheapest change that would make it fit, if there is one and it does not
 */
public record MemoryPlan(
    String policy,
    ComputeDevice device,
    int microBatch,
    int decodeBatch,
    List<Share> shares,
    Use compute,
    Optional<Use> host,
    Optional<String> suggestion) {
  /**
   * Copies the list.
   *
   * @param policy when weights are in memory
   * @param device where the networks compute
   * @param microBatch clips of one batch
   * @param decodeBatch frames that the decoder computes as one batch, at least 1; more than 1 only
   *     with {@code GpuOptimization.BATCHED_DECODING}
   * @param shares of each network
   * @param compute memory where networks compute
   * @param host host memory
   * @param suggestion a change that would make it fit
   */
  public MemoryPlan {
    shares = ImmutableList.copyOf(shares);
  }

  /**
   * What one network takes.
   *
   * @param component which
   * @param residency how long its weights are in memory
   * @param weightBytes its weights, while it computes
   * @param keptBytes what stays of them while other networks compute
   * @param activationBytes features and intermediates at most, while it computes; or what reading
   *     its largest weight takes for a moment, if that is more
   * @param hostBytes its weights that are stored in host memory for another device
   */
  public record Share(
      Component component,
      Residency residency,
      long weightBytes,
      long keptBytes,
      long activationBytes,
      long hostBytes) {}

  /**
   * Memory of one place.
   *
   * @param peakBytes the most that is taken at one time
   * @param loadedBytes of it, weights that are there already
   * @param availableBytes what can still be taken
   */
  public record Use(long peakBytes, long loadedBytes, long availableBytes) {
    /**
     * Tells whether there is enough memory.
     *
     * @return true if what is not there yet can be taken
     */
    public boolean fits() {
      return peakBytes - loadedBytes <= availableBytes;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s at the most, %s of it loaded, %s available",
          ByteSize.gib(peakBytes),
          ByteSize.gib(loadedBytes),
          ByteSize.gib(availableBytes));
    }
  }

  /**
   * Tells whether there is enough memory, in each place.
   *
   * @return true if what is not there yet can be taken
   */
  public boolean fits() {
    return compute.fits() && host.map(Use::fits).orElse(true);
  }

  /**
   * Returns the most that weights and activations take together where networks compute.
   *
   * @return bytes
   */
  public long peakBytes() {
    return compute.peakBytes();
  }

  /**
   * Returns what is loaded already where networks compute.
   *
   * @return bytes, part of the peak
   */
  public long loadedBytes() {
    return compute.loadedBytes();
  }

  /**
   * Returns what can still be taken where networks compute.
   *
   * @return bytes
   */
  public long availableBytes() {
    return compute.availableBytes();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("offload " + policy + " on " + device + ": " + compute);
    host.ifPresent(use -> text.append("; in host memory ").append(use));
    for (Share share : shares) {
      text.append(
          String.format(
              Locale.ROOT,
              "; %s (%s): weights %s, activations %s",
              share.component(),
              share.residency(),
              ByteSize.gib(share.weightBytes()),
              ByteSize.gib(share.activationBytes())));
    }
    suggestion.ifPresent(change -> text.append("; ").append(change));
    return text.toString();
  }
}
