package io.t2v.spark;

import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.ComputeDevice;
import io.t2v.scheduler.DpmSolverMultistepScheduler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/**
 * The program for spark-submit: {@code GenerateVideos PROMPTS CHECKPOINT VIDEOS RESULTS}.
 *
 * <p>PROMPTS are JSON lines, one object a video; CHECKPOINT is a folder that every executor sees,
 * or a name on a hub; files go to VIDEOS, a row about each to RESULTS.
 */
public final class GenerateVideos {
  private GenerateVideos() {}

  /**
   * Runs a batch. A row that asks for something impossible is told in RESULTS, and is no failure of
   * the program.
   *
   * @param arguments four, as in the class text
   * @throws IOException if Spark cannot be stopped
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 4) {
      throw new IllegalArgumentException(
          "expected PROMPTS CHECKPOINT VIDEOS RESULTS, got " + arguments.length + " arguments");
    }
    String checkpoint = arguments[1];
    try (SparkSession spark = SparkSession.builder().appName("t2v").getOrCreate()) {
      BatchMetrics metrics = BatchMetrics.in(spark.sparkContext());
      new VideoBatch(
              checkpoint, (device, threads) -> open(checkpoint, device, threads), arguments[2])
          .generate(spark.read().json(arguments[0]), metrics)
          .write()
          .json(arguments[3]);
      System.out.printf(
          "%d generated in %.0f seconds, %d kept, %d failed%n",
          metrics.generated().value(),
          metrics.seconds().value(),
          metrics.kept().value(),
          metrics.failed().value());
    }
  }

  private static TextToVideoPipeline open(String checkpoint, ComputeDevice device, int threads) {
    PipelineBuilder builder = TextToVideoPipeline.builder();
    Path folder = Path.of(checkpoint);
    return (Files.isDirectory(folder) ? builder.checkpoint(folder) : builder.checkpoint(checkpoint))
        .scheduler(DpmSolverMultistepScheduler::fromConfig)
        .device(device)
        .threads(threads)
        .build();
  }
}
