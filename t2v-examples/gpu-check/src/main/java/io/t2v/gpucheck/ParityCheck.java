package io.t2v.gpucheck;

import io.t2v.NdArray;
import io.t2v.device.Precision;
import io.t2v.ffmpeg.Difference;

/** The device against the CPU in float32, from the same seed. */
record ParityCheck(Subject subject, Precision precision) implements Check.Work {
  static final double FLOAT32_LATENTS = 1e-3;
  private static final double FLOAT16_LEVELS = 2;

  @Override
  public void run(Findings findings) {
    // The device first: if it is not there, nothing is computed.
    Outcome found = precision == Precision.FLOAT32 ? subject.plain() : subject.onDevice(precision);
    Outcome expected = subject.ofProcessor();
    Distance latents = Distance.of(found.latents(), expected.latents());
    Difference frames = Difference.between(found.video(), expected.video());
    latents.addTo(findings);
    findings.figure("framesMeanError", frames.mean());
    findings.figure("framesLargestError", frames.most());
    findings.figure("framesPsnr", Double.isInfinite(frames.psnr()) ? null : frames.psnr());
    findings.atMost("numbers of latents that are not finite", notFinite(found.latents()), 0);
    if (precision == Precision.FLOAT32) {
      findings.atMost("relative error of latents", latents.relative(), FLOAT32_LATENTS);
    }
    if (precision == Precision.FLOAT16) {
      findings.atMost("mean error of frames, in levels of 255", frames.mean(), FLOAT16_LEVELS);
    }
  }

  private static int notFinite(NdArray array) {
    int count = 0;
    for (float value : array.values()) {
      if (!Float.isFinite(value)) {
        count++;
      }
    }
    return count;
  }
}
