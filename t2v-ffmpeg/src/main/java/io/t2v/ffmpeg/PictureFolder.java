package io.t2v.ffmpeg;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The pictures in a folder, in the order of a video. */
final class PictureFolder {
  private static final Set<String> ENDINGS =
      Set.of(
          "avif", "bmp", "gif", "jfif", "jpe", "jpeg", "jpg", "png", "ppm", "tga", "tif", "tiff",
          "webp");

  /** Pictures that are not read, and would be missed. */
  private static final Set<String> UNSUPPORTED =
      Set.of(
          "arw", "cr2", "cr3", "dng", "exr", "hdr", "heic", "heif", "hif", "jp2", "jxl", "nef",
          "orf", "psd", "raf", "rw2", "svg");

  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final int DIGITS = 20;

  private PictureFolder() {}

  /**
   * Lists the pictures by name, without regard to case, where numbers count as numbers: 9 comes
   * before 10. Hidden files and those that are no pictures are left out.
   *
   * @return at least one
   * @throws VideoReadException if there is none, or one of a kind that is not read
   */
  static List<Path> list(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files =
          all.filter(file -> Files.isRegularFile(file) && !name(file).startsWith("."))
              .sorted(
                  Comparator.comparing((Path file) -> sortKey(name(file)))
                      .thenComparing(PictureFolder::name))
              .toList();
    }
    for (Path file : files) {
      if (UNSUPPORTED.contains(ending(file))) {
        throw new VideoReadException(
            "cannot read "
                + folder
                + ": "
                + name(file)
                + " is a picture of a kind that is not read; convert it to PNG or JPEG, or take it"
                + " out of the folder");
      }
    }
    List<Path> pictures = files.stream().filter(file -> ENDINGS.contains(ending(file))).toList();
    if (pictures.isEmpty()) {
      throw new VideoReadException(
          "cannot read "
              + folder
              + ": no file in the folder is a picture, by the endings "
              + String.join(", ", new TreeSet<>(ENDINGS)));
    }
    return pictures;
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static String ending(Path file) {
    String name = name(file);
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  static String sortKey(String name) {
    return NUMBER.matcher(name.toLowerCase(Locale.ROOT)).replaceAll(PictureFolder::padded);
  }

  private static String padded(MatchResult number) {
    return "0".repeat(Math.max(0, DIGITS - number.group().length())) + number.group();
  }
}
