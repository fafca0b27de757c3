package io.t2v.gpucheck;

import io.t2v.GenerationRequest;
import io.t2v.NdArray;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.Precision;
import io.t2v.offload.OffloadPolicy;
import java.util.function.BiFunction;

/**
 * Something that a request may ask for: the device against the CPU, both in float32.
 *
 * @param subject of which model
 * @param request changes its request; given what the CPU makes of the plain one
 */
record FeatureCheck(
    Subject subject, BiFunction<GenerationRequest, Subject, GenerationRequest> request)
    implements Check.Work {
  @Override
  public void run(Findings findings) {
    Lab lab = subject.lab();
    GenerationRequest asked = request.apply(subject.workload().parity(), subject);
    NdArray found;
    // The device first: if it is not there, nothing is computed.
    try (TextToVideoPipeline pipeline = subject.open(Precision.FLOAT32, OffloadPolicy.none())) {
      found = lab.latents(pipeline, asked);
    }
    NdArray expected;
    try (TextToVideoPipeline pipeline = subject.onProcessor().build()) {
      expected = lab.latents(pipeline, asked);
    }
    Distance distance = Distance.of(found, expected);
    distance.addTo(findings);
    findings.atMost("relative error of latents", distance.relative(), ParityCheck.FLOAT32_LATENTS);
  }
}
