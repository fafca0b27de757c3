package io.t2v.guidance;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableMap;
import io.t2v.scheduler.Stateful;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Classifier-free guidance: goes from the prediction for the negative prompt to the one for the
 * prompt, and beyond, {@code negative + scale · (positive - negative)}.
 *
 * <p>The further beyond, the more the contrast of the prediction grows, which burns colors out. Two
 * remedies can be added: {@code rescale} brings its standard deviation back towards that of the
 * prediction for the prompt, and {@code start} and {@code stop} leave guidance out of the first or
 * last steps, which also saves the time of the second prediction there.
 *
 * @param scale 1 for the prediction for the prompt itself; at 1 and below guidance is off
 * @param rescale 0 for none to 1 for the standard deviation of the prediction for the prompt, video
 *     by video
 * @param start share of the run before which there is no guidance, from 0; of n steps guidance
 *     begins with the one of index ⌊start · n⌋
 * @param stop share of the run after which there is no guidance, above start, to 1; guidance ends
 *     before the step of index ⌊stop · n⌋
 * @see <a href="https://arxiv.org/abs/2207.12598">Ho and Salimans, Classifier-Free Diffusion
 *     Guidance</a>
 * @see <a href="https://arxiv.org/abs/2305.08891">Lin et al., Common Diffusion Noise Schedules and
 *     Sample Steps are Flawed, section 3.4: rescale</a>
 * @see <a href="https://arxiv.org/abs/2404.07724">Kynkäänniemi et al., Applying Guidance in a
 *     Limited Interval Improves Sample and Distribution Quality: start and stop</a>
 */
public record ClassifierFreeGuidance(double scale, double rescale, double start, double stop)
    implements Guidance {
  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public ClassifierFreeGuidance {
    checkScale(scale);
    checkShare("guidanceRescale", rescale);
    checkShare("guidanceStart", start);
    checkShare("guidanceStop", stop);
    checkArgument(
        start < stop, "guidanceStart is %s, expected less than guidanceStop, %s", start, stop);
  }

  /**
   * Guides every step, without rescaling.
   *
   * @param scale finite; off at 1 and below
   * @return the guidance
   * @throws IllegalArgumentException if it is not finite
   */
  public static ClassifierFreeGuidance ofScale(double scale) {
    return new ClassifierFreeGuidance(scale, 0, 0, 1);
  }

  /**
   * Starts with a scale of 1, which is no guidance, for the whole run, without rescaling.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder(ofScale(1));
  }

  /**
   * Starts with the values of this guidance, each of which can be set anew.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /**
   * Checks a scale.
   *
   * @param scale finite
   * @throws IllegalArgumentException if it is not
   */
  public static void checkScale(double scale) {
    checkArgument(Double.isFinite(scale), "guidanceScale is %s, expected a finite number", scale);
  }

  /**
   * Checks a share.
   *
   * @param name what it is, for the message
   * @param share 0 to 1
   * @throws IllegalArgumentException if it is out of range
   */
  public static void checkShare(String name, double share) {
    checkArgument(share >= 0 && share <= 1, "%s is %s, expected 0 to 1", name, share);
  }

  @Override
  public String name() {
    return "ClassifierFreeGuidance";
  }

  @Override
  public Map<String, Object> config() {
    return ImmutableMap.of("scale", scale, "rescale", rescale, "start", start, "stop", stop);
  }

  @Override
  public boolean appliesTo(GuidanceStep step) {
    // cut off as in the reference's guiders
    int first = (int) (start * step.count());
    int end = (int) (stop * step.count());
    return scale > 1 && step.index() >= first && step.index() < end;
  }

  @Override
  public GuidanceRun newRun() {
    return (GuidanceRun & Stateful)
        (negative, positive, step) -> GuidanceRun.scoped(() -> combined(negative, positive));
  }

  private Tensor combined(Tensor negative, Tensor positive) {
    Tensor direction = positive.sub(negative).mul_(new Scalar(scale));
    Tensor guided = negative.add(direction);
    return rescale == 0 ? guided : guided.mul(rescaling(guided, positive));
  }

  /** The reference's {@code rescale_noise_cfg} as one factor for each video. */
  private Tensor rescaling(Tensor guided, Tensor positive) {
    Tensor ratio = deviation(positive).div(deviation(guided));
    return ratio.mul(new Scalar(rescale)).add(new Scalar(1 - rescale));
  }

  /** Over everything but the first dimension, [videos, 1, 1, 1, 1]. */
  private static Tensor deviation(Tensor prediction) {
    long[] others = LongStream.range(1, prediction.dim()).toArray();
    return prediction.std(others, true, true);
  }

  /** Builds a {@link ClassifierFreeGuidance}. Setting a value twice is an error. */
  public static final class Builder {
    private final ClassifierFreeGuidance base;
    private final Map<String, Double> chosen = new HashMap<>();

    private Builder(ClassifierFreeGuidance base) {
      this.base = base;
    }

    /**
     * Sets the scale.
     *
     * @param scale finite; off at 1 and below
     * @return this builder
     * @throws IllegalArgumentException if it is not finite
     * @throws IllegalStateException if it was already set
     */
    public Builder scale(double scale) {
      checkScale(scale);
      return set("scale", scale);
    }

    /**
     * Sets how far the standard deviation goes back to that of the prediction for the prompt.
     * Default 0.
     *
     * @param rescale 0 to 1
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     * @throws IllegalStateException if it was already set
     */
    public Builder rescale(double rescale) {
      checkShare("guidanceRescale", rescale);
      return set("rescale", rescale);
    }

    /**
     * Sets the share of the run before which there is no guidance. Default 0.
     *
     * @param start 0 to 1
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     * @throws IllegalStateException if it was already set
     */
    public Builder start(double start) {
      checkShare("guidanceStart", start);
      return set("start", start);
    }

    /**
     * Sets the share of the run after which there is no guidance. Default 1.
     *
     * @param stop 0 to 1
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     * @throws IllegalStateException if it was already set
     */
    public Builder stop(double stop) {
      checkShare("guidanceStop", stop);
      return set("stop", stop);
    }

    /**
     * Builds the guidance.
     *
     * @return an immutable guidance
     * @throws IllegalArgumentException if {@code start} is not below {@code stop}
     */
    public ClassifierFreeGuidance build() {
      return new ClassifierFreeGuidance(
          chosen.getOrDefault("scale", base.scale),
          chosen.getOrDefault("rescale", base.rescale),
          chosen.getOrDefault("start", base.start),
          chosen.getOrDefault("stop", base.stop));
    }

    private Builder set(String name, double value) {
      @Nullable Double before = chosen.putIfAbsent(name, value);
      checkState(before == null, "%s was already set to %s, now %s", name, before, value);
      return this;
    }
  }
}
