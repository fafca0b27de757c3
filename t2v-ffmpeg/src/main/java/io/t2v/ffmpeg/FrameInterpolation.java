package io.t2v.ffmpeg;

import static java.util.Objects.requireNonNull;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV444P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;

import io.t2v.Video;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * Raises the frame rate of a video by motion-compensated interpolation: inserts frames in which
 * moving objects have gone part of the way.
 *
 * <pre>{@code
 * Video smooth = FrameInterpolation.to(24).apply(video);   // 16 frames at 8 per second become 46
 * }</pre>
 *
 * <p>This is FFmpeg's filter {@code minterpolate}: it finds for each block of 16×16 pixels where it
 * came from and where it goes, and blends what lies on that way (overlapped block motion
 * compensation). Where the picture changes as a whole, at a cut, it repeats a frame instead. What
 * is smaller than a block, turns or changes its shape may smear.
 *
 * <p>A video of n frames becomes one of {@code round((n − 1) × factor) + 1}, where the factor is
 * the new rate divided by the video's: (n − 1) × 3 + 1 from 8 to 24. The first and the last frame
 * are the video's own, bit for bit, and so is every other one whose time is that of a frame of the
 * video: with a whole factor, all of the video's frames. Where (n − 1) × factor is not whole, the
 * frames lie evenly between the first and the last one, and the motion is up to half a new frame
 * longer or shorter. As the last frame has no next one to move to, it is shown for one new frame,
 * not for an old one: 16 frames at 8 per second last 2 seconds, the 46 at 24 that they become 1.92.
 *
 * <p>Memory: the new video on the Java heap, twice while it is made, and some ten frames of native
 * memory. Immutable and safe for use by many threads; each call computes on the calling thread.
 */
public final class FrameInterpolation {
  private static final int BLOCK = 16;
  private static final int MIN_SIDE = 4 * BLOCK;

  private static final PixelLayout YUV444 =
      new PixelLayout(AV_PIX_FMT_YUV444P, /* isRgb= */ false, /* needsEvenSize= */ false);

  private final double framesPerSecond;

  private FrameInterpolation(double framesPerSecond) {
    this.framesPerSecond = framesPerSecond;
  }

  /**
   * Returns an interpolation to a frame rate.
   *
   * @param framesPerSecond from 0.01 to 1000; at least that of the videos it is applied to
   * @return the interpolation
   * @throws IllegalArgumentException if the rate is out of range
   */
  public static FrameInterpolation to(double framesPerSecond) {
    if (!FrameRate.isValid(framesPerSecond)) {
      throw new IllegalArgumentException(
          "framesPerSecond is %s, expected %s to %s"
              .formatted(framesPerSecond, FrameRate.MIN, (int) FrameRate.MAX));
    }
    return new FrameInterpolation(framesPerSecond);
  }

  /**
   * Interpolates a video.
   *
   * @param video of any size
   * @return the video at the new rate, with the same provenance; the video itself if it has that
   *     rate already
   * @throws IllegalArgumentException if the video has a higher rate
   * @throws IllegalStateException if FFmpeg's native libraries are missing, or lack the filter
   */
  public Video apply(Video video) {
    requireNonNull(video);
    if (video.framesPerSecond() > framesPerSecond) {
      throw new IllegalArgumentException(
          ("framesPerSecond is %s, expected at least the video's own %s; frames can be put between,"
                  + " not left out")
              .formatted(framesPerSecond, video.framesPerSecond()));
    }
    if (video.framesPerSecond() == framesPerSecond || video.frameCount() == 1) {
      return video.withFramesPerSecond(framesPerSecond);
    }
    double factor = framesPerSecond / video.framesPerSecond();
    int steps = Math.toIntExact(Math.round((video.frameCount() - 1) * factor));
    try {
      return Video.of(
          video.width(),
          video.height(),
          framesPerSecond,
          new Run(video, steps).frames(),
          video.provenance());
    } catch (FfmpegException e) {
      throw new IllegalStateException("cannot interpolate the video: " + e.getMessage(), e);
    }
  }

  /** Interpolates one video. New frame i has the time of the video's frame i × old / steps. */
  private static final class Run {
    private final Video video;
    private final long old;
    private final long steps;
    private final PictureSize size;
    private final PictureSize padded;
    private final List<byte[]> made = new ArrayList<>();

    Run(Video video, int steps) {
      this.video = video;
      this.old = video.frameCount() - 1L;
      this.steps = steps;
      this.size = new PictureSize(video.width(), video.height());
      this.padded = new PictureSize(padded(size.width()), padded(size.height()));
    }

    /** The filter looks at whole blocks alone, and for each one at those around it. */
    private static int padded(int side) {
      return Math.max(MIN_SIDE, (side + BLOCK - 1) / BLOCK * BLOCK);
    }

    List<byte[]> frames() throws FfmpegException {
      AVFrame filtered = Ffmpeg.checkAllocated(av_frame_alloc(), "a frame");
      // One old frame is a second for the filter.
      try (PixelConverter toYuv =
              new PixelConverter(padded, padded, YUV444, ScalingFilter.LANCZOS);
          PixelReader toRgb = new PixelReader(ScalingFilter.LANCZOS);
          FilterGraph filter =
              new FilterGraph(
                  new FilterGraph.Input(
                      padded, YUV444.format(), YUV444.colorspace(), YUV444.range()),
                  "minterpolate=fps=%s/%s:mi_mode=mci".formatted(steps, old))) {
        // The filter stops one step before the last frame that it gets: the last one comes twice.
        for (long i = 0; i <= old + 1; i++) {
          byte[] rgb = video.rgb((int) Math.min(i, old));
          AVFrame frame = toYuv.convert(new Picture(size, rgb).resizedCanvas(padded).rgb());
          frame.pts(i);
          filter.send(frame);
          receive(filter, toRgb, filtered);
        }
        filter.send(null);
        receive(filter, toRgb, filtered);
      } finally {
        av_frame_free(filtered);
      }
      if (made.size() <= steps) {
        throw new FfmpegException(
            "FFmpeg's filter made " + made.size() + " of " + (steps + 1) + " frames");
      }
      return made;
    }

    private void receive(FilterGraph filter, PixelReader toRgb, AVFrame filtered)
        throws FfmpegException {
      while (filter.receive(filtered)) {
        if (made.size() <= steps) {
          made.add(next(toRgb, filtered));
        }
        av_frame_unref(filtered);
      }
    }

    private byte[] next(PixelReader toRgb, AVFrame filtered) throws FfmpegException {
      long time = made.size() * old;
      return time % steps == 0
          ? video.rgb((int) (time / steps))
          : toRgb.read(filtered, padded).resizedCanvas(size).rgb();
    }
  }
}
