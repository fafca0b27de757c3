package io.t2v.cli;

import io.t2v.GenerationRequest;
import io.t2v.PixelRounding;
import io.t2v.Provenance;
import io.t2v.text.PromptSyntax;
import io.t2v.unet.FreeU;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Settings of a request by the names under which a video's record has them. */
final class RecordedSettings {
  static final String FRAMES = "frames";
  static final String WIDTH = "width";
  static final String HEIGHT = "height";
  static final String FRAMES_PER_SECOND = "framesPerSecond";

  /** What {@link #apply} knows. */
  static final Set<String> NAMES =
      Set.of(
          FRAMES,
          WIDTH,
          HEIGHT,
          FRAMES_PER_SECOND,
          Provenance.STEPS,
          Provenance.GUIDANCE_SCALE,
          Provenance.GUIDANCE_RESCALE,
          Provenance.GUIDANCE_START,
          Provenance.GUIDANCE_STOP,
          Provenance.PROMPT_SYNTAX,
          Provenance.PIXEL_ROUNDING,
          Provenance.FREE_U,
          Provenance.TEMPORAL_ATTENTION_STRENGTH,
          Provenance.TEMPORAL_CONV_STRENGTH,
          Provenance.ETA,
          Provenance.CLIP_SKIP);

  private RecordedSettings() {}

  /**
   * Sets on a request what a record holds.
   *
   * @throws IllegalArgumentException if a value is not of its kind or out of its range; the message
   *     begins with its name
   */
  static void apply(Map<String, ?> settings, GenerationRequest.Builder request) {
    integer(settings, FRAMES, request::frames);
    if (settings.containsKey(WIDTH) != settings.containsKey(HEIGHT)) {
      throw new IllegalArgumentException("width and height are expected together");
    }
    integer(
        settings, WIDTH, width -> integer(settings, HEIGHT, height -> request.size(width, height)));
    number(settings, FRAMES_PER_SECOND, request::framesPerSecond);
    integer(settings, Provenance.STEPS, request::steps);
    number(settings, Provenance.GUIDANCE_SCALE, request::guidanceScale);
    number(settings, Provenance.GUIDANCE_RESCALE, request::guidanceRescale);
    number(settings, Provenance.GUIDANCE_START, request::guidanceStart);
    number(settings, Provenance.GUIDANCE_STOP, request::guidanceStop);
    freeU(settings, request);
    number(settings, Provenance.TEMPORAL_ATTENTION_STRENGTH, request::temporalAttentionStrength);
    number(settings, Provenance.TEMPORAL_CONV_STRENGTH, request::temporalConvStrength);
    number(settings, Provenance.ETA, request::eta);
    integer(settings, Provenance.CLIP_SKIP, request::clipSkip);
    if (settings.get(Provenance.PROMPT_SYNTAX) instanceof String syntax) {
      request.promptSyntax(PromptSyntax.valueOf(syntax));
    }
    if (settings.get(Provenance.PIXEL_ROUNDING) instanceof String rounding) {
      request.pixelRounding(PixelRounding.valueOf(rounding));
    }
  }

  private static void freeU(Map<String, ?> settings, GenerationRequest.Builder request) {
    Object value = settings.get(Provenance.FREE_U);
    if (value instanceof Map<?, ?> map
        && map.get("b1") instanceof Number b1
        && map.get("b2") instanceof Number b2
        && map.get("s1") instanceof Number s1
        && map.get("s2") instanceof Number s2) {
      request.freeU(
          new FreeU(b1.doubleValue(), b2.doubleValue(), s1.doubleValue(), s2.doubleValue()));
    } else if (value != null) {
      throw new IllegalArgumentException(
          Provenance.FREE_U + " is " + value + ", expected numbers b1, b2, s1 and s2");
    }
  }

  private static void number(Map<String, ?> settings, String name, Consumer<Double> setter) {
    Object value = settings.get(name);
    if (value instanceof Number number) {
      setter.accept(number.doubleValue());
    } else if (value != null) {
      throw new IllegalArgumentException(name + " is " + value + ", expected a number");
    }
  }

  private static void integer(Map<String, ?> settings, String name, Consumer<Integer> setter) {
    number(
        settings,
        name,
        value -> {
          if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                name + " is " + settings.get(name) + ", expected a whole number");
          }
          setter.accept(value.intValue());
        });
  }
}
