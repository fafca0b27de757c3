package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Resizes the frames of a video that is in memory, such as one that was just generated.
 *
 * <pre>{@code
 * Video large = FrameResize.to(1024, 576).filter(ResizeFilter.LANCZOS).fit(ResizeFit.CROP).apply(video);
 * }</pre>
 *
 * <p>The result is that of Pillow, the imaging library of Python, byte for byte: {@link
 * ResizeFit#STRETCH} is its {@code Image.resize}, {@link ResizeFit#CROP} its {@code ImageOps.fit},
 * {@link ResizeFit#PAD} its {@code ImageOps.pad}. Rows are resized first and rounded to 8 bits,
 * then columns. Colours are taken as they are, without turning them into linear light.
 *
 * <p>Immutable and safe for use by many threads; each call computes on the calling thread, on the
 * Java heap, and needs no native library.
 */
public final class FrameResize {
  /** The longest side of a frame. */
  public static final int MAX_SIDE = 16_384;

  private final int width;
  private final int height;
  private final ResizeFilter filter;
  private final ResizeFit fit;

  private FrameResize(int width, int height, ResizeFilter filter, ResizeFit fit) {
    this.width = width;
    this.height = height;
    this.filter = filter;
    this.fit = fit;
  }

  /**
   * Returns an operation that resizes frames to a size, with {@link ResizeFilter#BICUBIC} and
   * {@link ResizeFit#STRETCH}.
   *
   * @param width in pixels, 1 to {@link #MAX_SIDE}
   * @param height in pixels, 1 to {@link #MAX_SIDE}
   * @return the operation
   * @throws IllegalArgumentException if the size is out of range
   */
  public static FrameResize to(int width, int height) {
    checkArgument(
        Math.min(width, height) >= 1 && Math.max(width, height) <= MAX_SIDE,
        "size is %s×%s, expected sides from 1 to %s",
        width,
        height,
        MAX_SIDE);
    return new FrameResize(width, height, ResizeFilter.BICUBIC, ResizeFit.STRETCH);
  }

  /**
   * Returns the same operation with another filter.
   *
   * @param filter how pixels are weighed; by default {@link ResizeFilter#BICUBIC}
   * @return the operation
   */
  public FrameResize filter(ResizeFilter filter) {
    return new FrameResize(width, height, requireNonNull(filter), fit);
  }

  /**
   * Returns the same operation with another treatment of frames of another shape.
   *
   * @param fit what is done with them; by default {@link ResizeFit#STRETCH}
   * @return the operation
   */
  public FrameResize fit(ResizeFit fit) {
    return new FrameResize(width, height, filter, requireNonNull(fit));
  }

  /**
   * Resizes all frames of a video.
   *
   * @param video of any size
   * @return a video of the new size, with the same rate and provenance; the video itself if it has
   *     that size already
   */
  public Video apply(Video video) {
    if (video.width() == width && video.height() == height) {
      return video;
    }
    Resampler rows = rows(video);
    Resampler columns = columns(video);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < video.frameCount(); i++) {
      byte[] resized = columns.resizeColumns(rows.resizeRows(video.rgb(i)));
      frames.add(centred(resized, rows.newSize(), columns.newSize()));
    }
    return Video.of(width, height, video.framesPerSecond(), frames, video.provenance());
  }

  private Resampler rows(Video video) {
    return side(video.width(), video.height(), width, height, shape() * video.height());
  }

  private Resampler columns(Video video) {
    return side(video.height(), video.width(), height, width, video.width() / shape());
  }

  private double shape() {
    return (double) width / height;
  }

  /**
   * Chooses what becomes of one side.
   *
   * @param old this side of the frames
   * @param oldOther their other side
   * @param size this side of the new frames
   * @param other their other side
   * @param cropped how much of this side has the new shape
   */
  private Resampler side(int old, int oldOther, int size, int other, double cropped) {
    boolean isLonger = (long) old * other > (long) size * oldOther;
    boolean isShorter = (long) old * other < (long) size * oldOther;
    float from = 0;
    float to = old;
    int resized = size;
    if (fit == ResizeFit.CROP && isLonger) {
      double start = (old - cropped) * 0.5;
      from = (float) start;
      to = (float) (start + cropped);
    } else if (fit == ResizeFit.PAD && isShorter) {
      resized = (int) Math.max(1, Math.rint((double) old / oldOther * other));
    }
    return new Resampler(old, from, to, resized, filter);
  }

  /** Lays a picture on the middle of a black frame. */
  private byte[] centred(byte[] rgb, int columns, int rows) {
    if (columns == width && rows == height) {
      return rgb;
    }
    byte[] frame = new byte[3 * width * height];
    int left = (int) Math.rint((width - columns) * 0.5);
    int top = (int) Math.rint((height - rows) * 0.5);
    for (int y = 0; y < rows; y++) {
      System.arraycopy(rgb, 3 * y * columns, frame, 3 * ((top + y) * width + left), 3 * columns);
    }
    return frame;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FrameResize that
        && width == that.width
        && height == that.height
        && filter == that.filter
        && fit == that.fit;
  }

  @Override
  public int hashCode() {
    return Objects.hash(width, height, filter, fit);
  }

  @Override
  public String toString() {
    return "FrameResize[" + width + "×" + height + ", " + filter + ", " + fit + "]";
  }
}
