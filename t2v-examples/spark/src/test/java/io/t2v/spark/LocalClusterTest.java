package io.t2v.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two executors, each a JVM of its own. One of them dies in the middle of a clip.
 *
 * <p>Needs {@code SPARK_HOME}, a folder with an empty {@code jars} in it, and {@code
 * SPARK_SCALA_VERSION=2.13} in the environment: the profile {@code local-cluster} sets them.
 */
@Tag("local-cluster")
class LocalClusterTest {
  private static final int ROWS = 8;

  @TempDir Path folder;

  @Test
  void everyFileIsThereOnceThoughAnExecutorDiedAndARerunComputesNothing() throws IOException {
    Path bomb = Files.createFile(folder.resolve("bomb"));
    Path videos = folder.resolve("videos");
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      rows.add(Tables.row(i, "a red circle growing, number " + i));
    }
    rows.add(Tables.row(ROWS, ""));
    try (SparkSession spark = session()) {
      VideoBatch batch =
          new VideoBatch("mini", new MiniPipelines(bomb.toString()), videos.toUri().toString());
      BatchMetrics first = BatchMetrics.in(spark.sparkContext());
      List<Row> results = batch.generate(Tables.of(spark, rows), first).collectAsList();

      assertThat(bomb).doesNotExist();
      assertThat(results).extracting(row -> row.<String>getAs("state")).startsWith("generated");
      assertThat(states(results)).filteredOn("generated"::equals).hasSize(ROWS);
      assertThat(states(results).get(ROWS)).isEqualTo("failed");
      assertThat(Tables.videos(videos)).hasSize(ROWS);
      // Two executors, and the one that took the place of the dead one; its own count died with it.
      assertThat(first.opened().value()).isBetween(1L, 3L);

      BatchMetrics again = BatchMetrics.in(spark.sparkContext());
      List<Row> rerun = batch.generate(Tables.of(spark, rows), again).collectAsList();

      assertThat(states(rerun)).filteredOn("kept"::equals).hasSize(ROWS);
      assertThat(again.generated().value()).isZero();
      assertThat(again.opened().value()).isZero();
      assertThat(Tables.videos(videos)).hasSize(ROWS);
    }
  }

  private static List<String> states(List<Row> results) {
    return results.stream().map(row -> row.<String>getAs("state")).toList();
  }

  private SparkSession session() {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return SparkSession.builder()
        .master("local-cluster[2,1,1024]")
        .config("spark.executor.memory", "1g")
        .config("spark.executor.extraClassPath", classPath)
        .config("spark.executorEnv.OMP_NUM_THREADS", "1")
        .config("spark.ui.enabled", false)
        .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
        .getOrCreate();
  }
}
