package io.t2v.spark;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Makes a video of each row of a table.
 *
 * <pre>{@code
 * VideoBatch batch = new VideoBatch("panda-1", opener, "s3a://videos/pandas");
 * batch.generate(spark.read().json("prompts.jsonl"), metrics).write().json("results");
 * }</pre>
 *
 * <p>Columns are named as settings of requests: {@code prompt}, and if wanted {@code
 * negativePrompt}, {@code seed}, {@code steps}, {@code guidanceScale}, {@code frames}, {@code
 * width} and {@code height}, ... ; a column {@code id} is handed on to the result. What is null is
 * not set.
 *
 * <p>A file's name is a digest of the row's settings and the model's name. Rows whose files exist
 * are kept, so a batch that is run again computes what is missing. Each executor JVM opens one
 * pipeline for each model name, opener, device and number of threads, which stays for later batches
 * of the same. All stay open until the executor ends, some 7 GB each for the published model: start
 * batches of another model on executors of their own. Results are small rows: files never go
 * through the driver.
 *
 * @param model name of what computes, for the names of files: choose another one when weights,
 *     adapters, precision, or the library, change what comes out
 * @param opener called once on each executor for each device and number of threads; openers are
 *     equal if they serialize to the same bytes
 * @param folder where files go, in any file system that Hadoop knows
 */
public record VideoBatch(String model, PipelineOpener opener, String folder) {
  /**
   * Describes the batch: it is computed when the result is written. Written twice, it is looked
   * through twice.
   *
   * @param prompts collected on the driver, since each row becomes a task of its own: a lost
   *     executor then costs at most one clip. For more than some 100,000, use several batches
   * @param metrics counts
   * @return one row a prompt: {@code id}, {@code state} ({@code generated}, {@code kept} or {@code
   *     failed}), {@code file}, {@code seed}, {@code seconds}, {@code host}, {@code device}, {@code
   *     error}
   */
  public Dataset<Row> generate(Dataset<Row> prompts, BatchMetrics metrics) {
    SparkSession session = prompts.sparkSession();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
    var rows = prompts.collectAsList();
    GenerationTask task =
        new GenerationTask(
            model,
            opener,
            ExecutorPipelines.digest(opener),
            folder,
            new SerializableConfiguration(context.hadoopConfiguration()),
            metrics);
    return session.createDataFrame(
        context.parallelize(rows, Math.max(1, rows.size())).mapPartitions(task),
        GenerationTask.RESULT);
  }
}
