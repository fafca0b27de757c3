package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.io.Resources;
import io.t2v.Progress.Phase;
import io.t2v.device.Precision;
import io.t2v.guidance.GuidanceRun;
import io.t2v.guidance.LatentConstraint;
import io.t2v.guidance.LatentConstraintRun;
import io.t2v.internal.files.StateFile;
import io.t2v.internal.torch.CpuBfloat16;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.offload.Component;
import io.t2v.scheduler.DdimScheduler;
import io.t2v.scheduler.EulerAncestralDiscreteScheduler;
import io.t2v.scheduler.EulerDiscreteScheduler;
import io.t2v.scheduler.Noise;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.SchedulerFactory;
import io.t2v.scheduler.Schedulers;
import io.t2v.scheduler.Stateful;
import io.t2v.testing.ChildJvm;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubScheduler;
import io.t2v.testing.StubTextEncoder;
import io.t2v.testing.TinyPipeline;
import io.t2v.text.PromptSyntax;
import io.t2v.unet.LatentSize;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs that are stopped after a step and go on elsewhere end as those that nobody stopped. */
class SavedRunTest {
  private static final int STEPS = 7;

  @TempDir Path folder;

  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  static Stream<String> schedulers() {
    return Schedulers.names().stream();
  }

  @ParameterizedTest
  @MethodSource("schedulers")
  void everySchedulerEndsBitForBitWhereItWouldHaveEnded(String name) {
    GenerationRequest request =
        GenerationRequest.builder(List.of("one", "two"))
            .seeds(List.of(3L, 4L))
            .steps(STEPS)
            .eta(0.5)
            .frames(2)
            .build();
    SchedulerFactory factory = Schedulers.byName(name);
    List<SavedRun> afterEachStep = new ArrayList<>();
    NdArray undisturbed;
    try (TextToVideoPipeline pipeline = pipeline(factory)) {
      Path file = folder.resolve("run");
      Generation generation = pipeline.prepare(request).saveRunTo(file);
      onEachStep(generation, step -> afterEachStep.add(SavedRun.read(file)));
      undisturbed = pipeline.prepare(request).toLatents();
      assertThat(generation.toLatents()).as("saved, not resumed").isEqualTo(undisturbed);
    }
    assertThat(afterEachStep).hasSizeGreaterThanOrEqualTo(STEPS);
    for (SavedRun saved : afterEachStep) {
      assertThat(saved.step()).isEqualTo(afterEachStep.indexOf(saved) + 1);
      assertThat(saved.seeds()).containsExactly(3L, 4L);
      try (TextToVideoPipeline another = pipeline(factory)) {
        assertThat(another.resume(saved).toLatents())
            .as("resumed after step %s of %s", saved.step(), saved.steps())
            .isEqualTo(undisturbed);
      }
    }
  }

  private static void onEachStep(Generation generation, IntConsumer afterStep) {
    AtomicInteger last = new AtomicInteger();
    generation.onProgress(
        progress -> {
          if (progress.phase() == Phase.DENOISE && progress.done() > last.get()) {
            last.set(progress.done());
            afterStep.accept(progress.done());
          }
        });
  }

  private static TextToVideoPipeline pipeline(SchedulerFactory scheduler) {
    return TextToVideoPipeline.builder()
        .textEncoder(new StubTextEncoder(6))
        .denoiser(new StubDenoiser(6, new LatentSize(2, 3)))
        .vaeDecoder(new StubDecoder(4))
        .scheduler(scheduler)
        .threads(1)
        .build();
  }

  private static TextToVideoPipeline ddim() {
    return pipeline(DdimScheduler::fromConfig);
  }

  /** Runs until a step is saved, and returns the file. */
  private Path stoppedAfter(
      int step, SchedulerFactory scheduler, Function<TextToVideoPipeline, Generation> generation) {
    try (TextToVideoPipeline pipeline = pipeline(scheduler)) {
      return stoppedAfter(step, generation.apply(pipeline));
    }
  }

  private Path stoppedAfter(int step, Generation generation) {
    Path file = folder.resolve("run");
    CancellationToken token = new CancellationToken();
    onEachStep(
        generation.saveRunTo(file).cancelledBy(token),
        done -> {
          if (done == step) {
            token.cancel();
          }
        });
    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(generation::toLatents);
    return file;
  }

