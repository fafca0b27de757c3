package io.t2v;

import io.t2v.internal.torch.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Decoded pictures as bytes. */
final class Frames {
  private Frames() {}

  /**
   * Turns numbers about [-1, 1] into bytes.
   *
   * @param images [n, 3, height, width]
   * @param rounding of what lies between two bytes
   * @return n frames of packed RGB
   */
  static List<byte[]> toRgb(Tensor images, PixelRounding rounding) {
    try (TensorScope scope = TensorScope.open()) {
      Scalar half = new Scalar(0.5);
      ScalarOptional zero = new ScalarOptional(new Scalar(0.0));
      ScalarOptional one = new ScalarOptional(new Scalar(1.0));
      Tensor scaled = images.mul(half).add_(half).clamp_(zero, one).mul_(new Scalar(255.0));
      // The conversion to bytes drops what is behind the point.
      Tensor rounded = rounding == PixelRounding.NEAREST ? scaled.round_() : scaled;
      Tensor bytes = rounded.permute(0, 2, 3, 1).to(ScalarType.Byte).cpu().contiguous();
      List<byte[]> frames = new ArrayList<>();
      for (long i = 0; i < bytes.size(0); i++) {
        Tensor frame = bytes.select(0, i);
        byte[] rgb = new byte[Math.toIntExact(frame.numel())];
        frame.data_ptr_byte().get(rgb);
        frames.add(rgb);
      }
      return frames;
    }
  }
}
