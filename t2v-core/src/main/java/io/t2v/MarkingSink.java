package io.t2v;

import io.t2v.internal.watermark.FrameMarker;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Writes a watermark into frames on their way to another sink. */
final class MarkingSink implements FrameSink {
  private final FrameSink next;
  private final long payload;
  private @Nullable FrameMarker marker;

  MarkingSink(FrameSink next, long payload) {
    this.next = next;
    this.payload = payload;
  }

  @Override
  public void begin(VideoInfo clip) throws IOException {
    marker = new FrameMarker(clip.width(), clip.height(), payload);
    next.begin(clip);
  }

  @Override
  public void frame(byte[] rgb) throws IOException {
    if (marker == null) {
      throw new IllegalStateException("a frame came before its video began");
    }
    next.frame(marker.mark(rgb));
  }

  @Override
  public void end() throws IOException {
    next.end();
  }
}
