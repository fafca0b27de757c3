package io.t2v;

import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where prompts enter a pipeline and frames leave it: both pass its {@link ContentFilter}, if it
 * has one, whose results are checked.
 *
 * @param filter of the pipeline
 */
record ContentGate(Optional<ContentFilter> filter) {
  /** Returns a request with what the filter puts in the place of its texts. */
  GenerationRequest admit(GenerationRequest request) {
    return filter.map(one -> request.withTexts(this::prompt, this::negativePrompt)).orElse(request);
  }

  private String prompt(String prompt) {
    @Nullable String filtered = filter.orElseThrow().filterPrompt(prompt);
    checkState(filtered != null, "%s.filterPrompt returned null", name());
    checkState(
        !filtered.isBlank() || prompt.isBlank(),
        "%s.filterPrompt returned a blank text for a prompt, expected a sentence, or a"
            + " ContentRefusedException",
        name());
    return filtered;
  }

  private String negativePrompt(String negativePrompt) {
    @Nullable String filtered = filter.orElseThrow().filterNegativePrompt(negativePrompt);
    checkState(filtered != null, "%s.filterNegativePrompt returned null", name());
    return filtered;
  }

  /**
   * Checks that previews may be shown.
   *
   * @throws IllegalStateException if the filter does not allow them
   */
  void requirePreviews(PreviewMode mode) {
    checkState(
        mode == PreviewMode.NONE || filter.map(ContentFilter::allowsPreviews).orElse(true),
        "previews are set to %s, but this pipeline's content filter, %s, sees finished frames"
            + " alone: leave previews out, or let its allowsPreviews() return true",
        mode,
        filter.map(ContentFilter::getClass).map(Class::getName).orElse("none"));
  }

  /** Returns a sink whose frames pass the filter first. */
  FrameSink guard(FrameSink sink) {
    return filter.<FrameSink>map(one -> new Guarded(one, sink)).orElse(sink);
  }

  private String name() {
    return filter.orElseThrow().getClass().getName();
  }

  private static final class Guarded implements FrameSink {
    private final ContentFilter filter;
    private final FrameSink sink;
    private @Nullable VideoInfo video;
    private int index;

    Guarded(ContentFilter filter, FrameSink sink) {
      this.filter = filter;
      this.sink = sink;
    }

    @Override
    public void begin(VideoInfo clip) throws IOException {
      video = clip;
      index = 0;
      sink.begin(clip);
    }

    @Override
    public void frame(byte[] rgb) throws IOException {
      int length = rgb.length;
      byte @Nullable [] filtered = filter.filterFrame(rgb, index++, requireNonNull(video));
      checkState(
          filtered != null && filtered.length == length,
          "%s.filterFrame returned %s, expected %s bytes",
          filter.getClass().getName(),
          filtered == null ? "null" : filtered.length + " bytes",
          length);
      sink.frame(filtered);
    }

    @Override
    public void end() throws IOException {
      sink.end();
    }
  }
}
