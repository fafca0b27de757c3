package io.t2v.offload;

import com.google.common.base.Ascii;

/** The policies that come with the library. */
enum BuiltInPolicy implements OffloadPolicy {
  NONE(Residency.WHILE_USED, Residency.KEPT, Residency.KEPT),
  COMPONENT(Residency.WHILE_USED, Residency.WHILE_USED, Residency.WHILE_USED),
  STREAMING(Residency.STREAMED, Residency.STREAMED, Residency.WHILE_USED),
  DISK(Residency.LAYER_BY_LAYER, Residency.LAYER_BY_LAYER, Residency.WHILE_USED);

  private final Residency textEncoder;
  private final Residency denoiser;
  private final Residency vaeDecoder;

  BuiltInPolicy(Residency textEncoder, Residency denoiser, Residency vaeDecoder) {
    this.textEncoder = textEncoder;
    this.denoiser = denoiser;
    this.vaeDecoder = vaeDecoder;
  }

  @Override
  public Residency residency(Component component) {
    return switch (component) {
      case TEXT_ENCODER -> textEncoder;
      case VAE_ENCODER -> Residency.WHILE_USED;
      case DENOISER -> denoiser;
      case VAE_DECODER -> vaeDecoder;
    };
  }

  @Override
  public String toString() {
    return Ascii.toLowerCase(name());
  }
}
