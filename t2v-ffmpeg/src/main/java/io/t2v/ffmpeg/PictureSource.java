package io.t2v.ffmpeg;

import java.io.IOException;
import java.util.Optional;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * Makes pictures of a file's frames: the right way up, of the size that was asked for.
 *
 * <p>Owns native converters; for one thread at a time.
 */
final class PictureSource implements AutoCloseable {
  private final InputFile input;
  private final ReadOptions options;
  private final PixelReader pixels;
  private @Nullable Orientation ofFile;

  PictureSource(InputFile input, ReadOptions options) {
    this.input = input;
    this.options = options;
    this.pixels = new PixelReader(options.filter);
  }

  /** Returns the size of the picture that {@link #read} makes of a frame. */
  PictureSize size(AVFrame frame) throws IOException {
    return options.kept(shown(frame));
  }

  /**
   * Returns the bytes of the Java heap that {@link #read} takes for a frame, its result included.
   */
  long heapBytes(AVFrame frame) throws FfmpegException, IOException {
    PictureSize scaled = options.scaled(shown(frame));
    PictureSize kept = options.kept(scaled);
    return scaled.bytes() * (orientation(frame) == Orientation.UPRIGHT ? 1 : 2)
        + (kept.equals(scaled) ? 0 : kept.bytes());
  }

  /** Makes a picture. */
  Picture read(AVFrame frame) throws FfmpegException, IOException {
    Orientation orientation = orientation(frame);
    PictureSize scaled = options.scaled(shown(frame));
    Picture stored = pixels.read(frame, orientation.apply(scaled));
    Picture upright = orientation.apply(stored);
    return options.size == null ? upright : upright.centredOn(options.size);
  }

  /** The size at which the frame would be shown, the right way up. */
  private PictureSize shown(AVFrame frame) throws IOException {
    double aspect = options.squarePixels ? input.pixelAspect(frame) : 1;
    int width = (int) Math.max(1, Math.min(1 << 16, Math.round(frame.width() * aspect)));
    return orientation(frame).apply(new PictureSize(width, frame.height()));
  }

  private Orientation orientation(AVFrame frame) throws IOException {
    Optional<Orientation> own = Orientation.of(frame);
    return own.isPresent() ? own.get() : ofFile();
  }

  private Orientation ofFile() throws IOException {
    if (ofFile == null) {
      ofFile =
          input.isPicture()
              ? ExifOrientation.read(input.file()).orElse(Orientation.UPRIGHT)
              : Orientation.UPRIGHT;
    }
    return ofFile;
  }

  @Override
  public void close() {
    pixels.close();
  }
}
