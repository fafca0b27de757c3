package io.t2v;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Collects frames into videos on the heap. */
final class VideoCollector {
  private record Part(VideoInfo clip, List<byte[]> frames) {}

  private final List<Part> parts = new ArrayList<>();

  /** Returns where the frames go. */
  FrameSink sink() {
    return new FrameSink() {
      @Override
      public void begin(VideoInfo clip) {
        parts.add(new Part(clip, new ArrayList<>(clip.frames())));
      }

      @Override
      public void frame(byte[] rgb) {
        parts.get(parts.size() - 1).frames().add(rgb);
      }

      @Override
      public void end() {}
    };
  }

  /**
   * Returns what was collected.
   *
   * @param timings of the whole run, which the clips could not have yet
   */
  List<Video> videos(Map<String, Duration> timings) {
    ImmutableList.Builder<Video> videos = ImmutableList.builder();
    for (Part part : parts) {
      VideoInfo clip = part.clip();
      videos.add(
          Video.of(
              clip.width(),
              clip.height(),
              clip.framesPerSecond(),
              part.frames(),
              new Provenance(clip.provenance().properties(), timings)));
    }
    return videos.build();
  }
}
