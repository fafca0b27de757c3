package io.t2v.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.minimodel.MiniModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VideoBatchTest {
  private static final String PROMPT = "a red circle growing";

  @TempDir Path folder;

  @Test
  void makesAFileOfEachRowOnceAndTellsWhatIsWrongWithOthers() throws IOException {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
            .getOrCreate()) {
      VideoBatch batch =
          new VideoBatch(
              "mini",
              new MiniPipelines(folder.resolve("none").toString()),
              folder.resolve("videos").toUri().toString());
      List<Row> rows = List.of(Tables.row(1, PROMPT), Tables.row(2, " "), Tables.row(3, PROMPT));
      BatchMetrics metrics = BatchMetrics.in(spark.sparkContext());

      List<Row> results = batch.generate(Tables.of(spark, rows), metrics).collectAsList();

      assertThat(results)
          .extracting(row -> row.<String>getAs("id") + " " + row.<String>getAs("state"))
          .containsExactly("1 generated", "2 failed", "3 kept");
      assertThat(results.get(1).<String>getAs("error")).contains("prompt is blank");
      assertThat(results.get(0).<String>getAs("file"))
          .endsWith(Tables.videos(folder.resolve("videos")).get(0));
      assertThat(results.get(0).<Long>getAs("seed")).isEqualTo(results.get(2).<Long>getAs("seed"));
      assertThat(Tables.videos(folder.resolve("videos"))).hasSize(1);
      assertThat(metrics.opened().value()).isEqualTo(1);
    } finally {
      ExecutorPipelines.closeAll();
    }
  }

  private static PipelineOpener precise(Precision precision) {
    return (device, threads) -> MiniModel.pipeline().precision(precision).build();
  }

  @Test
  void batchesShareAPipelineOnlyIfNothingItDependsOnDiffers() {
    PipelineOpener exact = precise(Precision.FLOAT32);
    PipelineOpener small = precise(Precision.INT8);
    assertThat(ExecutorPipelines.digest(exact))
        .hasSize(64)
        .isEqualTo(ExecutorPipelines.digest(precise(Precision.FLOAT32)))
        .isNotEqualTo(ExecutorPipelines.digest(small))
        .isNotEqualTo(ExecutorPipelines.digest(new MiniPipelines("none")));
    AtomicInteger opened = new AtomicInteger();
    try {
      TextToVideoPipeline first = pipeline("mini", exact, 1, opened);
      assertThat(pipeline("mini", precise(Precision.FLOAT32), 1, opened)).isSameAs(first);
      assertThat(opened).hasValue(1);
      assertThat(pipeline("mini", small, 1, opened)).isNotSameAs(first);
      assertThat(pipeline("mini", exact, 2, opened)).isNotSameAs(first);
      assertThat(pipeline("mini-2", exact, 1, opened)).isNotSameAs(first);
      assertThat(opened).hasValue(4);
    } finally {
      ExecutorPipelines.closeAll();
    }
  }

  private static TextToVideoPipeline pipeline(
      String model, PipelineOpener opener, int threads, AtomicInteger opened) {
    ExecutorPipelines.Key key =
        new ExecutorPipelines.Key(
            model, ExecutorPipelines.digest(opener), ComputeDevice.cpu(), threads);
    return ExecutorPipelines.get(key, opener, opened::incrementAndGet);
  }

  @Test
  void namesFilesAfterWhatIsMadeAndNotHowTheTableSaysIt() {
    GenerationRequest request =
        new PromptRow(7L, Map.of("prompt", PROMPT, "steps", 50, "width", 64, "height", 64L))
            .request();
    GenerationRequest same =
        GenerationRequest.builder(PROMPT).size(64, 64).guidanceScale(9).build();
    String digest = PromptRow.digest(request, "model");

    assertThat(request).isEqualTo(same);
    assertThat(digest).isEqualTo(PromptRow.digest(same, "model")).hasSize(64);
    assertThat(digest)
        .isNotEqualTo(PromptRow.digest(same, "other"))
        .isNotEqualTo(PromptRow.digest(same.toBuilder().seed(1).build(), "model"));
    assertThat(PromptRow.withSeed(request, digest).seeds())
        .containsExactly(Long.parseLong(digest.substring(0, 8), 16));
    assertThat(PromptRow.withSeed(same.toBuilder().seed(1).build(), digest).seeds())
        .containsExactly(1L);
  }

  @Test
  void refusesColumnsThatAreNoSettings() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PromptRow(null, Map.of("prompt", PROMPT, "step", 3)).request())
        .withMessageContaining("step is no setting of a request");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PromptRow(null, Map.of("prompt", PROMPT, "width", 64)).request())
        .withMessageContaining("width and height are expected together");
  }

  @Test
  void computesOnTheGpuThatSparkAssigned() {
    assertThat(ExecutorPipelines.device(Map.of())).isEqualTo(ComputeDevice.cpu());
    assertThat(
            ExecutorPipelines.device(
                Map.of("gpu", new ResourceInformation("gpu", new String[] {"3"}))))
        .isEqualTo(ComputeDevice.cuda(3));
  }
}
