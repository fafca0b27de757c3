package io.t2v.gpucheck;

import io.t2v.NdArray;
import io.t2v.TextToVideoPipeline;
import io.t2v.adapter.Adapter;
import io.t2v.device.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A LoRA of random numbers: the device against the CPU, and back to the model without it. */
record AdapterCheck(Subject subject) implements Check.Work {
  private static final double SAME = 1e-5;
  private static final double CHANGED = 1e-4;

  @Override
  public void run(Findings findings) throws IOException {
    NdArray without = subject.plain().latents();
    Path file = Files.createTempFile("t2v-", ".safetensors");
    try {
      RandomLora.write(file, subject.folder());
      run(findings, Adapter.load(file), without);
    } finally {
      Files.delete(file);
    }
  }

  private void run(Findings findings, Adapter adapter, NdArray without) {
    Lab lab = subject.lab();
    NdArray found;
    try (TextToVideoPipeline pipeline =
        subject.onDevice().precision(Precision.FLOAT32).adapter(adapter).build()) {
      found = lab.latents(pipeline, subject.workload().parity());
      try (TextToVideoPipeline plain = pipeline.withAdapters(List.of())) {
        NdArray again = lab.latents(plain, subject.workload().parity());
        findings.atMost(
            "relative error of latents once it is taken away",
            Distance.of(again, without).relative(),
            SAME);
      }
    }
    NdArray expected;
    try (TextToVideoPipeline pipeline = subject.onProcessor().adapter(adapter).build()) {
      expected = lab.latents(pipeline, subject.workload().parity());
    }
    Distance distance = Distance.of(found, expected);
    distance.addTo(findings);
    findings.atMost("relative error of latents", distance.relative(), ParityCheck.FLOAT32_LATENTS);
    findings.atLeast(
        "relative change of latents by it", Distance.of(found, without).relative(), CHANGED);
  }
}
