package io.t2v.spring;

import static java.util.Objects.requireNonNull;

import io.t2v.TextToVideoPipeline;
import io.t2v.adapter.Adapter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.context.SmartLifecycle;

/**
 * The LoRAs of {@code t2v.loras}, and pipelines with them. A pipeline with other LoRAs has weights
 * of its own, so only the ones used last are kept; one that is in use is never closed. Thread-safe.
 *
 * <p>Stops behind the {@link VideoGenerator} and before the {@link PipelineLoader}, both of which
 * Spring finds by their dependencies.
 */
public final class LoraPipelines implements SmartLifecycle {
  private final Map<String, Adapter> adapters;
  private final PipelineLoader loader;
  private final int limit;

  /** From the least to the most recently used; guarded by itself. */
  private final Map<List<LoraChoice>, Adapted> kept = new LinkedHashMap<>(16, 0.75f, true);

  private volatile boolean running;

  private LoraPipelines(Map<String, Adapter> adapters, PipelineLoader loader, int limit) {
    this.adapters = adapters;
    this.loader = loader;
    this.limit = limit;
  }

  /** Reads the files of the properties, which needs no natives. */
  static LoraPipelines of(T2vProperties properties, PipelineLoader loader) {
    if (properties.maxLoraPipelines() < 1) {
      throw new IllegalArgumentException(
          "t2v.max-lora-pipelines is " + properties.maxLoraPipelines() + ", expected at least 1");
    }
    Map<String, Adapter> adapters = new TreeMap<>();
    properties.loras().forEach((name, lora) -> adapters.put(name, lora.load(name)));
    return new LoraPipelines(adapters, loader, properties.maxLoraPipelines());
  }

  /**
   * Returns the names of the LoRAs that are configured.
   *
   * @return sorted; empty for none
   */
  public List<String> names() {
    return List.copyOf(adapters.keySet());
  }

  /**
   * Checks that LoRAs are configured, without loading anything.
   *
   * @param loras chosen
   * @throws IllegalArgumentException if one is unknown, which lists the known ones, or given twice
   */
  public void require(List<LoraChoice> loras) {
    TreeSet<String> seen = new TreeSet<>();
    for (LoraChoice lora : loras) {
      if (!adapters.containsKey(lora.name())) {
        throw new IllegalArgumentException(
            "There is no LoRA \"%s\", expected %s."
                .formatted(
                    lora.name(),
                    adapters.isEmpty()
                        ? "none: none is configured"
                        : "one of " + String.join(", ", adapters.keySet())));
      }
      if (!seen.add(lora.name())) {
        throw new IllegalArgumentException(
            "The LoRA \"" + lora.name() + "\" is given more than once.");
      }
    }
  }

  /** The pipeline with these LoRAs beside its own, which stays open until the lease is closed. */
  Lease lease(List<LoraChoice> loras) {
    require(loras);
    TextToVideoPipeline plain = loader.get();
    if (loras.isEmpty()) {
      return new Lease(plain, () -> {});
    }
    synchronized (kept) {
      Adapted adapted = kept.get(loras);
      if (adapted == null) {
        closeIdle(limit - 1);
        adapted = new Adapted(plain.withAdapters(withOwn(plain, loras)));
        kept.put(List.copyOf(loras), adapted);
      }
      adapted.users++;
      Adapted leased = adapted;
      return new Lease(leased.pipeline, () -> release(leased));
    }
  }

  private List<Adapter> withOwn(TextToVideoPipeline plain, List<LoraChoice> loras) {
    List<Adapter> all = new ArrayList<>(plain.adapters());
    for (LoraChoice lora : loras) {
      Adapter adapter = requireNonNull(adapters.get(lora.name()));
      all.add(
          adapter
              .scale(adapter.scale() * lora.scale())
              .spatialScale(adapter.spatialScale() * lora.scale())
              .temporalScale(adapter.temporalScale() * lora.scale()));
    }
    return all;
  }

  private void release(Adapted adapted) {
    synchronized (kept) {
      adapted.users--;
      closeIdle(limit);
    }
  }

  /** Closes what was not used for longest, until as many are left or the others are in use. */
  private void closeIdle(int left) {
    Iterator<Adapted> oldest = kept.values().iterator();
    while (kept.size() > left && oldest.hasNext()) {
      Adapted adapted = oldest.next();
      if (adapted.users == 0) {
        oldest.remove();
        adapted.pipeline.close();
      }
    }
  }

  @Override
  public void start() {
    running = true;
  }

  /** Closes all pipelines with LoRAs; none is in use any more. */
  @Override
  public void stop() {
    synchronized (kept) {
      closeIdle(0);
    }
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** A pipeline, and how many generations it runs. */
  private static final class Adapted {
    private final TextToVideoPipeline pipeline;
    private int users;

    Adapted(TextToVideoPipeline pipeline) {
      this.pipeline = pipeline;
    }
  }

  /** A pipeline that is in use. */
  record Lease(TextToVideoPipeline pipeline, Runnable release) implements AutoCloseable {
    @Override
    public void close() {
      release.run();
    }
  }
}
