package io.t2v.cli;

import io.t2v.Video;
import java.awt.image.BufferedImage;

/**
 * Pictures in a terminal that shows 24-bit colors: each character is two pixels, the upper one its
 * foreground in the form of half a block, the lower one its background.
 */
final class TerminalPicture {
  private static final String HALF_BLOCK = "\u2580";
  private static final String PLAIN = "\u001b[0m";

  private TerminalPicture() {}

  /** Tells whether a terminal says that it shows 24-bit colors. */
  static boolean isShownBy(String colourTerm) {
    return colourTerm.contains("truecolor") || colourTerm.contains("24bit");
  }

  /**
   * Draws a video's middle frame.
   *
   * @param columns width in characters; pixels are repeated, or left out
   * @return lines
   */
  static String[] draw(Video video, int columns) {
    BufferedImage image = video.image(video.frameCount() / 2);
    int rows = Math.max(1, (int) Math.round(columns / 2.0 * image.getHeight() / image.getWidth()));
    String[] lines = new String[rows];
    for (int row = 0; row < rows; row++) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        int x = column * image.getWidth() / columns;
        line.append(code(38, image.getRGB(x, 2 * row * image.getHeight() / (2 * rows))))
            .append(code(48, image.getRGB(x, (2 * row + 1) * image.getHeight() / (2 * rows))))
            .append(HALF_BLOCK);
      }
      lines[row] = line.append(PLAIN).toString();
    }
    return lines;
  }

  private static String code(int ground, int color) {
    return "\u001b["
        + ground
        + ";2;"
        + (color >> 16 & 0xff)
        + ";"
        + (color >> 8 & 0xff)
        + ";"
        + (color & 0xff)
        + "m";
  }
}
