package io.t2v.spark;

import com.google.common.hash.Hashing;
import com.google.common.hash.HashingOutputStream;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.ComputeDevice;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.resource.ResourceInformation;

/**
 * The pipelines of this JVM. A pipeline in the closure of a job would be loaded for every task;
 * static state lives as long as the executor, across tasks and jobs.
 */
final class ExecutorPipelines {
  /**
   * All that a pipeline depends on.
   *
   * @param model its name
   * @param opener digest of what opens it, with all that it holds: weights, adapters, precision,
   *     ...
   * @param device where it computes
   * @param threads with how many threads
   */
  record Key(String model, String opener, ComputeDevice device, int threads) {}

  private static final Map<Key, TextToVideoPipeline> PIPELINES = new ConcurrentHashMap<>();

  private ExecutorPipelines() {}

  /** Returns the pipeline of a key; the first caller opens it, and it stays open with the JVM. */
  static TextToVideoPipeline get(Key key, PipelineOpener opener, Runnable onOpened) {
    return PIPELINES.computeIfAbsent(
        key,
        absent -> {
          TextToVideoPipeline opened = opener.open(key.device(), key.threads());
          onOpened.run();
          return opened;
        });
  }

  /**
   * Returns what tells openers apart: a digest of the serialized form, which is taken on the driver
   * so that all executors have the same.
   */
  static String digest(PipelineOpener opener) {
    try (HashingOutputStream hash =
        new HashingOutputStream(Hashing.sha256(), OutputStream.nullOutputStream())) {
      try (ObjectOutputStream objects = new ObjectOutputStream(hash)) {
        objects.writeObject(opener);
      }
      return hash.hash().toString();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the opener cannot be sent to executors: " + opener.getClass().getName() + ", " + e, e);
    }
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
