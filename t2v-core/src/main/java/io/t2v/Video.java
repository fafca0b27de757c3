package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static java.util.Objects.requireNonNull;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * A clip of 8-bit RGB frames with a constant frame rate, and the record of how it was made.
 *
 * <p>Immutable and safe for use by many threads. Frames live on the Java heap: {@code frames ×
 * height × width × 3} bytes.
 */
public final class Video {
  private final int width;
  private final int height;
  private final double framesPerSecond;
  private final byte[][] frames;
  private final Provenance provenance;

  private Video(
      int width, int height, double framesPerSecond, byte[][] frames, Provenance provenance) {
    this.width = width;
    this.height = height;
    this.framesPerSecond = framesPerSecond;
    this.frames = frames;
    this.provenance = provenance;
  }

  /**
   * Makes a video from packed frames, which are copied.
   *
   * @param width of a frame in pixels, at least 1
   * @param height of a frame in pixels, at least 1
   * @param framesPerSecond frame rate, finite and above 0
   * @param frames one array a frame, each {@code height × width × 3} bytes: red, green, blue, row
   *     by row from the top left; at least one
   * @param provenance how the frames came about
   * @return the video
   * @throws IllegalArgumentException if a size or the frame rate is out of range, or a frame has
   *     another length
   */
  public static Video of(
      int width, int height, double framesPerSecond, List<byte[]> frames, Provenance provenance) {
    checkArgument(width > 0, "width is %s, expected at least 1", width);
    checkArgument(height > 0, "height is %s, expected at least 1", height);
    checkFrameRate(framesPerSecond);
    checkArgument(!frames.isEmpty(), "a video needs at least one frame");
    long bytes = 3L * width * height;
    byte[][] copies = new byte[frames.size()][];
    for (int i = 0; i < copies.length; i++) {
      checkArgument(
          frames.get(i).length == bytes,
          "frame %s has %s bytes, expected %s × %s × 3 = %s",
          i,
          frames.get(i).length,
          height,
          width,
          bytes);
      copies[i] = frames.get(i).clone();
    }
    return new Video(width, height, framesPerSecond, copies, requireNonNull(provenance));
  }

  static void checkFrameRate(double framesPerSecond) {
    checkArgument(
        framesPerSecond > 0 && Double.isFinite(framesPerSecond),
        "framesPerSecond is %s, expected a finite number above 0",
        framesPerSecond);
  }

  /**
   * Returns the width.
   *
   * @return pixels
   */
  public int width() {
    return width;
  }

  /**
   * Returns the height.
   *
   * @return pixels
   */
  public int height() {
    return height;
  }

  /**
   * Returns the number of frames.
   *
   * @return at least 1
   */
  public int frameCount() {
    return frames.length;
  }

  /**
   * Returns the frame rate at which the video is meant to be shown.
   *
   * @return frames per second, above 0
   */
  public double framesPerSecond() {
    return framesPerSecond;
  }

  /**
   * Returns how long the video plays: frames divided by frame rate.
   *
   * @return the duration, to the nanosecond
   */
  public Duration duration() {
    return Duration.ofNanos(Math.round(frames.length * 1e9 / framesPerSecond));
  }

  /**
   * Returns how the video was made.
   *
   * @return prompt, seed, settings, versions and times
   */
  public Provenance provenance() {
    return provenance;
  }

  /**
   * Returns one frame as packed bytes.
   *
   * @param index from 0 to {@code frameCount() - 1}
   * @return a copy: {@code height × width × 3} bytes, red, green, blue, row by row from the top
   *     left
   * @throws IndexOutOfBoundsException if there is no such frame
   */
  public byte[] rgb(int index) {
    checkElementIndex(index, frames.length, "frame");
    return frames[index].clone();
  }

  /**
   * Returns all frames as packed bytes, one after the other.
   *
   * @return a copy: {@code frames × height × width × 3} bytes
   * @throws ArithmeticException if the clip has more bytes than a Java array can hold; {@link
   *     #rgb(int)} has no such limit
   */
  public byte[] rgb() {
    int frameBytes = frames[0].length;
    byte[] all = new byte[Math.multiplyExact(frames.length, frameBytes)];
    for (int i = 0; i < frames.length; i++) {
      System.arraycopy(frames[i], 0, all, i * frameBytes, frameBytes);
    }
    return all;
  }

  /**
   * Returns one frame as an image.
   *
   * @param index from 0 to {@code frameCount() - 1}
   * @return a new image of type {@link BufferedImage#TYPE_3BYTE_BGR}
   * @throws IndexOutOfBoundsException if there is no such frame
   */
  public BufferedImage image(int index) {
    checkElementIndex(index, frames.length, "frame");
    byte[] rgb = frames[index];
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    byte[] bgr = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    for (int i = 0; i < rgb.length; i += 3) {
      bgr[i] = rgb[i + 2];
      bgr[i + 1] = rgb[i + 1];
      bgr[i + 2] = rgb[i];
    }
    return image;
  }

  /**
   * Returns the frames as images, each made when it is asked for.
   *
   * @return an unmodifiable list with one image a frame; {@code get} makes a new image every time
   */
  public List<BufferedImage> images() {
    return new Images();
  }

  /**
   * Returns the same frames at another frame rate.
   *
   * @param framesPerSecond finite and above 0
   * @return a video that shares this one's frames
   * @throws IllegalArgumentException if the frame rate is out of range
   */
  public Video withFramesPerSecond(double framesPerSecond) {
    checkFrameRate(framesPerSecond);
    return new Video(width, height, framesPerSecond, frames, provenance);
  }

  /**
   * Returns the same video with frames of another size, stretched by the bicubic filter. {@link
   * FrameResize} has other filters, and crops or pads where the shape differs.
   *
   * @param width in pixels, 1 to {@link FrameResize#MAX_SIDE}
   * @param height in pixels, 1 to {@link FrameResize#MAX_SIDE}
   * @return the resized video
   * @throws IllegalArgumentException if the size is out of range
   */
  public Video resizedTo(int width, int height) {
    return FrameResize.to(width, height).apply(this);
  }

  @Override
  public String toString() {
    return "Video["
        + frames.length
        + " frames of "
        + width
        + "×"
        + height
        + " at "
        + framesPerSecond
        + " frames per second]";
  }

  private final class Images extends AbstractList<BufferedImage> implements RandomAccess {
    @Override
    public BufferedImage get(int index) {
      return image(index);
    }

    @Override
    public int size() {
      return frames.length;
    }
  }
}
