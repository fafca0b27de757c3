package io.t2v.schedulerstudy;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Curves on two logarithmic axes, each named at its end. */
public final class LogLogPlot {
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 640;
  private static final int LEFT = 92;
  private static final int RIGHT = 245;
  private static final int TOP = 62;
  private static final int BOTTOM = 66;
  private static final int LABEL_HEIGHT = 21;

  private static final Color INK = new Color(0x22252a);
  private static final Color FAINT = new Color(0xe4e6ea);
  private static final Color SOFT = new Color(0x5b616b);

  /** Colours that differ for color-blind readers as well (Okabe and Ito), darkest first. */
  private static final List<Color> COLOURS =
      List.of(
          new Color(0x0072b2),
          new Color(0xd55e00),
          new Color(0x009e73),
          new Color(0xcc79a7),
          new Color(0x8a6d00),
          new Color(0x56b4e9),
          new Color(0x3d3d3d),
          new Color(0xe69f00));

  /**
   * A curve.
   *
   * @param name shown at its end
   * @param x rising, above 0
   * @param y as many, above 0
   */
  public record Curve(String name, List<Double> x, List<Double> y) {}

  private final String title;
  private final String xName;
  private final String yName;
  private final List<Curve> curves;
  private final double xMin;
  private final double xMax;
  private final double yMin;
  private final double yMax;

  /**
   * Prepares a picture.
   *
   * @param title above it
   * @param xName below the horizontal axis
   * @param yName above the vertical axis
   * @param curves at least one
   */
  public LogLogPlot(String title, String xName, String yName, List<Curve> curves) {
    this.title = title;
    this.xName = xName;
    this.yName = yName;
    this.curves = List.copyOf(curves);
    xMin =
        curves.stream().flatMap(c -> c.x().stream()).min(Comparator.naturalOrder()).orElseThrow();
    xMax =
        curves.stream().flatMap(c -> c.x().stream()).max(Comparator.naturalOrder()).orElseThrow();
    double low =
        curves.stream().flatMap(c -> c.y().stream()).min(Comparator.naturalOrder()).orElseThrow();
    double high =
        curves.stream().flatMap(c -> c.y().stream()).max(Comparator.naturalOrder()).orElseThrow();
    yMin = Math.pow(10, Math.floor(Math.log10(low)));
    yMax = Math.pow(10, Math.ceil(Math.log10(high)));
  }

  /**
   * Draws the picture.
   *
   * @return 1000 × 640 pixels
   */
  public BufferedImage draw() {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    try {
      g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      g.setColor(Color.WHITE);
      g.fillRect(0, 0, WIDTH, HEIGHT);
      drawAxes(g);
      for (int i = 0; i < curves.size(); i++) {
        drawCurve(g, curves.get(i), COLOURS.get(i % COLOURS.size()));
      }
      drawNames(g);
    } finally {
      g.dispose();
    }
    return image;
  }

  private double x(double value) {
    return LEFT + (WIDTH - LEFT - RIGHT) * Math.log(value / xMin) / Math.log(xMax / xMin);
  }

  private double y(double value) {
    return HEIGHT
        - BOTTOM
        - (HEIGHT - TOP - BOTTOM) * Math.log(value / yMin) / Math.log(yMax / yMin);
  }

  private void drawAxes(Graphics2D g) {
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 18));
    g.setColor(INK);
    g.drawString(title, LEFT, 27);
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    FontMetrics text = g.getFontMetrics();
    g.setColor(SOFT);
    g.drawString(yName, LEFT, 49);
    g.drawString(xName, LEFT + (WIDTH - LEFT - RIGHT - text.stringWidth(xName)) / 2, HEIGHT - 16);
    for (double tick : new double[] {5, 10, 20, 50, 100, 200, 500, 1000}) {
      if (tick >= xMin && tick <= xMax) {
        g.setColor(FAINT);
        g.draw(new Line2D.Double(x(tick), TOP, x(tick), HEIGHT - BOTTOM));
        g.setColor(SOFT);
        String label = String.valueOf((int) tick);
        g.drawString(label, (int) x(tick) - text.stringWidth(label) / 2, HEIGHT - BOTTOM + 20);
      }
    }
    for (double tick = yMin; tick <= yMax * 1.001; tick *= 10) {
      g.setColor(FAINT);
      g.draw(new Line2D.Double(LEFT, y(tick), WIDTH - RIGHT, y(tick)));
      g.setColor(SOFT);
      int exponent = (int) Math.round(Math.log10(tick));
      String label = "10" + superscript(exponent);
      g.drawString(label, LEFT - 10 - text.stringWidth(label), (int) y(tick) + 5);
    }
  }

  private static String superscript(int exponent) {
    StringBuilder raised = new StringBuilder(exponent < 0 ? "⁻" : "");
    for (char digit : String.valueOf(Math.abs(exponent)).toCharArray()) {
      raised.append("⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(digit - '0'));
    }
    return raised.toString();
  }

  private void drawCurve(Graphics2D g, Curve curve, Color color) {
    Path2D path = new Path2D.Double();
    for (int i = 0; i < curve.x().size(); i++) {
      double px = x(curve.x().get(i));
      double py = y(curve.y().get(i));
      if (i == 0) {
        path.moveTo(px, py);
      } else {
        path.lineTo(px, py);
      }
    }
    g.setColor(color);
    g.setStroke(new BasicStroke(2.4f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.draw(path);
    for (int i = 0; i < curve.x().size(); i++) {
      g.fill(new Ellipse2D.Double(x(curve.x().get(i)) - 3.5, y(curve.y().get(i)) - 3.5, 7, 7));
    }
    g.setStroke(new BasicStroke(1));
  }

  /** Names beside the ends of the curves, pushed apart where they would overlap. */
  private void drawNames(Graphics2D g) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < curves.size(); i++) {
      order.add(i);
    }
    order.sort(Comparator.comparingDouble(i -> endOf(curves.get(i))));
    double[] places = new double[order.size()];
    for (int i = 0; i < places.length; i++) {
      double wanted = endOf(curves.get(order.get(i)));
      places[i] = i == 0 ? wanted : Math.max(wanted, places[i - 1] + LABEL_HEIGHT);
    }
    double surplus = places[places.length - 1] - (HEIGHT - BOTTOM);
    for (int i = places.length - 1; surplus > 0 && i >= 0; i--) {
      double limit = HEIGHT - BOTTOM - (double) (places.length - 1 - i) * LABEL_HEIGHT;
      places[i] = Math.min(places[i], limit);
    }
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
    for (int i = 0; i < places.length; i++) {
      Curve curve = curves.get(order.get(i));
      g.setColor(COLOURS.get(order.get(i) % COLOURS.size()));
      double px = x(curve.x().get(curve.x().size() - 1));
      g.draw(new Line2D.Double(px + 6, endOf(curve), WIDTH - RIGHT + 22, places[i]));
      g.drawString(curve.name(), WIDTH - RIGHT + 27, (int) places[i] + 5);
    }
  }

  private double endOf(Curve curve) {
    return y(curve.y().get(curve.y().size() - 1));
  }
}
