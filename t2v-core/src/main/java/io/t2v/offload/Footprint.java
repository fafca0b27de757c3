package io.t2v.offload;

import java.util.function.ToLongFunction;

/**
 * Memory that a network takes, in bytes, worked out without reading its weights.
 *
 * @param wholeWeights all weights while the network is used, in the form in which layers keep them
 * @param keptWeights what stays of a network that is kept while others compute: all of them, or
 *     fewer if they are widened for each use
 * @param layerWeights the most that is there at a time if weights come layer by layer
 * @param activations the most that features and intermediates take with the whole network there
 * @param layerActivations the same if weights come layer by layer, where clips wait for each other
 */
public record Footprint(
    long wholeWeights,
    long keptWeights,
    long layerWeights,
    ToLongFunction<Workload> activations,
    ToLongFunction<Workload> layerActivations) {

  /**
   * Returns what the weights take while the network is used.
   *
   * @param residency of the weights
   * @return bytes
   */
  public long weights(Residency residency) {
    return residency == Residency.LAYER_BY_LAYER ? layerWeights : wholeWeights;
  }

  /**
   * Returns what stays of the weights while other networks compute.
   *
   * @param residency of the weights
   * @return bytes; 0 unless the network is kept
   */
  public long kept(Residency residency) {
    return residency == Residency.KEPT ? keptWeights : 0;
  }

  /**
   * Returns what copies of weights take that wait on the processor's side for another device.
   *
   * @param residency of the weights
   * @return bytes
   */
  public long waitingWeights(Residency residency) {
    return 0;
  }

  /**
   * Returns what features and intermediates take at most.
   *
   * @param residency of the weights
   * @param workload what is computed
   * @return bytes
   */
  public long activations(Residency residency, Workload workload) {
    return (residency == Residency.LAYER_BY_LAYER ? layerActivations : activations)
        .applyAsLong(workload);
  }
}