  @Test
  void goesOnWithWindowsCorrelatedNoiseAndATravellingPrompt() {
    GenerationRequest request =
        GenerationRequest.builder("dawn")
            .promptAt(9, "night")
            .frames(10)
            .steps(STEPS)
            .seed(2)
            .window(FrameWindow.of(4).overlap(1).shiftEachStep(true).correlatedNoise(true))
            .build();
    SchedulerFactory ancestral = EulerAncestralDiscreteScheduler::fromConfig;
    Path file = stoppedAfter(3, ancestral, p -> p.prepare(request));
    try (TextToVideoPipeline pipeline = pipeline(ancestral)) {
      SavedRun saved = SavedRun.read(file);
      assertThat(saved.request()).isEqualTo(request);
      assertThat(pipeline.resume(saved).toLatents())
          .isEqualTo(pipeline.prepare(request).toLatents());
    }
  }

  @Test
  void goesOnWithAPromptThatChangesFromStepToStep() {
    GenerationRequest request =
        GenerationRequest.builder("a [red:blue:0.7] [circle|square]")
            .promptSyntax(PromptSyntax.A1111)
            .steps(6)
            .frames(2)
            .seed(1)
            .build();
    try (TextToVideoPipeline pipeline = TinyPipeline.open(folder)) {
      Path file = stoppedAfter(3, pipeline.prepare(request));
      assertThat(pipeline.resume(SavedRun.read(file)).toLatents())
          .isEqualTo(pipeline.prepare(request).toLatents());
    }
  }

  /** Adds up how often it was called, and draws. */
  private record Drift() implements LatentConstraint {
    @Override
    public String name() {
      return "Drift";
    }

    @Override
    public Map<String, Object> config() {
      return Map.of();
    }

    @Override
    public LatentConstraintRun newRun() {
      return new Run();
    }

    private static final class Run implements LatentConstraintRun, Stateful {
      private Tensor sum = new Tensor();

      @Override
      public Tensor constrain(Tensor latents, int index, SamplingPlan plan, Noise noise) {
        Tensor drawn = noise.randnLike(latents).mul_(new Scalar(0.01));
        Tensor next = sum.defined() ? sum.add(drawn) : drawn;
        sum = next.retainReference();
        return latents.add(next);
      }

      @Override
      public Map<String, Tensor> stateDict() {
        return Map.of("sum", sum);
      }

      @Override
      public void loadStateDict(Map<String, Tensor> state) {
        sum = state.get("sum").retainReference();
      }

      @Override
      public void close() {
        sum.close();
      }
    }
  }

