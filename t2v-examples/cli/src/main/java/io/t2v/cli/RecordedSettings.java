package io.t2v.cli;

import io.t2v.GenerationRequest;
import io.t2v.Provenance;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
          Provenance.ACCELERATION,
          Provenance.WINDOW,
          Provenance.PROMPT_AT,
          Provenance.NEGATIVE_PROMPT_AT,
          Provenance.ETA,
          Provenance.CLIP_SKIP,
          Provenance.WATERMARK);

  private RecordedSettings() {}

  /**
   * Sets on a request what a record holds.
   *
   * @throws IllegalArgumentException if a value is not of its kind or out of its range; the message
   *     begins with its name
   */
  static void apply(Map<String, ?> settings, GenerationRequest.Builder request) {
    Map<String, Object> known = new LinkedHashMap<>(settings);
    known.keySet().retainAll(NAMES);
    Object width = known.remove(WIDTH);
    Object height = known.remove(HEIGHT);
    if ((width == null) != (height == null)) {
      throw new IllegalArgumentException("width and height are expected together");
    }
    if (width != null && height != null) {
      known.put("size", List.of(width, height));
    }
    request.properties(known);
  }
}
