package io.t2v.internal.nn;

import com.google.common.base.Ascii;

/** What a layer does, as far as it decides how fast the layer can be. */
public enum LayerKind {
  /** A convolution of 3 × 3 pixels. */
  CONVOLUTION,
  /** A convolution over three frames, of single pixels. */
  TEMPORAL_CONVOLUTION,
  /** A convolution of single pixels. */
  POINTWISE_CONVOLUTION,
  /** Upsampling with its convolution, as far as it is not made of linear layers. */
  UPSAMPLING,
  /** A linear layer, with the activation that is fused with it. */
  LINEAR,
  /** Scores, softmax, and sums of values. */
  ATTENTION,
  /** A group norm. */
  GROUP_NORM,
  /** A layer norm. */
  LAYER_NORM,
  /** An activation that is not fused with a product. */
  ACTIVATION,
  /** What a block does between its layers: residual sums, concatenation, changes of layout. */
  SUMS_AND_COPIES;

  /** The name as words in lower case, such as {@code layer norm}. */
  @Override
  public String toString() {
    return Ascii.toLowerCase(name()).replace('_', ' ');
  }
}
