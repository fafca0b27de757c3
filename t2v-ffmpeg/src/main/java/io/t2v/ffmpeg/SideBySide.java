package io.t2v.ffmpeg;

import io.t2v.Provenance;
import io.t2v.Video;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Several videos in one, in a grid with captions, to compare results.
 *
 * <p>Plain Java, without native libraries; safe for use by many threads. Captions need a font on
 * the system, which Java finds by itself; they are cut off where they do not fit.
 */
public final class SideBySide {
  private static final int GAP = 4;
  private static final int CAPTION_HEIGHT = 20;
  private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  private static final String CUT = "…";

  private SideBySide() {}

  /**
   * A video with what is written above it.
   *
   * @param caption a line; blank for none
   * @param video any
   */
  public record Captioned(String caption, Video video) {}

  /**
   * Draws the videos side by side.
   *
   * @param videos in the order of reading. Videos that are shorter stay at their last frame,
   *     smaller ones are in the middle of their cell
   * @return at the frame rate of the first, as long as the longest
   * @throws IllegalArgumentException if there is no video, a frame would be larger than an image
   *     can be, or the frames do not fit on the Java heap
   */
  public static Video of(List<Captioned> videos) {
    if (videos.isEmpty()) {
      throw new IllegalArgumentException("there is no video, expected at least one");
    }
    Grid grid = Grid.of(videos);
    int frames = videos.stream().mapToInt(shown -> shown.video().frameCount()).max().orElseThrow();
    long pixels = (long) grid.width() * grid.height();
    HeapRoom.require(
        pixels * (2L * 3 * frames + 2 * Integer.BYTES), // drawn, copied, and the canvas
        "a video of %s frames of %s×%s".formatted(frames, grid.width(), grid.height()),
        IllegalArgumentException::new);
    List<byte[]> drawn = new ArrayList<>();
    for (int i = 0; i < frames; i++) {
      drawn.add(grid.draw(videos, i));
    }
    double rate = videos.get(0).video().framesPerSecond();
    return Video.of(grid.width(), grid.height(), rate, drawn, Provenance.unknown());
  }

  /** Where the cells are. */
  private record Grid(int columns, int rows, int cellWidth, int cellHeight, int caption) {
    static Grid of(List<Captioned> videos) {
      int columns = (int) Math.ceil(Math.sqrt(videos.size()));
      int rows = (videos.size() + columns - 1) / columns;
      int width = videos.stream().mapToInt(shown -> shown.video().width()).max().orElseThrow();
      int height = videos.stream().mapToInt(shown -> shown.video().height()).max().orElseThrow();
      boolean captions = videos.stream().anyMatch(shown -> !shown.caption().isBlank());
      Grid grid = new Grid(columns, rows, width, height, captions ? CAPTION_HEIGHT : 0);
      long bytes = 3L * columns * (width + GAP) * rows * (height + GAP + grid.caption);
      if (bytes > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "the videos side by side take "
                + bytes
                + " bytes a frame, more than an image can have");
      }
      return grid;
    }

    int width() {
      return columns * cellWidth + (columns - 1) * GAP;
    }

    int height() {
      return rows * (cellHeight + caption) + (rows - 1) * GAP;
    }

    byte[] draw(List<Captioned> videos, int frame) {
      BufferedImage sheet = new BufferedImage(width(), height(), BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = sheet.createGraphics();
      try {
        graphics.setRenderingHint(
            RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setFont(FONT);
        int cell = 0;
        for (Captioned shown : videos) {
          Video video = shown.video();
          int left = cell % columns * (cellWidth + GAP);
          int top = cell / columns * (cellHeight + caption + GAP);
          graphics.drawImage(
              video.image(Math.min(frame, video.frameCount() - 1)),
              left + (cellWidth - video.width()) / 2,
              top + caption + (cellHeight - video.height()) / 2,
              null);
          write(graphics, shown.caption(), left, top);
          cell++;
        }
      } finally {
        graphics.dispose();
      }
      return packed(sheet);
    }

    private void write(Graphics2D graphics, String text, int left, int top) {
      if (text.isBlank()) {
        return;
      }
      graphics.setColor(Color.WHITE);
      FontMetrics metrics = graphics.getFontMetrics();
      String shown = text;
      for (int length = text.length();
          length > 0 && metrics.stringWidth(shown) > cellWidth - 4;
          length--) {
        shown = text.substring(0, length - 1) + CUT;
      }
      graphics.drawString(shown, left + 2, top + CAPTION_HEIGHT - 6);
    }
  }

  private static byte[] packed(BufferedImage image) {
    int[] pixels =
        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    byte[] rgb = new byte[3 * pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      rgb[3 * i] = (byte) (pixels[i] >> 16);
      rgb[3 * i + 1] = (byte) (pixels[i] >> 8);
      rgb[3 * i + 2] = (byte) pixels[i];
    }
    return rgb;
  }
}
