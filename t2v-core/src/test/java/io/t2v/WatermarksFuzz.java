package io.t2v;

import io.t2v.testing.FuzzedReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Frames of any size and content are searched for a watermark. */
public final class WatermarksFuzz implements FuzzedReader {
  private static final int MAX_SIDE = 72;

  @Override
  public Map<String, byte[]> start(Path folder) {
    byte[] frame = new byte[2 + 40 * 40 * 3];
    frame[0] = 40;
    frame[1] = 40;
    return Map.of("black", frame);
  }

  @Override
  public void read(byte[] input) {
    if (input.length < 2) {
      return;
    }
    int width = 1 + (input[0] & 0xff) % MAX_SIDE;
    int height = 1 + (input[1] & 0xff) % MAX_SIDE;
    byte[] frame = Arrays.copyOfRange(input, 2, 2 + width * height * 3);
    Watermark.read(Video.of(width, height, 8, List.of(frame), Provenance.unknown()));
  }
}
