package io.t2v.internal.adapter;

/** An adapter and how strongly it is applied. */
public interface ScaledAdapter {
  AdapterFile file();

  /** The scale of layers that see one frame at a time, and of the text encoder's. */
  double scaleOfSpatial();

  /** The scale of layers that mix frames. */
  double scaleOfTemporal();

  /** The scale of the text encoder's layers. */
  double scaleOfText();
}
