package io.t2v.cli.keyframes;

import io.t2v.testing.FuzzedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Any text is a list of weights of frames, or refused. */
public final class FrameWeightsFuzz implements FuzzedReader {
  @Override
  public Map<String, byte[]> start(Path folder) {
    return Map.of(
        "linear", "0:(0), \"max_i_f\":(1)".getBytes(StandardCharsets.UTF_8),
        "expression",
            "0:(0.5+0.5*sin(t/4)%2**-1),max_f/2:(min(s,exp(1)))".getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void read(byte[] input) {
    try {
      FrameWeights.parse(new String(input, StandardCharsets.UTF_8)).ofFrames(5, 9, 7);
    } catch (IllegalArgumentException e) {
      // refused, as it should be
    }
  }
}
