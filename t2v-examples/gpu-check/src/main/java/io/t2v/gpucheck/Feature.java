package io.t2v.gpucheck;

import io.t2v.Acceleration;
import io.t2v.FrameWindow;
import io.t2v.GenerationRequest;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** What a request may ask for beside the plain way. */
enum Feature {
  STEP_CACHING(
      "deep features of every third step reused",
      request -> accelerated(request, Acceleration.none().cacheSteps(3))),
  GUIDANCE_WINDOW(
      "guidance until 0.6 of the run", request -> request.toBuilder().guidanceStop(0.6).build()),
  GUIDANCE_AGREEMENT(
      "guidance until both predictions agree",
      request -> accelerated(request, Acceleration.none().guidanceAgreement(0.99))),
  ALIGNED_STEPS(
      "steps at aligned levels",
      request -> accelerated(request, Acceleration.none().alignSteps(true))),
  LONG_CLIP("a clip of three windows that overlap", Feature::inWindows),
  VIDEO_TO_VIDEO(
      "half of a run from a video",
      (request, subject) ->
          request.toBuilder().initVideo(subject.ofProcessor().video()).strength(0.5).build());

  private final String about;
  private final BiFunction<GenerationRequest, Subject, GenerationRequest> request;

  Feature(String about, UnaryOperator<GenerationRequest> request) {
    this(about, (plain, subject) -> request.apply(plain));
  }

  Feature(String about, BiFunction<GenerationRequest, Subject, GenerationRequest> request) {
    this.about = about;
    this.request = request;
  }

  String about() {
    return about;
  }

  FeatureCheck of(Subject subject) {
    return new FeatureCheck(subject, request);
  }

  private static GenerationRequest accelerated(
      GenerationRequest request, Acceleration acceleration) {
    return request.toBuilder().acceleration(acceleration).build();
  }

  private static GenerationRequest inWindows(GenerationRequest request) {
    int length = Math.max(2, request.frames());
    return request.toBuilder()
        .frames(2 * length)
        .window(FrameWindow.of(length).overlap(length / 2))
        .build();
  }

  /** Such as {@code step-caching}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
