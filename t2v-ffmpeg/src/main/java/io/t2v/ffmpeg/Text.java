package io.t2v.ffmpeg;

import java.util.Locale;

/** Numbers as people read them in messages. */
final class Text {
  private Text() {}

  /** Rounds to hundredths: 1.08. */
  static String seconds(double seconds) {
    return Double.isInfinite(seconds) ? "the end" : String.format(Locale.ROOT, "%.2f", seconds);
  }

  /** Rounds to three digits or so: 9.3 KB, 187 MB, 1.31 GB. */
  static String bytes(long bytes) {
    String[] units = {"bytes", "KB", "MB", "GB", "TB", "PB", "EB"};
    int unit = 0;
    double number = bytes;
    while (number >= 1000 && unit < units.length - 1) {
      number /= 1000;
      unit++;
    }
    int digits = unit == 0 || number >= 100 ? 0 : number >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + digits + "f %s", number, units[unit]);
  }
}
