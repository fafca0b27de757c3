package io.t2v.internal.watermark;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The coefficients of a frame's luminance that carry a mark: the lowest frequencies of the discrete
 * cosine transform of the whole frame.
 *
 * <p>Low frequencies are what compression, dithering and scaling leave as they are. Coefficients
 * are normalised as if the frame had {@value #MIN_SIDE} × {@value #MIN_SIDE} pixels, so that the
 * same picture has the same coefficients in every size. Immutable.
 */
final class CosineBand {
  /** Side of the smallest frames: scaled to half, they still hold all frequencies twice over. */
  static final int MIN_SIDE = 64;

  /** Weights of red, green and blue in the luminance of BT.709. */
  private static final float[] LUMINANCE = {0.2126f, 0.7152f, 0.0722f};

  private record Frequency(int column, int row) {
    int squaredRadius() {
      return column * column + row * row;
    }
  }

  private static final List<Frequency> FREQUENCIES = lowest();

  /** Of both directions; frames have more pixels than this. */
  static final int HIGHEST = FREQUENCIES.stream().mapToInt(Frequency::column).max().orElseThrow();

  private final int width;
  private final int height;
  private final float[][] columns;
  private final float[][] rows;

  /**
   * @param width of the frames in pixels, more than {@link #HIGHEST}
   * @param height of the frames in pixels, likewise
   */
  CosineBand(int width, int height) {
    this.width = width;
    this.height = height;
    columns = basis(width);
    rows = basis(height);
  }

  /** By rising frequency, without the mean of the frame. */
  private static List<Frequency> lowest() {
    List<Frequency> all = new ArrayList<>();
    for (int row = 0; row < MIN_SIDE; row++) {
      for (int column = 0; column < MIN_SIDE; column++) {
        all.add(new Frequency(column, row));
      }
    }
    all.sort(Comparator.comparingInt(Frequency::squaredRadius).thenComparingInt(Frequency::row));
    return List.copyOf(all.subList(1, PayloadCode.LENGTH + 1));
  }

  /** The orthonormal type-II cosine transform: [frequency][position]. */
  private static float[][] basis(int length) {
    float[][] basis = new float[HIGHEST + 1][length];
    for (int k = 0; k < basis.length; k++) {
      double scale = Math.sqrt((k == 0 ? 1.0 : 2.0) / length);
      for (int x = 0; x < length; x++) {
        basis[k][x] = (float) (scale * Math.cos(Math.PI * k * (x + 0.5) / length));
      }
    }
    return basis;
  }

  /** What a coefficient of the orthonormal transform is multiplied with. */
  private double normalisation() {
    return MIN_SIDE / Math.sqrt((double) width * height);
  }

  /**
   * Computes the coefficients of a frame.
   *
   * @param rgb packed, row by row
   * @return one for each frequency
   */
  double[] coefficients(byte[] rgb) {
    float[][] byColumn = new float[height][columns.length];
    float[] line = new float[width];
    for (int y = 0; y < height; y++) {
      luminance(rgb, y, line);
      for (int u = 0; u < columns.length; u++) {
        byColumn[y][u] = dot(columns[u], line);
      }
    }
    double[] coefficients = new double[FREQUENCIES.size()];
    for (int i = 0; i < coefficients.length; i++) {
      Frequency frequency = FREQUENCIES.get(i);
      double sum = 0;
      for (int y = 0; y < height; y++) {
        sum += rows[frequency.row()][y] * byColumn[y][frequency.column()];
      }
      coefficients[i] = sum * normalisation();
    }
    return coefficients;
  }

  private void luminance(byte[] rgb, int row, float[] line) {
    int at = 3 * row * width;
    for (int x = 0; x < width; x++) {
      float sum = 0;
      for (float weight : LUMINANCE) {
        sum += weight * (rgb[at++] & 0xff);
      }
      line[x] = sum;
    }
  }

  private static float dot(float[] a, float[] b) {
    float sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /**
   * Undoes a Gaussian blur of the frame.
   *
   * @param coefficients of the frame
   * @param blur how much it took from the highest frequency, as a power of e; negative if the frame
   *     was sharpened
   * @return the coefficients before it
   */
  double[] sharpened(double[] coefficients, double blur) {
    double[] sharpened = new double[coefficients.length];
    for (int i = 0; i < coefficients.length; i++) {
      double share = (double) FREQUENCIES.get(i).squaredRadius() / (HIGHEST * HIGHEST);
      sharpened[i] = coefficients[i] * Math.exp(blur * share);
    }
    return sharpened;
  }

  /**
   * Adds to each pixel what changes the coefficients by given amounts.
   *
   * @param change one for each frequency
   * @param pixels one number a pixel, row by row
   */
  void addTo(float[] pixels, double[] change) {
    float[][] byColumn = new float[height][columns.length];
    for (int i = 0; i < change.length; i++) {
      Frequency frequency = FREQUENCIES.get(i);
      float amount = (float) (change[i] / normalisation());
      for (int y = 0; y < height; y++) {
        byColumn[y][frequency.column()] += amount * rows[frequency.row()][y];
      }
    }
    for (int y = 0; y < height; y++) {
      for (int u = 0; u < columns.length; u++) {
        float amount = byColumn[y][u];
        for (int x = 0; x < width; x++) {
          pixels[y * width + x] += amount * columns[u][x];
        }
      }
    }
  }
}
