package io.t2v.spark;

import io.t2v.CancellationToken;
import io.t2v.ContentRefusedException;
import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.device.ComputeDevice;
import io.t2v.ffmpeg.VideoWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Makes the videos of one task's rows. A row that asks for something impossible becomes a row with
 * an error: thrown, it would be tried four times and end the whole job. What may go well on another
 * attempt or machine is thrown: files that cannot be written, memory that ran out.
 */
record GenerationTask(
    String model,
    PipelineOpener opener,
    String openerDigest,
    String folder,
    SerializableConfiguration hadoop,
    BatchMetrics metrics)
    implements FlatMapFunction<Iterator<Row>, Row> {
  private static final long serialVersionUID = 1;

  /** Columns of the results. */
  static final StructType RESULT =
      new StructType()
          .add("id", DataTypes.StringType)
          .add("state", DataTypes.StringType)
          .add("file", DataTypes.StringType)
          .add("seed", DataTypes.LongType)
          .add("seconds", DataTypes.DoubleType)
          .add("host", DataTypes.StringType)
          .add("device", DataTypes.StringType)
          .add("error", DataTypes.StringType);

  @Override
  public Iterator<Row> call(Iterator<Row> rows) throws IOException {
    List<Row> results = new ArrayList<>();
    while (rows.hasNext()) {
      results.add(generate(PromptRow.of(rows.next())));
    }
    return results.iterator();
  }

  private Row generate(PromptRow row) throws IOException {
    GenerationRequest request;
    try {
      request = row.request();
    } catch (IllegalArgumentException | IllegalStateException e) {
      return failed(row, e);
    }
    String digest = PromptRow.digest(request, model);
    String name = digest + ".mp4";
    VideoFolder videos = new VideoFolder(folder, hadoop);
    request = PromptRow.withSeed(request, digest);
    if (videos.has(name)) {
      metrics.kept().add(1);
      return result(row, "kept", videos.address(name), request, 0.0, null, null);
    }
    TaskContext task = TaskContext.get();
    ComputeDevice device = ExecutorPipelines.device(task.resourcesJMap());
    long start = System.nanoTime();
    Path local = Files.createTempFile(temporaryFolder(), "t2v-", ".mp4");
    try {
      VideoWriter.mp4().write(video(request, device, task), local);
      videos.put(local, name, task.taskAttemptId());
    } catch (IllegalArgumentException | ContentRefusedException e) {
      return failed(row, e);
    } finally {
      Files.deleteIfExists(local);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    metrics.generated().add(1);
    metrics.seconds().add(seconds);
    return result(row, "generated", videos.address(name), request, seconds, device, null);
  }

  /** The executor's own folder, which is deleted after it even if it was killed. */
  private static Path temporaryFolder() {
    return Path.of(SparkFiles.getRootDirectory());
  }

  /** Ends between two blocks of the network when the task is killed. */
  private Video video(GenerationRequest request, ComputeDevice device, TaskContext task) {
    ExecutorPipelines.Key key = new ExecutorPipelines.Key(model, openerDigest, device, task.cpus());
    TextToVideoPipeline pipeline =
        ExecutorPipelines.get(key, opener, () -> metrics.opened().add(1));
    CancellationToken token = new CancellationToken();
    return pipeline
        .prepare(request)
        .onProgress(
            progress -> {
              if (task.isInterrupted()) {
                token.cancel();
              }
            })
        .cancelledBy(token)
        .toVideo();
  }

  private Row failed(PromptRow row, RuntimeException e) throws IOException {
    metrics.failed().add(1);
    return result(row, "failed", null, null, 0.0, null, e.getMessage());
  }

  private static Row result(
      PromptRow row,
      String state,
      @Nullable String file,
      @Nullable GenerationRequest request,
      double seconds,
      @Nullable ComputeDevice device,
      @Nullable String error)
      throws IOException {
    return RowFactory.create(
        row.id() == null ? null : row.id().toString(),
        state,
        file,
        request == null ? null : request.seeds().get(0),
        seconds,
        InetAddress.getLocalHost().getHostName(),
        device == null ? null : device.toString(),
        error);
  }
}
