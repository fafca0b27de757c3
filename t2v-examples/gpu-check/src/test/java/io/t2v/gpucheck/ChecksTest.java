package io.t2v.gpucheck;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.CancellationToken;
import io.t2v.GenerationRequest;
import io.t2v.NdArray;
import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.ComputeDevice;
import io.t2v.device.GpuOptimization;
import io.t2v.minimodel.MiniModel;
import io.t2v.offload.Component;
import io.t2v.offload.MemoryPlan;
import io.t2v.offload.OffloadPolicy;
import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.Scheduler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the checks make of a device that is made up: the CPU, with a meter of its memory. */
class ChecksTest {
  private static final GenerationRequest REQUEST =
      MiniModel.request("a red circle").frames(1).steps(1).guidanceScale(1).seed(0).build();
  private static final CheckRequests HELD =
      new CheckRequests(REQUEST, REQUEST, REQUEST, Optional.empty());

  private static Subject subject(
      DeviceAccess access, Supplier<PipelineBuilder> pipeline, CheckRequests workload) {
    return new Subject(
        Lab.of(ComputeDevice.cpu(), access, new CancellationToken()),
        pipeline,
        workload,
        MiniModel.folder());
  }

  private static Subject subject(DeviceAccess access) {
    return subject(access, MiniModel::pipeline, HELD);
  }

  private static Entry run(Check.Work work) throws IOException {
    return run(List.of(new Check("it", "", work))).get(0);
  }

  private static List<Entry> run(List<Check> checks) throws IOException {
    Report report = new Report(Map.of());
    new CheckRunner(report, null, Deadline.none(), line -> {}).run(checks);
    return report.entries();
  }

  private static long plannedWeights(MemoryPlan plan) {
    return plan.shares().stream()
        .filter(share -> share.component() == Component.DENOISER)
        .mapToLong(MemoryPlan.Share::weightBytes)
        .sum();
  }

