package io.t2v.plugins;

import io.t2v.guidance.Guidance;
import io.t2v.guidance.GuidanceRun;
import io.t2v.guidance.GuidanceStep;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Guidance along a running sum of the directions of all steps so far. A negative momentum takes out
 * what steps have in common, and with it the oversaturation of high scales: the "reverse momentum"
 * of Sadat et al., "Eliminating Oversaturation and Artifacts of High Guidance Scales in Diffusion
 * Models" (ICLR 2025), without the other two parts of their method.
 *
 * @param scale 1 for the prediction for the prompt itself
 * @param momentum -1 to 1, both excluded; 0 for classifier-free guidance
 */
public record MomentumGuidance(double scale, double momentum) implements Guidance {
  @Override
  public String name() {
    return "MomentumGuidance";
  }

  @Override
  public Map<String, Object> config() {
    return Map.of("scale", scale, "momentum", momentum);
  }

  @Override
  public GuidanceRun newRun() {
    return new Run();
  }

  private final class Run implements GuidanceRun {
    private @Nullable Tensor sum;

    @Override
    public Tensor combine(Tensor negative, Tensor positive, GuidanceStep step) {
      return GuidanceRun.scoped(
          () -> {
            Tensor direction = remember(positive.sub(negative));
            return positive.add(direction, new Scalar(scale - 1));
          });
    }

    /** The sum outlives the scope of its step: it is retained, and closed when the next one is. */
    private Tensor remember(Tensor direction) {
      Tensor next = sum == null ? direction : direction.add(sum, new Scalar(momentum));
      close();
      sum = next.retainReference();
      return next;
    }

    @Override
    public void close() {
      if (sum != null) {
        sum.close();
        sum = null;
      }
    }
  }
}
