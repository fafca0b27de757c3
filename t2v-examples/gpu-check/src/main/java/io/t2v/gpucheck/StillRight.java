package io.t2v.gpucheck;

import io.t2v.NdArray;

/** Holds what a pipeline makes after a failure against what it makes otherwise. */
final class StillRight {
  private static final double SAME = 1e-5;

  private StillRight() {}

  static void hold(Findings findings, NdArray latents, Outcome expected) {
    Distance distance = Distance.of(latents, expected.latents());
    distance.addTo(findings);
    findings.atMost("relative error of the next latents", distance.relative(), SAME);
  }
}
