package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;

/**
 * Holds the frames of a video until the last one is there, chooses one palette for all of them, and
 * encodes them in its colors. For one thread at a time.
 */
final class PaletteStage {
  private static final int COLOURS = 256;
  private static final int OPAQUE = 0xff << 24;

  private final PictureSize size;
  private final MedianCut colors = new MedianCut();
  private final List<byte[]> frames = new ArrayList<>();

  PaletteStage(PictureSize size) {
    this.size = size;
  }

  /** Returns how much of the Java heap a video takes: all of its frames, and counts of colors. */
  static long heapBytes(PictureSize size, int frames) {
    long pixels = (long) size.width() * size.height();
    return 3 * pixels * frames + pixels + (MedianCut.HEAP_BYTES + Dithering.HEAP_BYTES);
  }

  /** Keeps a frame. */
  void add(AVFrame rgb) {
    byte[] pixels = PixelReader.pixels(rgb);
    colors.add(pixels);
    frames.add(pixels);
  }

  /** Encodes all frames. */
  void finish(FrameEncoder encoder, Muxer muxer) throws FfmpegException, IOException {
    int[] palette = colors.palette(COLOURS);
    Dithering dithering = new Dithering(palette);
    AVFrame painted = PixelConverter.frame(size, PixelLayout.PALETTE);
    try {
      for (byte[] frame : frames) {
        Ffmpeg.check(av_frame_make_writable(painted), "make a frame writable");
        fill(painted, dithering.paint(frame, size), palette);
        encoder.encode(painted, muxer);
      }
    } finally {
      av_frame_free(painted);
    }
  }

  private void fill(AVFrame painted, byte[] indices, int[] palette) {
    BytePointer pixels = painted.data(0);
    for (int y = 0; y < size.height(); y++) {
      pixels.position((long) y * painted.linesize(0)).put(indices, y * size.width(), size.width());
    }
    IntPointer entries = new IntPointer(painted.data(1));
    for (int i = 0; i < COLOURS; i++) {
      entries.put(i, OPAQUE | palette[Math.min(i, palette.length - 1)]);
    }
  }
}
