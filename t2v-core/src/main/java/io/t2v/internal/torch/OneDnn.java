package io.t2v.internal.torch;

/**
 * oneDNN's operators with packed weights, which libtorch registers but its Java API does not map.
 */
final class OneDnn {
  static final Operator LINEAR = Operator.find("mkldnn::_linear_pointwise", "");
  static final Operator LINEAR_BINARY = Operator.find("mkldnn::_linear_pointwise", "binary");
  static final Operator REORDER_LINEAR = Operator.find("mkldnn::_reorder_linear_weight", "");
  static final Operator CONVOLUTION = Operator.find("mkldnn::_convolution_pointwise", "");
  static final Operator CONVOLUTION_ADD =
      Operator.find("mkldnn::_convolution_pointwise_", "binary");
  static final Operator REORDER_CONVOLUTION =
      Operator.find("mkldnn::_reorder_convolution_weight", "");

  private OneDnn() {}
}
