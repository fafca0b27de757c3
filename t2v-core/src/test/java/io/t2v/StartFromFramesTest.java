package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.Progress.Phase;
import io.t2v.guidance.LatentConstraint;
import io.t2v.guidance.LatentConstraintRun;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.ResidencyEvent;
import io.t2v.scheduler.EulerDiscreteScheduler;
import io.t2v.scheduler.HeunDiscreteScheduler;
import io.t2v.scheduler.PndmScheduler;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.scheduler.SchedulerFactory;
import io.t2v.scheduler.Schedulers;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.RecordingPolicy;
import io.t2v.testing.StubDecoder;
import io.t2v.vae.LatentDistribution;
import io.t2v.vae.VaeEncoder;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs that start from a video, from latents or from images, beside what the goldens show. */
class StartFromFramesTest {
  private static final int WIDTH = 16;
  private static final int HEIGHT = 24;
  private static final int FRAMES = 3;
  private static final int CELL = 4;

  @TempDir static Path folder;
  private static TextToVideoPipeline pipeline;

  @BeforeAll
  static void open() {
    GoldenModel.write("two-levels", folder.resolve("model"));
    pipeline = builder().build();
  }

  private static PipelineBuilder builder() {
    return TextToVideoPipeline.builder().checkpoint(folder.resolve("model")).threads(1);
  }

  @AfterAll
  static void close() {
    pipeline.close();
  }

