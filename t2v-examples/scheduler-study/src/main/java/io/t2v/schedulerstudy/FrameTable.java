package io.t2v.schedulerstudy;

import io.t2v.Video;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/** Frames of videos in a table with names for its rows and columns. */
public final class FrameTable {
  private static final int NAMES = 190;
  private static final int HEAD = 34;
  private static final int GAP = 14;
  private static final Color INK = new Color(0x22252a);

  private FrameTable() {}

  /**
   * Draws the first, the middle and the last frame of each video side by side.
   *
   * @param rows names of the rows
   * @param columns names of the columns
   * @param videos row by row, all of one size
   * @return the picture
   */
  public static BufferedImage draw(List<String> rows, List<String> columns, List<Video> videos) {
    Video first = videos.get(0);
    int cellWidth = 3 * first.width();
    int width = NAMES + columns.size() * (cellWidth + GAP);
    int height = HEAD + rows.size() * (first.height() + GAP);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    try {
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setColor(Color.WHITE);
      g.fillRect(0, 0, width, height);
      g.setColor(INK);
      g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
      FontMetrics text = g.getFontMetrics();
      for (int column = 0; column < columns.size(); column++) {
        int x = NAMES + column * (cellWidth + GAP);
        String name = columns.get(column);
        g.drawString(name, x + (cellWidth - text.stringWidth(name)) / 2, HEAD - 12);
      }
      for (int row = 0; row < rows.size(); row++) {
        int y = HEAD + row * (first.height() + GAP);
        String name = rows.get(row);
        g.drawString(name, NAMES - GAP - text.stringWidth(name), y + first.height() / 2 + 5);
        for (int column = 0; column < columns.size(); column++) {
          Video video = videos.get(row * columns.size() + column);
          int x = NAMES + column * (cellWidth + GAP);
          int last = video.frameCount() - 1;
          g.drawImage(video.image(0), x, y, null);
          g.drawImage(video.image(last / 2), x + video.width(), y, null);
          g.drawImage(video.image(last), x + 2 * video.width(), y, null);
        }
      }
    } finally {
      g.dispose();
    }
    roundColours(image);
    return image;
  }

  /** To multiples of 4: nobody sees the difference, and the file is half as large. */
  private static void roundColours(BufferedImage image) {
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        Color color = new Color(image.getRGB(x, y));
        image.setRGB(
            x,
            y,
            new Color(rounded(color.getRed()), rounded(color.getGreen()), rounded(color.getBlue()))
                .getRGB());
      }
    }
  }

  private static int rounded(int channel) {
    return Math.min(255, (channel + 2) / 4 * 4);
  }
}
