package io.t2v;

import com.google.common.collect.ImmutableList;
import io.t2v.GenerationRequest.Builder.Size;
import io.t2v.text.PromptSyntax;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;

/** Finds what is wrong with settings of a request together, each of which is right alone. */
final class RequestContradictions {
  private final GenerationRequest.Builder request;
  private final List<String> problems = new ArrayList<>();

  private RequestContradictions(GenerationRequest.Builder request) {
    this.request = request;
  }

  /** Returns all contradictions, in words; none if the request can be made. */
  static List<String> of(GenerationRequest.Builder request) {
    RequestContradictions contradictions = new RequestContradictions(request);
    contradictions.find();
    return contradictions.problems;
  }

  private void find() {
    requireOneOrEach("negativePrompts", request.negativePrompts);
    requireOneOrEach("seeds", request.seeds);
    exclude(request.negativeEmbeddings, request.negativePrompts);
    checkPromptSyntax();
    exclude(
        request.guidance,
        request.guidanceScale,
        request.guidanceRescale,
        request.guidanceStart,
        request.guidanceStop);
    checkStart();
    if (request.guidanceStart.orElse(0.0) >= request.guidanceStop.orElse(1.0)) {
      problems.add(
          "guidanceStart is "
              + request.guidanceStart.orElse(0.0)
              + ", expected less than guidanceStop, "
              + request.guidanceStop.orElse(1.0));
    }
    checkTextFrames("promptAt", request.promptsAt);
    checkTextFrames("negativePromptAt", request.negativePromptsAt);
    if (!request.negativePromptsAt.isEmpty() && request.negativeEmbeddings.isSet()) {
      problems.add(
          "negativePromptAt is set together with negativeEmbeddings: expected one of them");
    }
    if (request.latents.isSet()
        && request.window.get().filter(FrameWindow::correlatedNoise).isPresent()) {
      problems.add(
          "latents are set together with a window of correlatedNoise, which draws them: expected"
              + " one of them");
    }
    if (request.acceleration.orElse(Acceleration.none()).cachesSteps()
        && request
            .window
            .get()
            .filter(moving -> moving.shiftEachStep() || moving.loop())
            .isPresent()) {
      problems.add(
          "acceleration caches steps, but the window moves from step to step: expected neither"
              + " shiftEachStep nor loop, or cacheSteps(1)");
    }
    request.negativeEmbeddings.get().ifPresent(this::checkNegative);
    request
        .latents
        .get()
        .ifPresent(
            given ->
                checkLatents(
                    "latents", given, request.frames.orElse(GenerationRequest.DEFAULT_FRAMES)));
  }

  /** What a run from a video or its latents needs, and what it does not take. */
  private void checkStart() {
    requireOneOrEach("initVideos", request.initVideos);
    exclude(request.initLatents, request.initVideos, request.initPosterior);
    exclude(request.latents, request.initVideos, request.initLatents);
    requireWith(
        request.strength, "initVideo or initLatents", request.initVideos, request.initLatents);
    requireWith(request.initPosterior, "initVideo", request.initVideos, request.initLatents);
    request.initVideo().ifPresent(this::checkInitVideos);
    checkKeyFrames();
    request.effectiveSize().ifPresent(this::checkSizes);
    request
        .initLatents
        .get()
        .ifPresent(given -> checkLatents("initLatents", given, request.wantedFrames()));
  }

  private void requireWith(Setting<?> setting, String needed, Setting<?>... others) {
    if (setting.isSet() && Stream.of(others).noneMatch(Setting::isSet)) {
      problems.add(setting + " is set without " + needed);
    }
  }

  private void checkInitVideos(Video first) {
    for (Video video : request.initVideos.orElse(ImmutableList.of())) {
      if (video.width() != first.width()
          || video.height() != first.height()
          || video.frameCount() != first.frameCount()) {
        problems.add("initVideos has " + first + " and " + video + ", expected one size");
        return;
      }
    }
    request
        .frames
        .get()
        .filter(wanted -> wanted != first.frameCount())
        .ifPresent(
            wanted ->
                problems.add(
                    "frames is "
                        + wanted
                        + ", but the video to start from has "
                        + first.frameCount()
                        + ": leave frames out, or cut the video"));
  }