  @Test
  void goesOnFromAVideoWithKeyFramesAndAConstraint() {
    Path model = GoldenModel.write("two-levels", folder.resolve("model"));
    BufferedImage image = new BufferedImage(16, 24, BufferedImage.TYPE_INT_RGB);
    image.setRGB(3, 4, 0xff8020);
    byte[] frame = new byte[16 * 24 * 3];
    Arrays.fill(frame, (byte) 90);
    Video video = Video.of(16, 24, 8, List.of(frame, frame, frame), Provenance.unknown());
    GenerationRequest request =
        GenerationRequest.builder(List.of("a circle", "a square"))
            .initVideo(video)
            .strength(0.8)
            .keyFrame(1, image, 0.4)
            .constraint(new Drift())
            .steps(6)
            .eta(1)
            .seeds(List.of(7L, 8L))
            .build();
    NdArray undisturbed;
    Path file;
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder().checkpoint(model).threads(1).build()) {
      undisturbed = pipeline.prepare(request).toLatents();
      file = stoppedAfter(2, pipeline.prepare(request));
    }
    SavedRun saved = SavedRun.read(file);
    assertThat(saved.steps()).isEqualTo(4);
    assertThatExceptionOfType(SavedRunException.class)
        .isThrownBy(saved::request)
        .withMessageContaining("holds initVideo, keyFrames, constraint, of which");
    List<Progress> events = new ArrayList<>();
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder().checkpoint(model).threads(1).build()) {
      NdArray resumed = pipeline.prepare(request).resume(saved).onProgress(events::add).toLatents();
      assertThat(resumed).isEqualTo(undisturbed);
    }
    assertThat(events.stream().filter(e -> e.phase() == Phase.ENCODE_IMAGE))
        .as("the key frame alone")
        .allMatch(e -> e.total() == 1);
    assertThat(events.stream().filter(e -> e.phase() == Phase.DENOISE).mapToInt(Progress::done))
        .startsWith(2)
        .endsWith(4);
    assertThat(events.stream().map(Progress::fraction).toList()).isSorted();
  }

  @Test
  void decodesWhatIsDenoisedAlreadyAndKeepsTheSeedThatWasDrawn() {
    GenerationRequest request = GenerationRequest.builder("a panda").steps(2).frames(2).build();
    Path file = folder.resolve("run");
    Video first;
    try (TextToVideoPipeline pipeline = ddim()) {
      first = pipeline.prepare(request).saveRunTo(file).toVideo();
    }
    StubDenoiser denoiser = new StubDenoiser(6, new LatentSize(2, 3));
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder()
            .textEncoder(new StubTextEncoder(6))
            .denoiser(denoiser)
            .vaeDecoder(new StubDecoder(4))
            .scheduler(DdimScheduler::fromConfig)
            .threads(1)
            .build()) {
      Video again = pipeline.resume(SavedRun.read(file)).toVideo();
      assertThat(again.rgb()).isEqualTo(first.rgb());
      assertThat(again.provenance().properties()).isEqualTo(first.provenance().properties());
    }
    assertThat(denoiser.predictions()).isZero();
  }

  @Test
  void goesOnWithAProcessThatWasKilled() throws Exception {
    int step = 1 + new Random().nextInt(Killed.LAST - 1);
    Path file = folder.resolve("run");
    ChildJvm child =
        ChildJvm.start(
            folder,
            List.of("-cp", ChildJvm.classPath(), Killed.class.getName(), folder.toString()));
    String line = "step " + step + System.lineSeparator();
    while (!child.output().contains(line)) {
      assertThat(child.isAlive()).as(child.output()).isTrue();
      Thread.sleep(1);
    }
    child.kill();

    try (TextToVideoPipeline pipeline = TinyPipeline.open(folder.resolve("again"))) {
      SavedRun saved = SavedRun.read(file);
      assertThat(saved.step()).isGreaterThanOrEqualTo(step);
      assertThat(pipeline.resume(saved).toLatents())
          .as("killed in step %s, saved after step %s", step, saved.step())
          .isEqualTo(pipeline.prepare(Killed.request()).toLatents());
    }
  }

  /** A process that is killed while it generates. */
  static final class Killed {
    static final int LAST = 25;

    public static void main(String[] arguments) throws IOException {
      Path folder = Path.of(arguments[0]);
      try (TextToVideoPipeline pipeline = TinyPipeline.open(folder)) {
        pipeline
            .prepare(request())
            .saveRunTo(folder.resolve("run"))
            .onProgress(
                progress -> {
                  if (progress.phase() == Phase.DENOISE && progress.fraction() > 0) {
                    System.out.println("step " + progress.done());
                  }
                  while (progress.done() == LAST) {
                    Thread.onSpinWait(); // until it is killed
                  }
                })
            .toLatents();
      }
    }

    static GenerationRequest request() {
      return TinyPipeline.request().steps(LAST + 1).eta(1).build();
    }
  }

  @Test
  void refusesOtherRequestsModelsAndSchedulersByName() {
    GenerationRequest request =
        GenerationRequest.builder("a panda").steps(STEPS).frames(2).seed(1).build();
    SavedRun saved =
        SavedRun.read(stoppedAfter(2, DdimScheduler::fromConfig, p -> p.prepare(request)));
    try (TextToVideoPipeline pipeline = ddim()) {
      assertRefused(
          pipeline.prepare(request.toBuilder().steps(9).build()),
          saved,
          "steps is 9, but was " + STEPS);
      assertRefused(
          pipeline.prepare(request.toBuilder().seed(2).build()),
          saved,
          "seeds are [2], but were [1]");
      assertRefused(
          pipeline.prepare(request.toBuilder().guidanceScale(3).build()),
          saved,
          "guidanceScale is 3.0, but was 9.0");
      float[] noise = new float[4 * 2 * 2 * 3];
      assertRefused(
          pipeline.prepare(
              request.toBuilder().latents(NdArray.of(new long[] {1, 4, 2, 2, 3}, noise)).build()),
          saved,
          "digests.latents is ");
    }
    try (TextToVideoPipeline pipeline = pipeline(EulerDiscreteScheduler::fromConfig)) {
      assertRefused(
          pipeline.prepare(request), saved, "scheduler is EulerDiscreteScheduler, but was DDIM");
    }
    GoldenModel.write("one-level", folder.resolve("model"));
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder().checkpoint(folder.resolve("model")).build()) {
      assertRefused(pipeline.prepare(request), saved, "weights is ");
    }
  }

  private static void assertRefused(Generation generation, SavedRun saved, String message) {
    assertThatExceptionOfType(SavedRunException.class)
        .isThrownBy(() -> generation.resume(saved))
        .withMessageContaining("holds a run of other settings")
        .withMessageContaining(message);
  }

  /** One that was left to the library, and the same one by its name. */
  @Test
  void goesOnInTheSamePrecisionHoweverItWasChosen() {
    GenerationRequest request = TinyPipeline.request().build();
    GoldenModel.write("one-level", folder.resolve("tiny"));
    Path file = folder.resolve("run");
    try (TextToVideoPipeline auto = tiny().precision(Precision.auto()).build()) {
      auto.prepare(request).saveRunTo(file).toLatents();
    }
    SavedRun saved = SavedRun.read(file);
    PipelineBuilder byName =
        CpuBfloat16.ofThisMachine().supported()
            ? tiny()
                .precision(Precision.BFLOAT16)
                .precision(Component.TEXT_ENCODER, Precision.FLOAT32)
            : tiny().precision(Precision.FLOAT32);
    try (TextToVideoPipeline named = byName.build()) {
      named.resume(saved);
    }
    try (TextToVideoPipeline other = tiny().precision(Precision.INT8).build()) {
      assertRefused(other.prepare(request), saved, "dtype is int8, but was ");
    }
  }

  private PipelineBuilder tiny() {
    return TextToVideoPipeline.builder().checkpoint(folder.resolve("tiny")).threads(1);
  }

  @Test
  void goesOnWithOneSeedForSeveralVideos() {
    GenerationRequest request =
        GenerationRequest.builder(List.of("one", "two")).seed(3).steps(4).frames(2).build();
    SavedRun saved =
        SavedRun.read(stoppedAfter(2, DdimScheduler::fromConfig, p -> p.prepare(request)));
    try (TextToVideoPipeline pipeline = ddim()) {
      assertThat(pipeline.prepare(request).resume(saved).toLatents())
          .isEqualTo(pipeline.prepare(request).toLatents());
      assertRefused(
          pipeline.prepare(request.toBuilder().seed(4).build()),
          saved,
          "seeds are [4, 4], but were [3, 3]");
    }
  }

  @Test
  void tellsWeightsApartWhereverTheyLie() throws IOException {
    GenerationRequest request = TinyPipeline.request().build();
    Path file = folder.resolve("run");
    try (TextToVideoPipeline pipeline = TinyPipeline.open(folder.resolve("a"))) {
      pipeline.prepare(request).saveRunTo(file).toLatents();
    }
    SavedRun saved = SavedRun.read(file);
    try (TextToVideoPipeline elsewhere = TinyPipeline.open(folder.resolve("b"))) {
      elsewhere.prepare(request).resume(saved);
    }
    Path weights = folder.resolve("b/one-level/unet/diffusion_pytorch_model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    int header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
    bytes[Long.BYTES + header] ^= 1; // the first number
    Files.write(weights, bytes);
    try (TextToVideoPipeline changed =
        TextToVideoPipeline.builder().checkpoint(folder.resolve("b/one-level")).build()) {
      assertRefused(changed.prepare(request), saved, "weights is ");
    }
  }

  @Test
  void tellsLearnedWordsApartWhereverTheyLie() throws Exception {
    Path model = GoldenModel.write("four-levels", folder.resolve("model"));
    Path learned = Path.of(Resources.getResource("golden/prompts/learned/three.bin").toURI());
    Path moved = Files.copy(learned, folder.resolve("three.bin"));
    PipelineBuilder before =
        TextToVideoPipeline.builder().checkpoint(model).learnedWords(learned).threads(1);
    PipelineBuilder after =
        TextToVideoPipeline.builder().checkpoint(model).learnedWords(moved).threads(1);
    GenerationRequest request = TinyPipeline.request().build();
    Path file = folder.resolve("run");
    try (TextToVideoPipeline pipeline = before.build()) {
      pipeline.prepare(request).saveRunTo(file).toLatents();
    }
    SavedRun saved = SavedRun.read(file);
    try (TextToVideoPipeline elsewhere = after.build()) {
      elsewhere.prepare(request).resume(saved);
    }
    try (TextToVideoPipeline without =
        TextToVideoPipeline.builder().checkpoint(model).threads(1).build()) {
      assertRefused(without.prepare(request), saved, "learnedWords is absent, but was [");
    }
  }

  static Stream<Arguments> valuesOutOfRange() {
    return Stream.of(
        Arguments.of("steps", 0, "steps is 0, expected at least 1"),
        Arguments.of("steps", 1L << 40, "steps is 1099511627776, expected at most 2147483647"),
        Arguments.of("step", STEPS + 1, "step is 8, expected 1 to 7"),
        Arguments.of("seeds", List.of(), "seeds is empty, expected at least one"),
        Arguments.of("seeds", List.of(1, 2), "videos has 1 entries, expected 2"),
        Arguments.of("truncatedTexts", List.of(), "truncatedTexts has 0 entries, expected 1"),
        Arguments.of("settings", 3, "settings is 3, expected a map"));
  }

  @ParameterizedTest
  @MethodSource("valuesOutOfRange")
  void namesValuesOutOfRange(String name, Object value, String message) throws IOException {
    Path file = stoppedAfter(2, DdimScheduler::fromConfig, p -> p.prepare(request()));
    Map<String, Object> values = new HashMap<>(StateFile.read(file, "t2v-run-1").values());
    values.put(name, value);
    StateFile.write(file, "t2v-run-1", values, Map.of());
    assertUnreadable(file, file + " is damaged: " + message);
  }

  @Test
  void refusesDamagedTruncatedAndForeignFiles() throws IOException {
    Path file = stoppedAfter(2, DdimScheduler::fromConfig, p -> p.prepare(request()));
    byte[] whole = Files.readAllBytes(file);
    for (int position : new int[] {3, 60, whole.length / 2, whole.length - 1}) {
      byte[] damaged = whole.clone();
      damaged[position] ^= 1;
      assertUnreadable(Files.write(file, damaged), "");
    }
    for (int length : new int[] {0, 5, 100, whole.length - 1}) {
      assertUnreadable(Files.write(file, Arrays.copyOf(whole, length)), "no intact safetensors");
    }
    assertUnreadable(Files.writeString(file, "{\"step\": 3}"), "is text, not a safetensors");
    assertUnreadable(folder.resolve("missing"), "There is no file");
    Path model = GoldenModel.write("one-level", folder.resolve("model"));
    assertUnreadable(
        model.resolve("unet/diffusion_pytorch_model.safetensors"),
        "of the format pt, expected t2v-run-1");
  }

  private static GenerationRequest request() {
    return GenerationRequest.builder("a panda").steps(STEPS).frames(2).seed(1).build();
  }

  private static void assertUnreadable(Path file, String reason) {
    assertThatExceptionOfType(SavedRunException.class)
        .isThrownBy(() -> SavedRun.read(file))
        .withMessageContaining("No run can be resumed.")
        .withMessageContaining(file.toString())
        .withMessageContaining(reason);
  }

  @Test
  void refusesPlugInsThatDoNotSayWhatTheyRemember() {
    try (TextToVideoPipeline pipeline = pipeline(config -> new StubScheduler())) {
      Generation generation = pipeline.prepare(request());
      assertThatExceptionOfType(SavedRunException.class)
          .isThrownBy(() -> generation.saveRunTo(folder.resolve("run")))
          .withMessageContaining("the scheduler StubScheduler does not say what it remembers")
          .withMessageContaining("io.t2v.scheduler.Stateful");
    }
    try (TextToVideoPipeline pipeline = ddim()) {
      GenerationRequest other = request().toBuilder().guidance(new ForgetfulGuidance()).build();
      assertThatExceptionOfType(SavedRunException.class)
          .isThrownBy(() -> pipeline.prepare(other).saveRunTo(folder.resolve("run")))
          .withMessageContaining("the guidance Forgetful does not say");
    }
  }

  private record ForgetfulGuidance() implements io.t2v.guidance.Guidance {
    @Override
    public String name() {
      return "Forgetful";
    }

    @Override
    public Map<String, Object> config() {
      return Map.of();
    }

    @Override
    public GuidanceRun newRun() {
      return (negative, positive, step) -> new Tensor(positive);
    }
  }

  @Test
  void saysBeforeTheWorkThatAFileCannotBeWritten() {
    try (TextToVideoPipeline pipeline = ddim()) {
      assertThatExceptionOfType(SavedRunException.class)
          .isThrownBy(() -> pipeline.prepare(request()).saveRunTo(folder.resolve("no/run")))
          .withMessageContaining("does not exist; create it first");
    }
  }

  @Test
  void leavesNoNativeObjectsBehind() {
    try (TextToVideoPipeline pipeline = ddim()) {
      Path file = folder.resolve("run");
      pipeline.prepare(request()).saveRunTo(file).toLatents();
      NativeObjects before = NativeObjects.count();
      pipeline.prepare(request()).saveRunTo(file).toLatents();
      stoppedAfter(3, pipeline.prepare(request()));
      pipeline.resume(SavedRun.read(file)).toLatents();
      before.assertNoMore();
    }
  }
}
