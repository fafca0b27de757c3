package io.t2v.spark;

import io.t2v.TextToVideoPipeline;
import io.t2v.device.ComputeDevice;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.resource.ResourceInformation;

/**
 * The pipelines of this JVM. A pipeline in the closure of a job would be loaded for every task;
 * static state lives as long as the executor, across tasks and jobs.
 */
final class ExecutorPipelines {
  private record Key(String model, ComputeDevice device) {}

  private static final Map<Key, TextToVideoPipeline> PIPELINES = new ConcurrentHashMap<>();

  private ExecutorPipelines() {}

  /** Returns the pipeline for a model on a device; the first caller opens it. */
  static TextToVideoPipeline get(
      String model, ComputeDevice device, int threads, PipelineOpener opener, Runnable onOpened) {
    return PIPELINES.computeIfAbsent(
        new Key(model, device),
        key -> {
          TextToVideoPipeline opened = opener.open(device, threads);
          onOpened.run();
          return opened;
        });
  }

  /**
   * Returns where a task computes.
   *
   * @param resources of the task; empty in local mode and on clusters without GPUs
   */
  static ComputeDevice device(Map<String, ResourceInformation> resources) {
    ResourceInformation gpu = resources.get("gpu");
    return gpu == null
        ? ComputeDevice.cpu()
        : ComputeDevice.cuda(Integer.parseInt(gpu.addresses()[0]));
  }

  /** Closes all pipelines of this JVM: for tests in local mode, where no executor ends. */
  static void closeAll() {
    PIPELINES.values().forEach(TextToVideoPipeline::close);
    PIPELINES.clear();
  }
}
