package io.t2v.gpucheck;

import io.t2v.device.GpuOptimization;
import io.t2v.device.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All checks, what matters most before the rest: whether results are right, how long they take,
 * then what memory they take and how failures end.
 */
public final class Checks {
  private static final String FULL = "full-";

  private final List<Check> checks = new ArrayList<>();

  private Checks() {}

  /**
   * A checkpoint to check.
   *
   * @param subject of it
   * @param python an interpreter that has the reference; null for none
   * @param script that times the reference
   */
  public record Given(Subject subject, @Nullable Path python, Path script) {}

  /**
   * Lists the checks.
   *
   * @param bundled the miniature model
   * @param given a checkpoint of full size; null for none, whose checks then say what they lack
   * @return in the order in which they are run
   */
  public static List<Check> of(Subject bundled, @Nullable Given given) {
    Subject full = given == null ? null : given.subject();
    Checks all = new Checks();
    all.add(
        "environment",
        "what machine this is, and whether it computes",
        bundled,
        EnvironmentCheck::new);
    all.addParity("", bundled, bundled);
    all.addFeatures(bundled);
    all.add("tf32", "what TF32 does to float32", bundled, Tf32Check::new);
    all.add("graph", "CUDA graphs against eager steps", bundled, GraphCheck::new);
    all.addOptimizations("", bundled);
    all.add(
        "attention-kernels",
        "attention among frames by each of libtorch's kernels",
        bundled,
        AttentionKernelsCheck::new);
    all.add(
        FULL + "timing",
        "how long 16 frames of 256 x 256 take, in 25 steps",
        full,
        TimingCheck::new);
    all.add(FULL + "graph", "CUDA graphs against eager steps", full, GraphCheck::new);
    all.addOptimizations(FULL, full);
    all.add(
        FULL + "acceleration", "what cheaper steps save and change", full, AccelerationCheck::new);
    all.add(FULL + "batch", "several videos as one batch", full, BatchCheck::new);
    all.addParity(FULL, full, bundled);
    all.add(FULL + "tf32", "what TF32 does to float32", full, Tf32Check::new);
    all.addPolicies("", bundled, bundled);
    all.addShared("", bundled);
    all.addPolicies(FULL, full, bundled);
    all.add(
        FULL + "frames-64", "64 frames in the memory that was promised", full, LongVideoCheck::new);
    all.addShared(FULL, full);
    all.add(
        FULL + "reference",
        "how long the reference in Python takes for the same",
        given,
        present -> new ReferenceCheck(present.subject(), present.python(), present.script()));
    return all.checks;
  }

  private void addParity(String prefix, @Nullable Subject subject, Subject bundled) {
    for (Precision precision : Precision.concrete()) {
      add(
          prefix + "parity-" + precision,
          precision + " on " + bundled.lab().device() + " against float32 on the CPU",
          subject,
          present -> new ParityCheck(present, precision));
    }
  }

  private void addFeatures(Subject subject) {
    for (Feature feature : Feature.values()) {
      add("feature-" + feature, feature.about(), subject, feature::of);
    }
    add("feature-adapter", "a LoRA, and the model without it again", subject, AdapterCheck::new);
    add("feature-batch", "several videos as one batch", subject, BatchCheck::new);
  }

  private void addOptimizations(String prefix, @Nullable Subject subject) {
    for (GpuOptimization optimization : GpuOptimization.values()) {
      add(
          prefix + "optimization-" + optimization,
          "on and off: results, and times",
          subject,
          present -> new OptimizationCheck(present, optimization));
    }
  }

  private void addPolicies(String prefix, @Nullable Subject subject, Subject bundled) {
    Lab lab = bundled.lab();
    lab.access()
        .policies(lab.device())
        .forEach(
            (name, policy) ->
                add(
                    prefix + "policy-" + name,
                    "results and memory of offload policy " + name,
                    subject,
                    present -> new PolicyCheck(present, name, policy)));
  }

  private void addShared(String prefix, @Nullable Subject subject) {
    add(
        prefix + "refusal",
        "a request that does not fit, and the next one",
        subject,
        RefusalCheck::new);
    add(
        prefix + "out-of-memory",
        "memory that runs out in a generation, and the next one",
        subject,
        OutOfMemoryCheck::new);
    add(prefix + "handed-back", "device memory after closing", subject, CacheReleaseCheck::new);
  }

  private <S> void add(
      String name, String about, @Nullable S subject, Function<S, Check.Work> work) {
    checks.add(
        new Check(
            name,
            about,
            findings -> {
              if (subject == null) {
                throw new NotRunException(
                    "no checkpoint of full size was named: --checkpoint DIR; t2v random-checkpoint"
                        + " makes one");
              }
              work.apply(subject).run(findings);
            }));
  }
}
