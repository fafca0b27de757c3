package io.t2v;

/** How the decoder's numbers become bytes of a picture. */
public enum PixelRounding {
  /** To the nearest byte, as in the pictures of diffusers' pipelines. */
  NEAREST,

  /**
   * To the next lower byte, as ModelScope's pipeline does, and diffusers' export of arrays to
   * videos: half of all bytes come out lower by one.
   */
  FLOOR
}
