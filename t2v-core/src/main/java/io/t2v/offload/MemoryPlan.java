package io.t2v.offload;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Memory that a generation will take, beside what this process takes anyway. Immutable.
 *
 * @param policy when weights are in memory, and why if it was chosen by itself
 * @param shares of each network that the pipeline made itself, in the order of their use
 * @param peakBytes the most that weights and activations take together, at one time
 * @param loadedBytes of them, weights that are in memory already
 * @param availableBytes what this process can still take
 * @param cure the cheapest change that would make it fit, if there is one and it does not
 */
public record MemoryPlan(
    String policy,
    List<Share> shares,
    long peakBytes,
    long loadedBytes,
    long availableBytes,
    Optional<String> cure) {
  /**
   * Copies the list.
   *
   * @param policy when weights are in memory
   * @param shares of each network
   * @param peakBytes the most at one time
   * @param loadedBytes of them, in memory already
   * @param availableBytes what can still be taken
   * @param cure a change that would make it fit
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
   * @param activationBytes features and intermediates at most, while it computes
   */
  public record Share(
      Component component, Residency residency, long weightBytes, long activationBytes) {}

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
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "offload %s: %s at the most, %s of it loaded, %s available",
                policy,
                gib(peakBytes),
                gib(loadedBytes),
                gib(availableBytes)));
    for (Share share : shares) {
      text.append(
          String.format(
              Locale.ROOT,
              "; %s (%s): weights %s, activations %s",
              share.component(),
              share.residency(),
              gib(share.weightBytes()),
              gib(share.activationBytes())));
    }
    cure.ifPresent(change -> text.append("; ").append(change));
    return text.toString();
  }

  static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1L << 30));
  }
}
