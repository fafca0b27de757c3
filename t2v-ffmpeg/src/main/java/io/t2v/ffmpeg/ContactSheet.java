package io.t2v.ffmpeg;

import io.t2v.Video;
import io.t2v.internal.io.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.IIOException;
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

  /** The grid of a video's frames. */
  private record Grid(Video video, int columns, int rows) {
    /** Chooses the number of columns that brings the sheet's sides nearest to each other. */
    static Grid of(Video video) {
      double ratio = (double) video.height() / video.width();
      int nearest = (int) Math.round(Math.sqrt(video.frameCount() * ratio));
      int columns = Math.max(1, Math.min(video.frameCount(), nearest));
      return new Grid(video, columns, (video.frameCount() + columns - 1) / columns);
    }

    void requireRoom() {
      long frame = 3L * video.width() * video.height();
      long bytes = frame * columns * rows;
      if (bytes > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "a contact sheet of %s takes %s bytes, more than the %s of an image; use fewer frames"
                .formatted(video, bytes, Integer.MAX_VALUE));
      }
      HeapRoom.require(bytes + frame, "a contact sheet of " + video, IllegalArgumentException::new);
    }

    BufferedImage draw() {
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
  }

  /**
   * Draws the sheet.
   *
   * @param video the frames
   * @return the frames side by side without gaps, each in its own size; cells of the last row
   *     without a frame are black
   * @throws IllegalArgumentException if the sheet would be larger than an image can be,
   *     2<sup>31</sup> bytes, or than the Java heap has room for
   */
  public static BufferedImage draw(Video video) {
    Grid grid = Grid.of(video);
    grid.requireRoom();
    return grid.draw();
  }

  /**
   * Writes the sheet as a PNG file, which appears when it is complete. A file of that name is
   * replaced.
   *
   * @param video the frames
   * @param png the file to write, in a folder that exists
   * @throws VideoWriteException if the file cannot be written there; nothing is left behind then
   * @throws IllegalArgumentException if the sheet would be larger than an image can be,
   *     2<sup>31</sup> bytes, or than the Java heap has room for
   */
  public static void write(Video video, Path png) throws VideoWriteException {
    Grid grid = Grid.of(video);
    grid.requireRoom();
    WriteStep.run(
        "cannot write " + png,
        () -> {
          try (AtomicFile target = AtomicFile.create(png)) {
            try (OutputStream out = Files.newOutputStream(target.temporary())) {
              save(grid.draw(), out);
            }
            target.commit();
          }
          return png;
        });
  }

  /** Writes the sheet as a PNG file. */
  static void save(BufferedImage sheet, OutputStream png) throws FfmpegException, IOException {
    // ImageIO's own stream would make one more file, in the folder for temporary ones.
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(png)) {
      if (!ImageIO.write(sheet, "png", out)) {
        throw new FfmpegException("this JDK has no PNG writer");
      }
    } catch (IIOException e) {
      // "I/O error writing PNG file!", whatever the error is.
      throw e.getCause() instanceof IOException reason ? reason : e;
    }
  }
}
