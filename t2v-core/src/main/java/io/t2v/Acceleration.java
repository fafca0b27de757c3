package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.t2v.internal.pipeline.Shortcuts;
import java.util.Map;

/**
 * Ways to compute a video in less time that change it a little. All are off by default; they
 * combine with each other, and with guidance in a part of the run ({@link
 * GenerationRequest.Builder#guidanceStart}, {@link GenerationRequest.Builder#guidanceStop}).
 *
 * <pre>{@code
 * GenerationRequest.builder("a boat on a lake").steps(10)
 *     .acceleration(Acceleration.none().alignSteps(true).cacheSteps(2).guidanceAgreement(0.99))
 *     .build();
 * }</pre>
 *
 * <ul>
 *   <li><b>Step caching</b> (DeepCache): the deep features of a step are reused in the next ones,
 *       which compute the outer blocks alone. It takes memory for one tensor of features a clip.
 *   <li><b>Guidance that stops at agreement</b> (Adaptive Guidance): once the predictions for the
 *       prompt and for the negative prompt point the same way, guidance moves little, and the rest
 *       of the run computes the prompt's alone, in half the time.
 *   <li><b>Aligned steps</b> (Align Your Steps): the steps stand at noise levels that were
 *       optimised for Stable Diffusion 1.5, which has the noise schedule of ModelScope's model: 10
 *       of them stand in for 20 to 25 of other spacings.
 * </ul>
 *
 * <p>Immutable: each method returns a changed copy.
 *
 * @param cacheInterval every how many steps deep features are computed, at least 1; 1 for in every
 *     step, which is no caching
 * @param cacheDepth how many blocks of the network's down path are computed in every step, at least
 *     0: more cost more time and change less. The published model has 12, of which 0, 1 and 2 leave
 *     10, 22 and 34 percent of a step's work
 * @param guidanceAgreement cosine similarity of the two predictions from which on a video is not
 *     guided any more, above 0 to 1; 1 for never
 * @param alignSteps whether the steps stand where Align Your Steps puts them, instead of where the
 *     scheduler does; only for schedulers that take timesteps or noise levels
 * @see <a href="https://arxiv.org/abs/2312.00858">Ma et al., DeepCache</a>
 * @see <a href="https://arxiv.org/abs/2312.12487">Castillo et al., Adaptive Guidance</a>
 * @see <a href="https://arxiv.org/abs/2404.14507">Sabour et al., Align Your Steps</a>
 */
public record Acceleration(
    int cacheInterval, int cacheDepth, double guidanceAgreement, boolean alignSteps) {
  private static final int DEFAULT_DEPTH = 1;
  private static final Acceleration NONE = new Acceleration(1, DEFAULT_DEPTH, 1, false);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public Acceleration {
    checkArgument(cacheInterval >= 1, "cacheInterval is %s, expected at least 1", cacheInterval);
    checkArgument(cacheDepth >= 0, "cacheDepth is %s, expected at least 0", cacheDepth);
    checkArgument(
        guidanceAgreement > 0 && guidanceAgreement <= 1,
        "guidanceAgreement is %s, expected above 0, and at most 1",
        guidanceAgreement);
  }

  /**
   * Returns the setting that computes everything.
   *
   * @return all off, with a depth of 1 for caching
   */
  public static Acceleration none() {
    return NONE;
  }

  /**
   * Changes every how many steps deep features are computed.
   *
   * @param interval at least 1; 2 or 3 for 25 steps, 5 for 50
   * @return the changed acceleration
   * @throws IllegalArgumentException if it is below 1
   */
  public Acceleration cacheSteps(int interval) {
    return new Acceleration(interval, cacheDepth, guidanceAgreement, alignSteps);
  }

  /**
   * Changes how many blocks of the down path are computed in every step.
   *
   * @param depth at least 0
   * @return the changed acceleration
   * @throws IllegalArgumentException if it is negative
   */
  public Acceleration cacheDepth(int depth) {
    return new Acceleration(cacheInterval, depth, guidanceAgreement, alignSteps);
  }

  /**
   * Changes from which agreement on there is no guidance.
   *
   * @param cosine above 0 to 1; the authors recommend 0.991
   * @return the changed acceleration
   * @throws IllegalArgumentException if it is out of range
   */
  public Acceleration guidanceAgreement(double cosine) {
    return new Acceleration(cacheInterval, cacheDepth, cosine, alignSteps);
  }

  /**
   * Changes whether the steps are aligned.
   *
   * @param align whether they are
   * @return the changed acceleration
   */
  public Acceleration alignSteps(boolean align) {
    return new Acceleration(cacheInterval, cacheDepth, guidanceAgreement, align);
  }

  boolean cachesSteps() {
    return cacheInterval > 1;
  }

  Shortcuts shortcuts() {
    return new Shortcuts(cacheInterval, cacheDepth, guidanceAgreement);
  }

  /** As plain values, under the names of the record. */
  Map<String, Object> toProperties() {
    return ImmutableMap.of(
        "cacheInterval", cacheInterval,
        "cacheDepth", cacheDepth,
        "guidanceAgreement", guidanceAgreement,
        "alignSteps", alignSteps);
  }
}