  private void checkKeyFrames() {
    int count = request.wantedFrames();
    for (int index : request.setKeyFrames().keySet()) {
      if (index >= count) {
        problems.add(
            "key frame " + index + " is not in the clip, which has frames 0 to " + (count - 1));
      }
    }
  }

  /** All frames and images that the run starts from have the size of the result. */
  private void checkSizes(Size wanted) {
    request
        .initVideo()
        .ifPresent(
            video ->
                checkSize("the video to start from", video, wanted, "resize it with FrameResize"));
    request
        .setKeyFrames()
        .forEach(
            (index, key) ->
                checkSize("key frame " + index, key.image(), wanted, "scale the image"));
  }

  private void checkSize(String name, Video video, Size wanted, String cure) {
    Size own = new Size(video.width(), video.height());
    if (!own.equals(wanted)) {
      problems.add(name + " is " + own + ", expected the video's size, " + wanted + ": " + cure);
    }
  }

  private void checkPromptSyntax() {
    PromptSyntax syntax = request.promptSyntax.orElse(PromptSyntax.PLAIN);
    if (syntax == PromptSyntax.PLAIN) {
      return;
    }
    if (request.embeddings != null || request.negativeEmbeddings.isSet()) {
      problems.add(request.promptSyntax + " is set together with embeddings: expected prompts");
    }
    if (!request.promptsAt.isEmpty() || !request.negativePromptsAt.isEmpty()) {
      problems.add(request.promptSyntax + " is set together with promptAt: expected one of them");
    }
    Stream.of(request.prompts, request.negativePrompts.orElse(ImmutableList.of()))
        .flatMap(List::stream)
        .forEach(
            prompt -> {
              try {
                syntax.check(prompt);
              } catch (IllegalArgumentException e) {
                problems.add(e.getMessage());
              }
            });
  }

  private void exclude(Setting<?> one, Setting<?>... others) {
    for (Setting<?> other : others) {
      if (one.isSet() && other.isSet()) {
        problems.add(other + " is set together with " + one + ": expected one of them");
      }
    }
  }

  private void checkTextFrames(String name, SortedMap<Integer, ?> texts) {
    if (texts.isEmpty()) {
      return;
    }
    int count = request.frames.orElse(GenerationRequest.DEFAULT_FRAMES);
    String last = name + "(" + texts.lastKey() + ")";
    if (texts.lastKey() >= count) {
      problems.add(last + " is set, but the video ends with frame " + (count - 1));
    }
    if (request.embeddings != null) {
      problems.add(last + " is set together with embeddings: expected one of them");
    } else if (request.videos() != 1) {
      problems.add(last + " is set, but there are " + request.videos() + " prompts: expected one");
    }
  }

  private void requireOneOrEach(String name, Setting<? extends List<?>> setting) {
    int count = setting.get().map(List::size).orElse(0);
    if (count > 1 && count != request.videos()) {
      problems.add(name + " has " + count + " entries, expected 1 or " + request.videos());
    }
  }

  private void checkNegative(NdArray negative) {
    if (request.embeddings == null) {
      if (negative.shape()[0] != request.videos()) {
        problems.add(
            "negativeEmbeddings are " + negative + ", expected " + request.videos() + " entries");
      }
    } else if (request.isGuided() && !negative.hasShape(request.embeddings.shape())) {
      problems.add(
          "negativeEmbeddings are "
              + negative
              + ", expected the shape of embeddings, "
              + request.embeddings);
    }
  }

  private void checkLatents(String name, NdArray given, int frames) {
    if (given.shape()[0] != request.videos() || given.shape()[2] != frames) {
      problems.add(
          name
              + " are "
              + given
              + ", expected ["
              + request.videos()
              + ", channels, "
              + frames
              + ", height, width]");
    }
  }
}
