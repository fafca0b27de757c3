package io.t2v.internal.memory;

import io.t2v.offload.Residency;
import java.util.function.ToLongFunction;

/**
 * Memory that a network takes, in bytes, worked out without reading its weights.
 *
 * @param weights by how they come and go
 * @param activations the most that features and intermediates take with the whole network there
 * @param layerActivations the same if weights come layer by layer, where clips wait for each other
 */
public record Footprint(
    WeightFootprint weights,
    ToLongFunction<Workload> activations,
    ToLongFunction<Workload> layerActivations) {

  /**
   * Returns what the weights take while the network is used.
   *
   * @param residency of the weights
   * @return bytes
   */
  public long weights(Residency residency) {
    return switch (residency) {
      case KEPT, WHILE_USED -> weights.whole();
      case LAYER_BY_LAYER -> weights.layerByLayer();
      case STREAMED -> weights.streamed();
    };
  }

  /**
   * Returns what stays of the weights while other networks compute.
   *
   * @param residency of the weights
   * @return bytes; 0 unless the network is kept
   */
  public long kept(Residency residency) {
    return residency == Residency.KEPT ? weights.kept() : 0;
  }

  /**
   * Returns what the weights take that are stored in host memory for another device.
   *
   * @param residency of the weights
   * @return bytes; 0 unless they are streamed
   */
  public long storedWeights(Residency residency) {
    return residency == Residency.STREAMED ? weights.stored() : 0;
  }

  /**
   * Returns what features and intermediates take at most, or what reading a weight takes, whichever
   * is more: both are beside the weights, at different times.
   *
   * @param residency of the weights
   * @param workload what is computed
   * @return bytes
   */
  public long activations(Residency residency, Workload workload) {
    ToLongFunction<Workload> bytes =
        switch (residency) {
          case KEPT, WHILE_USED -> activations;
          case LAYER_BY_LAYER, STREAMED -> layerActivations;
        };
    return Math.max(bytes.applyAsLong(workload), weights.loading());
  }
}