  private static BufferedImage image(int shade) {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        image.setRGB(x, y, (x * 12 + shade) % 256 << 16 | (y * 9 + shade) % 256 << 8 | shade);
      }
    }
    return image;
  }

  private static Video video(int... shades) {
    List<byte[]> frames = new ArrayList<>();
    for (int shade : shades) {
      frames.add(Frames.ofImage(image(shade)).rgb());
    }
    return Video.of(WIDTH, HEIGHT, 5, frames, Provenance.unknown());
  }

  private static GenerationRequest.Builder request(String... prompts) {
    return GenerationRequest.builder(List.of(prompts)).steps(4).guidanceScale(3);
  }

  private static GenerationRequest.Builder plain() {
    return request("a red circle").frames(FRAMES).size(WIDTH, HEIGHT).seed(5);
  }

  private static float[] latents(GenerationRequest.Builder request) {
    return latents(pipeline, request);
  }

  private static float[] latents(TextToVideoPipeline pipeline, GenerationRequest.Builder request) {
    return pipeline.prepare(request.build()).toLatents().values();
  }

  /** The latents of one frame of a video of [1, channels, frames, height, width]. */
  private static float[] frame(float[] latents, int frame) {
    int pixels = latents.length / 4 / FRAMES;
    float[] own = new float[4 * pixels];
    for (int channel = 0; channel < 4; channel++) {
      System.arraycopy(latents, (channel * FRAMES + frame) * pixels, own, channel * pixels, pixels);
    }
    return own;
  }

  private static double distance(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += Math.pow((double) one[i] - other[i], 2);
    }
    return Math.sqrt(sum);
  }

  @Test
  void takesSizeLengthAndRateFromTheVideo() {
    Video made = pipeline.generate(request("a disc").initVideo(video(0, 60, 120)).seed(1).build());
    assertThat(made.width()).isEqualTo(WIDTH);
    assertThat(made.height()).isEqualTo(HEIGHT);
    assertThat(made.frameCount()).isEqualTo(3);
    assertThat(made.framesPerSecond()).isEqualTo(5);
    assertThat(made.provenance().properties())
        .containsEntry(Provenance.STRENGTH, 0.6)
        .containsEntry(Provenance.INIT_VIDEO, ContentHash.of(video(0, 60, 120)))
        .doesNotContainKey(Provenance.INIT_POSTERIOR);
  }

  @Test
  void eachVideoOfABatchComesOutAsItDoesAlone() {
    Video first = video(0, 60);
    Video second = video(200, 20);
    float[] both =
        latents(
            request("a disc", "a square")
                .initVideos(List.of(first, second))
                .seeds(List.of(1L, 2L)));
    float[] one = latents(request("a disc").initVideo(first).seed(1));
    float[] other = latents(request("a square").initVideo(second).seed(2));
    assertClose(both, 0, one);
    assertClose(both, one.length, other);
  }

  @Test
  void oneVideoServesAllPrompts() {
    Video video = video(0, 60);
    float[] both = latents(request("a disc", "a square").initVideo(video).seeds(List.of(1L, 2L)));
    float[] other = latents(request("a square").initVideo(video).seed(2));
    assertClose(both, other.length, other);
  }

  private static void assertClose(float[] batch, int offset, float[] alone) {
    for (int i = 0; i < alone.length; i++) {
      assertThat(batch[offset + i]).isCloseTo(alone[i], Offset.offset(1e-4f));
    }
  }

  @Test
  void latentsStandForTheVideoThatTheyWereEncodedFrom() {
    Video video = video(0, 60, 120);
    NdArray encoded =
        pipeline
            .prepare(
                request("x").initVideo(video).initPosterior(Posterior.MEAN).strength(0).build())
            .toLatents();
    assertThat(latents(request("a disc").initLatents(encoded).strength(0.75).seed(3)))
        .isEqualTo(
            latents(
                request("a disc")
                    .initVideo(video)
                    .initPosterior(Posterior.MEAN)
                    .strength(0.75)
                    .seed(3)));
  }

  @Test
  void withoutAStepTheVideoIsEncodedAndDecoded() {
    List<Phase> phases = new ArrayList<>();
    GenerationRequest request =
        request("a disc").initVideo(video(0, 60)).strength(0.2).seed(1).build();
    Video made =
        pipeline.prepare(request).onProgress(progress -> phases.add(progress.phase())).toVideo();
    assertThat(phases.stream().distinct()).containsExactly(Phase.ENCODE_IMAGE, Phase.DECODE);
    assertThat(made.rgb())
        .isEqualTo(pipeline.generate(request.toBuilder().strength(0).build()).rgb());
    assertThat(made.provenance().prompt()).contains("a disc");
  }

  @Test
  void reportsEachEncodedFrameAndRisesToOne() {
    List<Progress> events = new ArrayList<>();
    GenerationRequest request = request("a disc").initVideo(video(0, 60, 120)).seed(1).build();
    pipeline.prepare(request).onProgress(events::add).toVideo();
    assertThat(
            events.stream()
                .filter(event -> event.phase() == Phase.ENCODE_IMAGE)
                .map(Progress::done)
                .distinct())
        .containsExactly(0, 1, 2, 3);
    assertThat(events).extracting(Progress::fraction).isSorted();
    assertThat(events.get(events.size() - 1).fraction()).isEqualTo(1.0);
    assertThat(events.stream().map(Progress::phase).distinct()).containsExactly(Phase.values());
  }

  @Test
  void canBeCancelledBetweenEncodedFramesAndFreesEverything() {
    GenerationRequest request = request("a disc").initVideo(video(0, 60, 120)).seed(1).build();
    CancellationToken token = new CancellationToken();
    NativeObjects before = NativeObjects.count();
    assertThatExceptionOfType(GenerationCancelledException.class)
        .isThrownBy(
            () ->
                pipeline
                    .prepare(request)
                    .cancelledBy(token)
                    .onProgress(
                        progress -> {
                          if (progress.phase() == Phase.ENCODE_IMAGE && progress.done() == 1) {
                            token.cancel();
                          }
                        })
                    .toVideo());
    before.assertNoMore();
  }

  @Test
  void previewsCountTheStepsThatAreMade() {
    List<String> steps = new ArrayList<>();
    GenerationRequest request = request("a disc").initVideo(video(0, 60)).seed(1).build();
    pipeline
        .prepare(request)
        .previews(PreviewMode.DECODED)
        .onProgress(
            progress ->
                progress
                    .preview()
                    .ifPresent(preview -> steps.add(preview.step() + " of " + preview.steps())))
        .toVideo();
    assertThat(steps).containsExactly("1 of 2", "2 of 2");
  }

  @Test
  void theEncoderIsLoadedOnceAndOnlyForRequestsThatNeedIt() {
    RecordingPolicy policy = new RecordingPolicy(OffloadPolicy.none());
    try (TextToVideoPipeline pipeline = builder().offload(policy).build()) {
      GenerationRequest from = request("a disc").initVideo(video(0, 60, 120)).seed(1).build();
      GenerationRequest plain = plain().build();
      pipeline.generate(plain);
      assertThat(encoderMoves(policy)).isEmpty();
      pipeline.generate(from);
      assertThat(encoderMoves(policy))
          .containsExactly(
              new ResidencyEvent(Component.VAE_ENCODER, "", ResidencyEvent.Direction.LOADED),
              new ResidencyEvent(Component.VAE_ENCODER, "", ResidencyEvent.Direction.RELEASED));
      assertThat(pipeline.plan(plain).shares())
          .noneMatch(share -> share.component() == Component.VAE_ENCODER);
      assertThat(pipeline.plan(from).shares())
          .anyMatch(
              share ->
                  share.component() == Component.VAE_ENCODER
                      && share.weightBytes() > 0
                      && share.activationBytes() > 0);
    }
  }

  private static List<ResidencyEvent> encoderMoves(RecordingPolicy policy) {
    return policy.takeMoves().stream()
        .filter(event -> event.component() == Component.VAE_ENCODER)
        .toList();
  }

  static Stream<SchedulerFactory> solvers() {
    return Stream.of(
        config -> Schedulers.fromConfig(config),
        EulerDiscreteScheduler::fromConfig,
        HeunDiscreteScheduler::fromConfig);
  }

  @ParameterizedTest
  @MethodSource("solvers")
  void keyFramesOfWeightOneChangeNoBit(SchedulerFactory solver) {
    try (TextToVideoPipeline pipeline = builder().scheduler(solver).build()) {
      assertThat(
              latents(
                  pipeline,
                  plain()
                      .keyFrame(0, image(10), 1)
                      .keyFrame(1, image(90), 1)
                      .keyFrame(2, image(200), 1)))
          .isEqualTo(latents(pipeline, plain()));
    }
  }

  @ParameterizedTest
  @MethodSource("solvers")
  void keyFramesOfWeightZeroAreTheirImages(SchedulerFactory solver) {
    try (TextToVideoPipeline pipeline = builder().scheduler(solver).build()) {
      Video held =
          pipeline.generate(
              plain()
                  .keyFrame(0, image(10))
                  .keyFrame(1, image(90))
                  .keyFrame(2, image(200))
                  .build());
      Video roundTrip =
          pipeline.generate(
              request("x")
                  .initVideo(video(10, 90, 200))
                  .initPosterior(Posterior.MEAN)
                  .strength(0)
                  .build());
      assertThat(held.rgb()).isEqualTo(roundTrip.rgb());
    }
  }

  @Test
  void aFrameGoesTheFurtherFromItsImageTheLargerItsWeight() {
    float[] image =
        latents(
            request("x").initVideo(video(10, 10, 10)).initPosterior(Posterior.MEAN).strength(0));
    for (double[] weights : new double[][] {{0, 0.25}, {0.25, 0.75}, {0.5, 1}}) {
      double near = 0;
      double far = 0;
      for (long seed = 1; seed <= 4; seed++) {
        near += distanceToImage(image, seed, weights[0]);
        far += distanceToImage(image, seed, weights[1]);
      }
      assertThat(near).as("weights %s", List.of(weights[0], weights[1])).isLessThan(far);
    }
  }

  private static double distanceToImage(float[] image, long seed, double weight) {
    GenerationRequest.Builder request =
        request("a red circle").frames(FRAMES).seed(seed).keyFrame(1, image(10), weight);
    return distance(frame(latents(request), 1), frame(image, 1));
  }

  /** White to the right of a column. */
  private static BufferedImage freeFrom(int column) {
    BufferedImage mask = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = column; x < WIDTH; x++) {
        mask.getRaster().setSample(x, y, 0, 255);
      }
    }
    return mask;
  }

  @Test
  void aMaskHoldsWhatIsBlackAndLeavesWhatIsWhite() {
    float[] held = frame(latents(plain().keyFrame(1, image(10))), 1);
    float[] black = frame(latents(plain().keyFrame(1, image(10), 0, freeFrom(WIDTH))), 1);
    float[] half = frame(latents(plain().keyFrame(1, image(10), 0, freeFrom(WIDTH / 2))), 1);
    float[] white = latents(plain().keyFrame(1, image(10), 0, freeFrom(0)));

    assertThat(black).as("all of it").isEqualTo(held);
    assertThat(white).as("nothing").isEqualTo(latents(plain()));
    int columns = WIDTH / CELL;
    int same = 0;
    for (int i = 0; i < half.length; i++) {
      boolean isHeld = i % columns < columns / 2;
      if (isHeld) {
        assertThat(half[i]).as("cell %s", i).isEqualTo(held[i]);
      } else if (half[i] == held[i]) {
        same++;
      }
    }
    assertThat(same).as("free cells that are the image's").isLessThan(half.length / 20);
  }

  @Test
  void aMaskOfAVideoIsOnEachVideoOfABatch() {
    GenerationRequest.Builder both =
        request("a red circle", "a red circle").frames(FRAMES).size(WIDTH, HEIGHT).seed(5);
    NdArray latents =
        pipeline.prepare(both.keyFrame(1, image(10), 0.4, freeFrom(WIDTH / 2)).build()).toLatents();
    float[] alone = latents(plain().keyFrame(1, image(10), 0.4, freeFrom(WIDTH / 2)));
    assertThat(latents.entry(0).values()).isEqualTo(alone);
    assertThat(latents.entry(1).values()).isEqualTo(alone);
  }

  @Test
  void anImageHoldsTheFirstFrameAndComesOutTheSameInABatch() {
    float[] alone = latents(plain().initImage(image(10)));
    float[] batch =
        latents(
            request("a blue square", "a red circle")
                .frames(FRAMES)
                .seeds(List.of(9L, 5L))
                .initImage(image(10)));
    assertClose(batch, alone.length, alone);
    assertThat(distance(alone, latents(plain()))).isGreaterThan(0.1);
  }

  @Test
  void recordsKeyFrames() {
    Video made = pipeline.generate(plain().initImage(image(10), List.of(0.0, 0.5)).build());
    String hash = ContentHash.of(video(10));
    assertThat(made.provenance().properties())
        .containsEntry(
            Provenance.KEY_FRAMES,
            List.of(
                Map.of("frame", 0, "weight", 0.0, "image", hash),
                Map.of("frame", 1, "weight", 0.5, "image", hash)));
  }

  private record Plugged(LatentConstraintRun run) implements LatentConstraint {
    @Override
    public String name() {
      return "Plugged";
    }

    @Override
    public Map<String, Object> config() {
      return Map.of("strict", true);
    }

    @Override
    public LatentConstraintRun newRun() {
      return run;
    }
  }

  @Test
  void aConstraintIsCalledBeforeTheFirstStepAndAfterEach() {
    List<Integer> indices = new ArrayList<>();
    Plugged constraint =
        new Plugged(
            (latents, index, plan, noise) -> {
              indices.add(index);
              return index == plan.timesteps().length ? latents.sub(latents) : latents;
            });
    GenerationRequest.Builder request = plain().constraint(constraint);
    assertThat(latents(request)).containsOnly(0);
    assertThat(indices).containsExactly(0, 1, 2, 3, 4);
    assertThat(pipeline.generate(request.build()).provenance().properties())
        .containsEntry(Provenance.CONSTRAINT, "Plugged")
        .containsEntry(Provenance.CONSTRAINT_CONFIG, Map.of("strict", true));
  }

  @Test
  void aConstraintThatBreaksItsContractIsNamed() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                latents(
                    plain()
                        .constraint(
                            new Plugged((latents, index, plan, noise) -> latents.narrow(0, 0, 1)))))
        .withMessageContaining("Plugged.newRun().constrain returned the shape [1, 4, ");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                latents(
                    plain()
                        .constraint(
                            new Plugged(
                                (latents, index, plan, noise) -> latents.mul_(new Scalar(2.0))))))
        .withMessageContaining("Plugged.newRun().constrain changed a tensor");
  }

  @Test
  void refusesWhatItCannotStartFrom() {
    assertRefused(() -> request("x").strength(Double.NaN), "strength is NaN, expected 0 to 1");
    assertRefused(() -> request("x").strength(1.1), "strength is 1.1, expected 0 to 1");
    assertRefused(() -> request("x").initVideos(List.of()), "initVideos is empty");
    assertRefused(
        () -> request("x").keyFrame(0, image(1), 1.5),
        "the weight of a key frame is 1.5, expected 0 to 1");
    assertRefused(() -> request("x").keyFrame(-1, image(1)), "the index of a key frame is -1");
    assertRefused(
        () ->
            request("x")
                .keyFrame(2, image(1), 0, new BufferedImage(3, 4, BufferedImage.TYPE_INT_RGB)),
        "the mask of key frame 2 is 3 × 4, expected 16 × 24 as its image");
    assertRefused(() -> request("x").initImage(image(1), List.of()), "weights is empty");
    BufferedImage glass = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_ARGB);
    assertRefused(() -> request("x").initImage(glass), "the image is transparent at x = 0, y = 0");
    assertContradicts(
        request("x").strength(0.5), "strength = 0.5 is set without initVideo or initLatents");
    assertContradicts(
        request("x").initPosterior(Posterior.MEAN),
        "initPosterior = MEAN is set without initVideo");
    assertContradicts(
        request("x").initVideo(video(1, 2)).frames(3),
        "frames is 3, but the video to start from has 2: leave frames out, or cut the video");
    assertContradicts(
        request("x").initVideo(video(1)).size(32, 32),
        "the video to start from is 16 x 24, expected the video's size, 32 x 32: resize it with");
    assertContradicts(
        request("x").initImage(image(1)).size(32, 32),
        "key frame 0 is 16 x 24, expected the video's size, 32 x 32: scale the image");
    assertContradicts(
        request("x").frames(3).keyFrame(3, image(1)),
        "key frame 3 is not in the clip, which has frames 0 to 2");
    assertContradicts(
        request("x", "y", "z").initVideos(List.of(video(1), video(2))),
        "initVideos has 2 entries, expected 1 or 3");
    assertContradicts(
        request("x", "y").initVideos(List.of(video(1), video(2, 3))), "expected one size");
    NdArray latents = NdArray.of(new long[] {1, 4, 2, 2, 2}, new float[32]);
    assertContradicts(
        request("x").initVideo(video(1, 2)).initLatents(latents), "expected one of them");
    assertContradicts(request("x").frames(2).latents(latents).initLatents(latents), "one of them");
    assertContradicts(request("x").frames(3).initLatents(latents), "expected [1, channels, 3,");
  }

  private static void assertRefused(Runnable setter, String message) {
    assertThatIllegalArgumentException().isThrownBy(setter::run).withMessageContaining(message);
  }

  private static void assertContradicts(GenerationRequest.Builder request, String message) {
    assertThatIllegalStateException().isThrownBy(request::build).withMessageContaining(message);
  }

  @Test
  void refusesASizeThatTheAutoencoderCannotCode() {
    byte[] frame = new byte[3 * 18 * 24];
    Video odd = Video.of(18, 24, 8, List.of(frame), Provenance.unknown());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline.prepare(request("x").initVideo(odd).build()))
        .withMessageContaining("width is 18, expected a multiple of 4, such as 16 or 20")
        .withMessageContaining("FrameResize");
  }

  @Test
  void aDecoderOfOnesOwnNeedsAnEncoderToStartFromFrames() {
    try (TextToVideoPipeline pipeline = builder().vaeDecoder(new StubDecoder(4)).build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pipeline.prepare(request("x").initVideo(video(1)).build()))
          .withMessageContaining("this pipeline has no encoder")
          .withMessageContaining("PipelineBuilder.vaeEncoder()");
    }
  }

  @Test
  void aWrappedEncoderThatBreaksItsContractIsNamed() {
    try (TextToVideoPipeline pipeline = builder().vaeEncoder(Halving::new).build()) {
      assertThatIllegalStateException()
          .isThrownBy(() -> pipeline.generate(request("x").initVideo(video(1)).build()))
          .withMessageContaining("Halving.encode().mean returned the shape [1, 2, 6, 4]");
    }
  }

  private record Halving(VaeEncoder encoder) implements VaeEncoder {
    @Override
    public LatentDistribution encode(Tensor images) {
      LatentDistribution whole = encoder.encode(images);
      return new LatentDistribution(whole.mean().narrow(1, 0, 2), whole.logvar());
    }

    @Override
    public double scalingFactor() {
      return encoder.scalingFactor();
    }

    @Override
    public void close() {
      encoder.close();
    }
  }

  @Test
  void refusesToStartAmongRungeKuttaSteps() {
    PndmScheduler scheduler =
        PndmScheduler.fromConfig(
            new SchedulerConfig(PndmScheduler.NAME, Map.of("skip_prk_steps", false)));
    try (TextToVideoPipeline pipeline = builder().scheduler(scheduler).build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  pipeline.prepare(
                      GenerationRequest.builder("x").initVideo(video(1)).steps(8).build()))
          .withMessageContaining("PNDMScheduler cannot start after 4 steps")
          .withMessageContaining("skip_prk_steps");
    }
  }

  @Test
  void framesAreNoPlainValues() {
    assertThatIllegalStateException()
        .isThrownBy(() -> request("x").initVideo(video(1)).build().toProperties())
        .withMessageContaining("initVideos are frames and have no plain values");
    assertThatIllegalStateException()
        .isThrownBy(() -> request("x").initImage(image(1)).build().toProperties())
        .withMessageContaining("key frames are images and have no plain values");
    NdArray latents = NdArray.of(new long[] {1, 4, 2, 2, 2}, new float[32]);
    GenerationRequest request = request("x").initLatents(latents).strength(0.3).build();
    assertThat(GenerationRequest.fromProperties(request.toProperties())).isEqualTo(request);
  }
}
