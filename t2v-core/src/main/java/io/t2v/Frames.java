package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Converts frames of bytes to tensors and back. */
final class Frames {
  private Frames() {}

  /**
   * Copies an image, as a video of one frame.
   *
   * @throws IllegalArgumentException if a pixel is transparent
   */
  static Video ofImage(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    int[] argb = image.getRGB(0, 0, width, height, null, 0, width);
    byte[] rgb = new byte[3 * argb.length];
    for (int i = 0; i < argb.length; i++) {
      checkArgument(
          argb[i] >>> 24 == 0xff,
          "the image is transparent at x = %s, y = %s: draw it on a background first",
          i % width,
          i / width);
      rgb[3 * i] = (byte) (argb[i] >> 16);
      rgb[3 * i + 1] = (byte) (argb[i] >> 8);
      rgb[3 * i + 2] = (byte) argb[i];
    }
    return Video.of(width, height, 1, List.of(rgb), Provenance.unknown());
  }

  /**
   * Turns a frame into what an encoder takes.
   *
   * @param rgb packed, row by row
   * @return [1, 3, height, width] within [-1, 1], on the CPU, of the innermost open scope
   */
  static Tensor toTensor(byte[] rgb, int width, int height) {
    int pixels = width * height;
    float[] values = new float[3 * pixels];
    for (int pixel = 0; pixel < pixels; pixel++) {
      for (int channel = 0; channel < 3; channel++) {
        float share = (rgb[3 * pixel + channel] & 0xff) / 255f;
        values[channel * pixels + pixel] = 2 * share - 1;
      }
    }
    return HostTensors.of(values, 1, 3, height, width);
  }

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
