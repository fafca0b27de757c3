package io.t2v.gpucheck;

import io.t2v.CancellationToken;
import io.t2v.GenerationRequest;
import io.t2v.NdArray;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.device.ComputeDevice;
import java.util.List;

/**
 * Where checks run.
 *
 * @param device that is checked; a real one
 * @param access to what is of devices
 * @param runs that are timed, beside the first one
 * @param token stops generations
 */
public record Lab(ComputeDevice device, DeviceAccess access, int runs, CancellationToken token) {
  /**
   * Checks the number of runs.
   *
   * @param device that is checked
   * @param access to what is of devices
   * @param runs at least 1
   * @param token stops generations
   * @throws IllegalArgumentException if there are no runs, or the device stands for another
   */
  public Lab {
    if (device.kind() == ComputeDevice.Kind.AUTO) {
      throw new IllegalArgumentException(
          "device auto leaves open what is checked, expected one such as cuda:0");
    }
    if (runs < 1) {
      throw new IllegalArgumentException("runs is " + runs + ", expected at least 1");
    }
  }

  /**
   * Makes a lab that times one run.
   *
   * @param device that is checked; a real one
   * @param access to what is of devices
   * @param token stops generations
   * @return the lab
   * @throws IllegalArgumentException if the device stands for another
   */
  public static Lab of(ComputeDevice device, DeviceAccess access, CancellationToken token) {
    return new Lab(device, access, 1, token);
  }

  /**
   * Makes a lab that times more runs.
   *
   * @param count at least 1
   * @return another lab
   * @throws IllegalArgumentException if it is below 1
   */
  public Lab withRuns(int count) {
    return new Lab(device, access, count, token);
  }

  NdArray latents(TextToVideoPipeline pipeline, GenerationRequest request) {
    return pipeline.prepare(request).cancelledBy(token).toLatents();
  }

  Video video(TextToVideoPipeline pipeline, GenerationRequest request) {
    return pipeline.prepare(request).cancelledBy(token).toVideo();
  }

  List<Video> videos(TextToVideoPipeline pipeline, GenerationRequest request) {
    return pipeline.prepare(request).cancelledBy(token).toVideos();
  }

  /** Of the device's products in float32; where there is no such choice, nothing. */
  void useTf32(boolean allowed) {
    access.tf32(device).ifPresent(choice -> choice.accept(allowed));
  }

  DeviceMeter requireMeter() {
    return access.meter(device).orElseThrow(() -> new NotRunException(noMeter()));
  }

  String noMeter() {
    return device.isCpu()
        ? "the CPU has no memory of its own that could be metered"
        : "the memory of " + device + " cannot be metered";
  }
}
