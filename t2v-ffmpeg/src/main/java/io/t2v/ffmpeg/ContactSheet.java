package io.t2v.ffmpeg;

import io.t2v.Video;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * All frames of a video in one picture: a grid as near to a square as it gets, read like text.
 *
 * <p>Plain Java, without native libraries; safe for use by many threads.
 */
public final class ContactSheet {
  private ContactSheet() {}

  /**
   * Draws the sheet.
   *
   * @param video the frames
   * @return the frames side by side without gaps, each in its own size; cells of the last row
   *     without a frame are black
   * @throws IllegalArgumentException if the sheet would be larger than an image can be,
   *     2<sup>31</sup> bytes
   */
  public static BufferedImage draw(Video video) {
    int columns = columns(video);
    int rows = (video.frameCount() + columns - 1) / columns;
    long bytes = 3L * columns * video.width() * rows * video.height();
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a contact sheet of "
              + video
              + " takes "
              + bytes
              + " bytes, more than an image can have");
    }
    BufferedImage sheet =
        new BufferedImage(
            columns * video.width(), rows * video.height(), BufferedImage.TYPE_3BYTE_BGR);
    for (int i = 0; i < video.frameCount(); i++) {
      int x = i % columns * video.width();
      int y = i / columns * video.height();
      sheet.getRaster().setRect(x, y, video.image(i).getRaster());
    }
    return sheet;
  }

  /** The number of columns that brings the sheet's sides nearest to each other. */
  private static int columns(Video video) {
    double ratio = (double) video.height() / video.width();
    int columns = (int) Math.round(Math.sqrt(video.frameCount() * ratio));
    return Math.max(1, Math.min(video.frameCount(), columns));
  }

  /**
   * Writes the sheet as a PNG file, which appears when it is complete. A file of that name is
   * replaced.
   *
   * @param video the frames
   * @param png the file to write, in a folder that exists
   * @throws VideoWriteException if the file cannot be written there; nothing is left behind then
   * @throws IllegalArgumentException if the sheet would be larger than an image can be,
   *     2<sup>31</sup> bytes
   */
  public static void write(Video video, Path png) throws VideoWriteException {
    try (AtomicFile target = new AtomicFile(png)) {
      BufferedImage sheet = draw(video);
      // ImageIO's own stream would make one more file, in the folder for temporary ones.
      try (OutputStream file = Files.newOutputStream(target.temporary());
          ImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
        if (!ImageIO.write(sheet, "png", out)) {
          throw new VideoWriteException("cannot write " + png + ": this JDK has no PNG writer");
        }
      }
      target.commit();
    } catch (VideoWriteException e) {
      throw e;
    } catch (IOException e) {
      throw new VideoWriteException("cannot write " + png + ": " + AtomicFile.reason(e), e);
    }
  }
}
