package io.t2v;

/** What {@link FrameResize} does with frames of another shape. */
public enum ResizeFit {
  /** Pulls the frame to the new shape. The default. */
  STRETCH,
  /** Fills the new shape, and cuts off evenly what sticks out on two sides. */
  CROP,
  /** Shows all of the frame in the middle, between black bars. */
  PAD
}
