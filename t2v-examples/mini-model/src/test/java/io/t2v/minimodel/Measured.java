package io.t2v.minimodel;

import io.t2v.Video;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * What a clip of the miniature model shows, measured as {@code docs/mini-model/README.md}
 * describes.
 *
 * @param color name of the color nearest to the shape's
 * @param shape that fills as much of its bounding box: half for a triangle, π/4 for a circle
 * @param background name of the background nearest to the border's
 * @param dx movement of the shape's centre from the first frame to the last, by the width
 * @param dy movement downwards, by the height
 * @param growth area of the shape in the last frame over that in the first
 * @param rise how far the shape's centre is at its highest above where it is at both ends, by the
 *     height
 */
record Measured(
    String color,
    String shape,
    String background,
    double dx,
    double dy,
    double growth,
    double rise) {
  private static final Map<String, double[]> COLOURS =
      Map.of(
          "red", new double[] {0.90, 0.12, 0.12},
          "green", new double[] {0.10, 0.75, 0.20},
          "blue", new double[] {0.15, 0.30, 0.95},
          "yellow", new double[] {0.98, 0.88, 0.10},
          "white", new double[] {0.97, 0.97, 0.97},
          "purple", new double[] {0.62, 0.18, 0.85},
          "orange", new double[] {1.00, 0.55, 0.05},
          "cyan", new double[] {0.10, 0.85, 0.90},
          "pink", new double[] {1.00, 0.42, 0.72});
  private static final Map<String, double[]> BACKGROUNDS =
      Map.of(
          "black", new double[] {0.03, 0.03, 0.03},
          "gray", new double[] {0.45, 0.45, 0.45},
          "navy", new double[] {0.05, 0.07, 0.30});
  private static final double CONTRAST = 0.25;

  /** The share of a frame below which a shape is too few pixels to be told from another. */
  private static final double SMALL = 0.02;

  /** A frame's shape. */
  private record Shape(double area, double fill, double x, double y, List<Double> color) {}

  /**
   * Measures a clip.
   *
   * @param captioned the background that the caption names: a shape is what stands out from it
   */
  static Measured of(Video video, String captioned) {
    List<Shape> shapes = new ArrayList<>();
    for (int t = 0; t < video.frameCount(); t++) {
      shapes.add(shape(video, t, BACKGROUNDS.get(captioned)));
    }
    Shape first = shapes.get(0);
    Shape last = shapes.get(shapes.size() - 1);
    return new Measured(
        nearest(medians(shapes.stream().map(shape -> array(shape.color)).toList()), COLOURS),
        nameOf(shapes),
        nearest(medians(border(video)), BACKGROUNDS),
        last.x - first.x,
        last.y - first.y,
        last.area / Math.max(first.area, 1e-6),
        Math.min(first.y, last.y) - shapes.stream().mapToDouble(Shape::y).min().orElseThrow());
  }

  /** Whether the shape did what a caption says. */
  boolean shows(String motion) {
    return switch (motion) {
      case "moving right" -> dx > 0.15;
      case "moving left" -> dx < -0.15;
      case "moving down" -> dy > 0.15;
      case "moving up" -> dy < -0.15;
      case "growing" -> growth > 1.8;
      case "shrinking" -> growth < 0.6;
      case "jumping" -> rise > 0.25;
      default -> throw new IllegalArgumentException(motion);
    };
  }

  private static String nameOf(List<Shape> shapes) {
    double fill =
        medians(
            shapes.stream()
                .filter(shape -> shape.area > SMALL)
                .map(shape -> new double[] {shape.fill, 0, 0})
                .toList())[0];
    return fill < 0.66 ? "triangle" : fill < 0.88 ? "circle" : "square";
  }

  private static Shape shape(Video video, int frame, double[] background) {
    byte[] rgb = video.rgb(frame);
    List<double[]> pixels = new ArrayList<>();
    double x = 0;
    double y = 0;
    int left = video.width();
    int right = -1;
    int top = video.height();
    int bottom = -1;
    for (int row = 0; row < video.height(); row++) {
      for (int column = 0; column < video.width(); column++) {
        double[] pixel = pixel(rgb, row * video.width() + column);
        double difference = 0;
        for (int c = 0; c < 3; c++) {
          difference = Math.max(difference, Math.abs(pixel[c] - background[c]));
        }
        if (difference > CONTRAST) {
          pixels.add(pixel);
          x += column;
          y += row;
          left = Math.min(left, column);
          right = Math.max(right, column);
          top = Math.min(top, row);
          bottom = Math.max(bottom, row);
        }
      }
    }
    int count = pixels.size();
    if (count == 0) {
      return new Shape(0, 0, 0.5, 0.5, List.of(0.0, 0.0, 0.0));
    }
    return new Shape(
        (double) count / (video.width() * video.height()),
        (double) count / ((right - left + 1) * (bottom - top + 1)),
        x / count / video.width(),
        y / count / video.height(),
        DoubleStream.of(medians(pixels)).boxed().toList());
  }

  private static List<double[]> border(Video video) {
    List<double[]> pixels = new ArrayList<>();
    for (int t = 0; t < video.frameCount(); t++) {
      byte[] rgb = video.rgb(t);
      for (int y = 0; y < video.height(); y++) {
        for (int x = 0; x < video.width(); x++) {
          if (x == 0 || y == 0 || x == video.width() - 1 || y == video.height() - 1) {
            pixels.add(pixel(rgb, y * video.width() + x));
          }
        }
      }
    }
    return pixels;
  }

  private static double[] pixel(byte[] rgb, int index) {
    double[] pixel = new double[3];
    for (int c = 0; c < 3; c++) {
      pixel[c] = (rgb[3 * index + c] & 255) / 255.0;
    }
    return pixel;
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static double[] medians(List<double[]> pixels) {
    double[] medians = new double[3];
    for (int c = 0; c < 3; c++) {
      int channel = c;
      double[] sorted = pixels.stream().mapToDouble(pixel -> pixel[channel]).sorted().toArray();
      int middle = sorted.length / 2;
      medians[c] =
          sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
    return medians;
  }

  private static String nearest(double[] color, Map<String, double[]> palette) {
    return palette.keySet().stream()
        .min(Comparator.comparingDouble(name -> distance(palette.get(name), color)))
        .orElseThrow();
  }

  private static double distance(double[] a, double[] b) {
    return Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2]);
  }
}
