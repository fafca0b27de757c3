package io.t2v.gpucheck;

import io.t2v.GenerationRequest;
import io.t2v.Provenance;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.device.ComputeDevice;
import io.t2v.device.DeviceUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What machine this is, and whether anything at all can be computed on its device. */
record EnvironmentCheck(Subject subject) implements Check.Work {
  private static final List<String> OF_CARD =
      List.of(
          "index",
          "name",
          "driver_version",
          "memory.total",
          "memory.free",
          "compute_cap",
          "pcie.link.gen.max",
          "pcie.link.width.max");

  @Override
  public void run(Findings findings) {
    Lab lab = subject.lab();
    findings.figure("device", lab.device().toString());
    findings.figure("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    findings.figure("java", Runtime.version().toString());
    findings.figure("processors", Runtime.getRuntime().availableProcessors());
    if (lab.device().kind() == ComputeDevice.Kind.CUDA) {
      findings.figure("cards", cards(lab));
    }
    GenerationRequest request = subject.workload().parity().toBuilder().steps(1).frames(1).build();
    try (TextToVideoPipeline pipeline = subject.onDevice().build()) {
      Video video = lab.video(pipeline, request);
      Map<String, Object> made = video.provenance().properties();
      findings.figure("computedOn", made.get(Provenance.DEVICE));
      findings.figure("dtype", made.get(Provenance.DTYPE));
      findings.figure("versions", made.get(Provenance.VERSIONS));
      lab.access()
          .meter(lab.device())
          .ifPresent(meter -> findings.figure("availableBytes", meter.availableBytes()));
      findings.atLeast("frames computed on the device", video.frameCount(), 1);
    } catch (DeviceUnavailableException e) {
      // Elsewhere this leaves a check out; here it is what was to be found out.
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** What the driver's own program says of the cards; a reason where it is not there. */
  private static Object cards(Lab lab) {
    try {
      ChildProcess.Result result =
          ChildProcess.run(
              List.of(
                  "nvidia-smi",
                  "--query-gpu=" + String.join(",", OF_CARD),
                  "--format=csv,noheader"),
              Duration.ofSeconds(30),
              lab.token());
      if (result.code() != 0) {
        return "nvidia-smi failed: " + result.lastLine();
      }
      List<Object> cards = new ArrayList<>();
      for (String line : result.out().lines().toList()) {
        List<String> values = List.of(line.split(",\\s*", -1));
        Map<String, String> card = new LinkedHashMap<>();
        for (int i = 0; i < Math.min(values.size(), OF_CARD.size()); i++) {
          card.put(OF_CARD.get(i), values.get(i));
        }
        cards.add(card);
      }
      return cards;
    } catch (IOException e) {
      return "nvidia-smi could not be run: " + e.getMessage();
    }
  }
}
