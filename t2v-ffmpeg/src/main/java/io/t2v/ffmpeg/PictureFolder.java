package io.t2v.ffmpeg;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The pictures in a folder, in the order of a video. */
final class PictureFolder {
  private static final Set<String> ENDINGS =
      Set.of("png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif", "ppm", "tga");
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final int DIGITS = 20;

  private PictureFolder() {}

  /**
   * Lists the pictures by name, where numbers count as numbers: 9 comes before 10. Other files and
   * hidden ones are left out.
   *
   * @return at least one
   * @throws VideoReadException if there is none
   */
  static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> pictures =
          files
              .filter(file -> Files.isRegularFile(file) && isPicture(name(file)))
              .sorted(Comparator.comparing(file -> sortKey(name(file))))
              .toList();
      if (pictures.isEmpty()) {
        throw new VideoReadException(
            "cannot read " + folder + ": no file in the folder is a picture, " + ENDINGS);
      }
      return pictures;
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static boolean isPicture(String name) {
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return !name.startsWith(".") && ENDINGS.contains(ending);
  }

  static String sortKey(String name) {
    return NUMBER.matcher(name).replaceAll(PictureFolder::padded);
  }

  private static String padded(MatchResult number) {
    return "0".repeat(Math.max(0, DIGITS - number.group().length())) + number.group();
  }
}
