package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.internal.watermark.FrameMarker;
import io.t2v.internal.watermark.MarkReader;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Sixty-four bits that a video carries in its pixels, unseen: they remain where metadata is lost,
 * when a file is compressed anew, scaled, or made into a GIF.
 *
 * <pre>{@code
 * Video marked = pipeline.generate(GenerationRequest.builder(prompt).watermark(0xC0FFEEL).build());
 * OptionalLong payload = Watermark.read(VideoReader.create().read(file));
 * }</pre>
 *
 * <p>{@link GenerationRequest.Builder#watermark} marks all frames that a generation returns; this
 * class marks those that are there already, and reads. Each frame carries the whole payload in the
 * low frequencies of its luminance (dither modulation; Chen and Wornell, 2001), with error
 * correction and a checksum; reading pools all frames. A marked frame differs from the original by
 * 42 dB or more, by 45 dB from 256 × 256 pixels on. Marking a frame of that size takes a few
 * milliseconds.
 *
 * <p>The method is public and has no key: a mark says where a video came from as long as nobody
 * takes pains to remove or forge it. It does not survive cropping, rotation, and changes of
 * contrast; docs/watermark.md has measurements.
 */
public final class Watermark {
  /** The shortest side of frames that can be marked, in pixels. */
  public static final int MIN_SIDE = FrameMarker.MIN_SIDE;

  private Watermark() {}

  /**
   * Marks a video. If it is marked already, the new payload replaces the old one.
   *
   * @param video with sides of at least {@link #MIN_SIDE} pixels
   * @param payload any 64 bits
   * @return a marked copy, with the same rate and provenance
   * @throws IllegalArgumentException if a side is shorter
   */
  public static Video write(Video video, long payload) {
    checkSize(video.width(), video.height());
    FrameMarker marker = new FrameMarker(video.width(), video.height(), payload);
    List<byte[]> marked = new ArrayList<>();
    for (int i = 0; i < video.frameCount(); i++) {
      marked.add(marker.mark(video.rgb(i)));
    }
    return Video.of(
        video.width(), video.height(), video.framesPerSecond(), marked, video.provenance());
  }

  static void checkSize(int width, int height) {
    checkArgument(
        Math.min(width, height) >= MIN_SIDE,
        "the video has %s × %s pixels, but a watermark needs sides of at least %s",
        width,
        height,
        MIN_SIDE);
  }

  /**
   * Reads the payload of a video, which may have another size and rate than the one that was
   * marked.
   *
   * @param video any
   * @return the payload; empty if there is none, or too little of it is left. One in 10<sup>8</sup>
   *     unmarked videos has a payload by chance
   */
  public static OptionalLong read(Video video) {
    if (Math.min(video.width(), video.height()) < MarkReader.MIN_SIDE) {
      return OptionalLong.empty();
    }
    MarkReader reader = new MarkReader(video.width(), video.height());
    for (int i = 0; i < video.frameCount(); i++) {
      reader.add(video.rgb(i));
    }
    return reader.payload();
  }
}
