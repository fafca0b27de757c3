package io.t2v;

import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import io.t2v.text.PromptSyntax;
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
    return filter
        .map(
            one ->
                request.withTexts(
                    text -> prompt(one, text, request.promptSyntax()),
                    text -> negativePrompt(one, text, request.promptSyntax())))
        .orElse(request);
  }

  /**
   * Admits the request of a saved run: the filter may refuse its texts, but replaces none that a
   * filter of the same class returned.
   *
   * @param filteredBy class of the filter that returned them, as the file says
   */
  GenerationRequest readmit(GenerationRequest request, Optional<String> filteredBy) {
    GenerationRequest admitted = admit(request);
    return filteredBy.equals(name()) ? request : admitted;
  }

  private static String prompt(ContentFilter filter, String prompt, PromptSyntax syntax) {
    String filtered = checked(filter.filterPrompt(prompt), filter, "filterPrompt", syntax);
    checkState(
        !filtered.isBlank() || prompt.isBlank(),
        "%s.filterPrompt returned a blank text for a prompt, expected a sentence, or a"
            + " ContentRefusedException",
        filter.getClass().getName());
    return filtered;
  }

  private static String negativePrompt(ContentFilter filter, String text, PromptSyntax syntax) {
    return checked(filter.filterNegativePrompt(text), filter, "filterNegativePrompt", syntax);
  }

  private static String checked(
      @Nullable String filtered, ContentFilter filter, String method, PromptSyntax syntax) {
    String name = filter.getClass().getName() + "." + method;
    checkState(filtered != null, "%s returned null", name);
    try {
      syntax.check(filtered);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          name + " returned a text that is not of the request's syntax: " + e.getMessage(), e);
    }
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
        name().orElse("none"));
  }

  /** Returns a sink whose frames pass the filter first. */
  FrameSink guard(FrameSink sink) {
    return filter.<FrameSink>map(one -> new Guarded(one, sink)).orElse(sink);
  }

  /** Of the filter's class. */
  Optional<String> name() {
    return filter.map(one -> one.getClass().getName());
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
