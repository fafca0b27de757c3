package io.t2v.spark;

import io.t2v.TextToVideoPipeline;
import io.t2v.device.ComputeDevice;
import java.io.Serializable;

/** Opens the pipeline of an executor: sent to it, and called there once. */
@FunctionalInterface
public interface PipelineOpener extends Serializable {
  /**
   * Opens a pipeline.
   *
   * @param device the GPU that Spark gave the task, or the CPU
   * @param threads CPU cores of a task, {@code spark.task.cpus}
   * @return a pipeline, which serves all tasks of the executor
   */
  TextToVideoPipeline open(ComputeDevice device, int threads);
}
