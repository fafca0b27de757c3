package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AV_FRAME_DATA_DISPLAYMATRIX;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_side_data;

import java.nio.IntBuffer;
import java.util.Optional;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.javacpp.IntPointer;

/**
 * How stored pixels have to be turned and mirrored to be seen the right way up: phones store what
 * the sensor sees and leave the rest to the player. In the order of EXIF's numbers, from 1 to 8.
 */
enum Orientation {
  UPRIGHT(1, 0, 0, 1),
  MIRRORED(-1, 0, 0, 1),
  UPSIDE_DOWN(-1, 0, 0, -1),
  FLIPPED(1, 0, 0, -1),
  TRANSPOSED(0, 1, 1, 0),
  TURNED_RIGHT(0, 1, -1, 0),
  TRANSVERSED(0, -1, -1, 0),
  TURNED_LEFT(0, -1, 1, 0);

  private static final int MATRIX_SIZE = 9;

  // A pixel at (x, y) from the middle is shown at (a x + c y, b x + d y).
  private final int a;
  private final int b;
  private final int c;
  private final int d;

  Orientation(int a, int b, int c, int d) {
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  /**
   * Finds an orientation by EXIF's number.
   *
   * @return nothing if there is no such number
   */
  static Optional<Orientation> ofExif(int number) {
    return number >= 1 && number <= values().length
        ? Optional.of(values()[number - 1])
        : Optional.empty();
  }

  /** Returns what the frame's display matrix says; nothing if it has none. */
  static Optional<Orientation> of(AVFrame frame) {
    AVFrameSideData data = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    if (data == null || data.isNull() || data.size() < (long) MATRIX_SIZE * Integer.BYTES) {
      return Optional.empty();
    }
    IntBuffer matrix = new IntPointer(data.data()).capacity(MATRIX_SIZE).asBuffer();
    return Optional.of(nearest(matrix.get(0), matrix.get(1), matrix.get(3), matrix.get(4)));
  }

  /**
   * Finds the orientation that is nearest to a matrix: other angles than quarters of a turn are
   * rounded, and scales left out.
   *
   * @param a what a step to the right adds to the right
   * @param b what a step to the right adds downwards
   * @param c what a step down adds to the right
   * @param d what a step down adds downwards
   */
  static Orientation nearest(double a, double b, double c, double d) {
    Orientation nearest = UPRIGHT;
    double most = 0;
    for (Orientation candidate : values()) {
      double likeness = a * candidate.a + b * candidate.b + c * candidate.c + d * candidate.d;
      if (likeness > most) {
        nearest = candidate;
        most = likeness;
      }
    }
    return nearest;
  }

  /** Tells whether rows become columns. */
  boolean swapsSides() {
    return a == 0;
  }

  /** Returns the size of a picture after or, which is the same, before it is turned. */
  PictureSize apply(PictureSize size) {
    return swapsSides() ? size.turned() : size;
  }

  /** Turns and mirrors stored pixels. */
  Picture apply(Picture stored) {
    if (this == UPRIGHT) {
      return stored;
    }
    PictureSize from = stored.size();
    PictureSize size = apply(from);
    byte[] shown = new byte[stored.rgb().length];
    // The inverse of the matrix is its transpose.
    int left = a + b < 0 ? from.width() - 1 : 0;
    int top = c + d < 0 ? from.height() - 1 : 0;
    int to = 0;
    for (int y = 0; y < size.height(); y++) {
      for (int x = 0; x < size.width(); x++) {
        int column = left + a * x + b * y;
        int row = top + c * x + d * y;
        int at = 3 * (row * from.width() + column);
        shown[to++] = stored.rgb()[at];
        shown[to++] = stored.rgb()[at + 1];
        shown[to++] = stored.rgb()[at + 2];
      }
    }
    return new Picture(size, shown);
  }
}