  private static MemoryPlan planned(OffloadPolicy policy) {
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().offload(policy).build()) {
      return pipeline.plan(REQUEST);
    }
  }

  @ParameterizedTest
  @CsvSource({"1.2, 1.05, PASSED, 0", "1.3, 0.8, FAILED, 2"})
  void memoryIsHeldAgainstItsPlan(double peak, double weights, Status expected, int failures)
      throws IOException {
    MemoryPlan plan = planned(OffloadPolicy.component());
    FakeDevice device =
        new FakeDevice((long) (weights * plannedWeights(plan)), (long) (peak * plan.peakBytes()));

    Entry entry = run(new LongVideoCheck(subject(device)));

    assertThat(entry.status()).as(entry.why()).isEqualTo(expected);
    assertThat(entry.findings().bars()).hasSize(3);
    assertThat(entry.findings().bars())
        .filteredOn(bar -> bar.status() == Status.FAILED)
        .hasSize(failures)
        .allSatisfy(bar -> assertThat(bar.what()).contains("plan"));
    assertThat(entry.findings().figures()).containsEntry("plannedPeakBytes", plan.peakBytes());
  }

  @Test
  void weightsThatComeAndGoAreNotHeldAgainstThePlan() throws IOException {
    FakeDevice device = new FakeDevice(1, planned(OffloadPolicy.disk()).peakBytes());

    Entry entry = run(new PolicyCheck(subject(device), "streaming", OffloadPolicy.disk()));

    assertThat(entry.status()).as(entry.why()).isEqualTo(Status.PASSED);
    assertThat(entry.why()).contains("come and go");
    assertThat(entry.findings().figures()).containsEntry("latentsIdentical", true);
  }

  @Test
  void tooMuchMemoryFor64FramesFails() throws IOException {
    Entry entry = run(new LongVideoCheck(subject(new FakeDevice(1, 6 * FakeDevice.GIB))));

    assertThat(entry.status()).isEqualTo(Status.FAILED);
    assertThat(entry.why()).contains("peak device memory, in GiB is 6.0, expected at most 5.0");
  }

  @Test
  void barsThatDoNotApplyAreNotHeld() throws IOException {
    CheckRequests unheld = CheckRequests.of(REQUEST, "the model is small");
    FakeDevice device = new FakeDevice(1, 6 * FakeDevice.GIB);

    Entry entry = run(new LongVideoCheck(subject(device, MiniModel::pipeline, unheld)));

    assertThat(entry.status()).isEqualTo(Status.NOT_RUN);
    assertThat(entry.why()).contains("the model is small");
    assertThat(entry.findings().figures()).containsEntry("peakBytes", 6 * FakeDevice.GIB);
  }

  @Test
  void memoryThatRunsOutIsSurvived() throws IOException {
    FakeDevice device = new FakeDevice(100, 300);
    Supplier<PipelineBuilder> pipeline =
        () ->
            TextToVideoPipeline.builder()
                .checkpoint(MiniModel.folder())
                .threads(1)
                .scheduler(config -> new Exhausted(MiniModel.SCHEDULER.fromConfig(config), device));

    Entry entry = run(new OutOfMemoryCheck(subject(device, pipeline, HELD)));

    assertThat(entry.status()).as(entry.why()).isEqualTo(Status.PASSED);
    assertThat(entry.findings().figures())
        .containsEntry("capBytes", 150L)
        .hasEntrySatisfying(
            "failure", failure -> assertThat(failure).asString().contains("out of memory"));
    assertThat(device.capped).isFalse();
  }

  /** Runs out of memory under a cap. */
  private record Exhausted(Scheduler scheduler, FakeDevice device) implements Scheduler {
    @Override
    public String name() {
      return scheduler.name();
    }

    @Override
    public Map<String, Object> config() {
      return scheduler.config();
    }

    @Override
    public int trainTimesteps() {
      return scheduler.trainTimesteps();
    }

    @Override
    public SamplingPlan plan(PlanRequest request) {
      if (device.capped) {
        throw new IllegalStateException("out of memory");
      }
      return scheduler.plan(request);
    }
  }

  @Test
  void memoryThatDoesNotRunOutIsNoProof() throws IOException {
    FakeDevice device = new FakeDevice(100, 300);

    Entry entry = run(new OutOfMemoryCheck(subject(device)));

    assertThat(entry.status()).isEqualTo(Status.FAILED);
    assertThat(entry.why()).contains("generations that ran out of memory, and said so is 0.0");
  }

  @Test
  void graphsThatGiveTheSameFramesPass() throws IOException {
    Entry entry = run(new GraphCheck(subject(new FakeDevice(1, 1))));

    assertThat(entry.status()).as(entry.why()).isEqualTo(Status.PASSED);
    assertThat(entry.findings().figures()).containsKeys("eager", "graph");
  }

  @Test
  void anOptimizationIsHeldAgainstThePlainWayAndTimed() throws IOException {
    Subject subject = subject(new FakeDevice(1, 1));

    Entry found = run(new OptimizationCheck(subject, GpuOptimization.CHANNELS_LAST_GROUP_NORM));
    Entry missing = run(new OptimizationCheck(subject, GpuOptimization.BATCHED_DECODING));

    assertThat(found.status()).as(found.why()).isEqualTo(Status.PASSED);
    assertThat(found.findings().figures())
        .containsKeys("with", "without", "timesAsFast")
        .containsEntry("latentsIdentical", true);
    assertThat(found.findings().bars()).hasSize(2);
    assertThat(missing.status()).isEqualTo(Status.NOT_RUN);
    assertThat(missing.why()).isEqualTo("cpu has no batched-decoding");
  }

  /** Off for all that is float32, on for a while, and off again. */
  @Test
  void tf32IsOffButForItsOwnCheck() throws IOException {
    FakeDevice device = new FakeDevice(1, 1);

    Entry entry = run(new Tf32Check(subject(device)));

    assertThat(entry.status()).as(entry.why()).isEqualTo(Status.PASSED);
    assertThat(entry.findings().figures()).containsKeys("strictSeconds", "tf32Seconds");
    assertThat(device.tf32).containsExactly(false, false, true, false);
  }

  @Test
  void accelerationsAreFiguresAgainstTheFullRun() throws IOException {
    Entry entry = run(new AccelerationCheck(subject(new FakeDevice(1, 1))));

    assertThat(entry.status()).as(entry.why()).isEqualTo(Status.PASSED);
    assertThat(entry.findings().figures())
        .containsOnlyKeys("full", "caching", "guidanceWindow", "guidanceAgreement", "all");
    assertThat(entry.findings().figures().get("full"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("framesPsnr", "same")
        .containsKey("medianSeconds");
  }

  @Test
  void noCheckBeginsAfterTheDeadline() throws IOException {
    Report report = new Report(Map.of());
    Check check = new Check("late", "", findings -> findings.atLeast("never", 0, 1));

    new CheckRunner(report, null, Deadline.in(Duration.ZERO), line -> {}).run(List.of(check));

    assertThat(report.entries().get(0).status()).isEqualTo(Status.NOT_RUN);
    assertThat(report.entries().get(0).why()).contains("the time was up");
  }

  @Test
  void theTableHasBarsAndTimesInARow() throws IOException {
    Check fails =
        new Check(
            "fails",
            "",
            findings -> {
              findings.figure("eager", Map.of("medianSeconds", 1.25));
              findings.figure("words", "not shown");
              findings.atMost("error", 0.5, 0.1);
            });
    Check missing =
        new Check(
            "is-missing",
            "",
            findings -> {
              throw new NotRunException("there is none");
            });

    assertThat(Table.of(run(List.of(fails, missing))).lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .matches("fails       failed +[0-9.]+ s  error 0.500 \\(!\\), eager 1.25 s"),
            line -> assertThat(line).matches("is-missing  not run +[0-9.]+ s  there is none"));
  }

  @Test
  void memoryThatStaysAfterClosingFails() throws IOException {
    FakeDevice device = new FakeDevice(FakeDevice.GIB, FakeDevice.GIB);

    Entry entry = run(new CacheReleaseCheck(subject(device)));

    assertThat(entry.status()).isEqualTo(Status.FAILED);
    assertThat(entry.why()).contains("tensors left on the device, in MiB is 1024.0");
  }

  /** A program of Java's stands for Python: it prints a line, whatever it is asked for. */
  private static ReferenceCheck reference(Path folder, String printed) throws IOException {
    Path script = folder.resolve("Reference.java");
    Files.writeString(
        script,
        "class Reference { public static void main(String[] a) { System.out.print(\"%s\"); } }"
            .formatted(printed.replace("\"", "\\\"")));
    Path java = Path.of(ProcessHandle.current().info().command().orElseThrow());
    return new ReferenceCheck(subject(new LibraryAccess()), java, script);
  }

  @Test
  void timesAreHeldAgainstTheReference(@TempDir Path folder) throws IOException {
    Entry entry =
        run(
            reference(
                folder,
                "{\"eager\": {\"median_seconds\": 1e6}, \"compiled\": {\"median_seconds\":"
                    + " 1e-6}}"));

    assertThat(entry.status()).isEqualTo(Status.FAILED);
    assertThat(entry.findings().bars())
        .extracting(Bar::status)
        .containsExactly(Status.PASSED, Status.FAILED);
    assertThat(entry.why()).contains("compiled").doesNotContain("eager");
  }

  @Test
  void aReferenceThatIsNotInstalledIsNotRun(@TempDir Path folder) throws IOException {
    Entry entry = run(reference(folder, "{\"missing\": \"there is no diffusers\"}"));

    assertThat(entry.status()).isEqualTo(Status.NOT_RUN);
    assertThat(entry.why()).isEqualTo("there is no diffusers");
  }

  @Test
  void aCheckThatBreaksKeepsNoneFromRunning(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("report.json");
    Report report = new Report(Map.of());
    List<String> seen = new ArrayList<>();
    List<Check> checks =
        List.of(
            new Check(
                "breaks",
                "",
                findings -> {
                  findings.figure("found", 1);
                  seen.add(Files.readString(file));
                  throw new UnsatisfiedLinkError("no jnitorch");
                }),
            new Check("nan", "", findings -> findings.atMost("error", Double.NaN, 1)),
            new Check("holds", "", findings -> findings.atLeast("frames", 1, 1)));

    new CheckRunner(report, file, Deadline.none(), line -> {}).run(checks);

    assertThat(report.entries())
        .extracting(Entry::status)
        .containsExactly(Status.FAILED, Status.FAILED, Status.PASSED);
    assertThat(report.entries().get(0).why()).contains("no jnitorch");
    assertThat(report.entries().get(0).findings().figures()).containsKeys("found", "stack");
    assertThat(seen.get(0)).contains("breaks", "it has not ended");
    assertThat(file).content().isEqualToIgnoringNewLines(report.toJson());
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void distanceIsRelativeToWhatIsExpected() {
    NdArray expected = NdArray.of(new long[] {2}, new float[] {3, 4});
    NdArray found = NdArray.of(new long[] {2}, new float[] {3, 4.5f});

    assertThat(Distance.of(found, expected)).isEqualTo(new Distance(0.1, 0.125, false));
    assertThat(Distance.of(expected, expected)).isEqualTo(new Distance(0, 0, true));
  }
}
