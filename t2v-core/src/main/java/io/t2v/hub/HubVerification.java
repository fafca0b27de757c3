package io.t2v.hub;

import java.util.List;

/**
 * The outcome of {@link HubModel#verify}.
 *
 * @param snapshot whose files all have the digests that the hub names
 * @param repaired files that were damaged and were downloaded again, with {@code /} between
 *     folders; often none
 */
public record HubVerification(HubSnapshot snapshot, List<String> repaired) {
  /**
   * Creates an outcome, as {@link HubModel} does.
   *
   * @param snapshot that was verified
   * @param repaired files that were downloaded again
   */
  public HubVerification {
    repaired = List.copyOf(repaired);
  }
}
