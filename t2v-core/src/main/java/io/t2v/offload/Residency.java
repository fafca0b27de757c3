package io.t2v.offload;

/** How long the weights of a network are in memory. */
public enum Residency {
  /** From their first use until the pipeline is closed. The fastest, if there is memory. */
  KEPT,
  /** While the network is used: loaded for each generation, and released after it. */
  WHILE_USED,
  /**
   * Only those of the layer that computes at the moment: each layer is read from the file for each
   * use. The least memory; every step reads all weights again, from the system's file cache if they
   * fit there.
   */
  LAYER_BY_LAYER,
  /**
   * Only those of the layer that computes at the moment, and of the next one, which is copied
   * meanwhile. All are stored in host memory, in the dtype of the precision and pinned, from their
   * first use until the pipeline is closed. For devices with memory of their own.
   */
  STREAMED
}
