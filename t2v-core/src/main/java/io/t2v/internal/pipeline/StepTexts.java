package io.t2v.internal.pipeline;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * The embedded texts of a run, and which of them each step reads.
 *
 * @param texts each text once, all of one shape, [samples, tokens, width] or [samples, frames,
 *     tokens, width]; with guidance, those of the negative prompts come first
 * @param ofStep for each step an index of the texts
 */
public record StepTexts(List<Tensor> texts, List<Integer> ofStep) {
  public StepTexts {
    texts = ImmutableList.copyOf(texts);
    ofStep = ImmutableList.copyOf(ofStep);
    checkArgument(!texts.isEmpty(), "there is no text");
  }

  /** One text for all steps. */
  public static StepTexts always(Tensor text, int steps) {
    return new StepTexts(List.of(text), Collections.nCopies(steps, 0));
  }

  /**
   * Embeds what each step reads, equal ones once.
   *
   * @param prompts of each step
   * @param embed makes a text of them
   */
  public static <T> StepTexts of(List<T> prompts, Function<T, Tensor> embed) {
    List<T> distinct = prompts.stream().distinct().toList();
    return new StepTexts(
        distinct.stream().map(embed).toList(), prompts.stream().map(distinct::indexOf).toList());
  }

  /**
   * Counts the texts that are needed at the same time: a text is needed from the first step that
   * reads it to the last one.
   *
   * @param texts what each step reads
   * @return the most in any step
   */
  static <T> int mostAtOnce(List<T> texts) {
    int[] change = new int[texts.size() + 1];
    for (T text : new HashSet<>(texts)) {
      change[texts.indexOf(text)]++;
      change[texts.lastIndexOf(text) + 1]--;
    }
    int needed = 0;
    int most = 0;
    for (int step : change) {
      needed += step;
      most = Math.max(most, needed);
    }
    return most;
  }

  /** Whether a step reads another text than the one before it. */
  boolean changesAt(int step) {
    return step > 0 && !ofStep.get(step).equals(ofStep.get(step - 1));
  }

  /** Whether a text is read in a step, or after it. */
  boolean isReadFrom(int step, int text) {
    return ofStep.lastIndexOf(text) >= step;
  }
}
