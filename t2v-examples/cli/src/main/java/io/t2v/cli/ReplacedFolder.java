package io.t2v.cli;

import io.t2v.ffmpeg.VideoFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A folder of PNG files, set aside while a new one is written in its place.
 *
 * @param place where it was
 * @param aside where it is; empty if there was none
 */
record ReplacedFolder(Path place, Optional<Path> aside) {
  /** Sets aside what is there, if it is such a folder. */
  static ReplacedFolder at(Path place, VideoFormat format) throws IOException {
    if (!OutputFiles.isVideoFolder(place, format)) {
      return new ReplacedFolder(place, Optional.empty());
    }
    Path folder = Files.createTempDirectory(place.toAbsolutePath().getParent(), ".t2v-");
    Path aside = folder.resolve(place.getFileName());
    Files.move(place, aside);
    return new ReplacedFolder(place, Optional.of(aside));
  }

  /** Puts it back, as the new one failed. */
  void restore() throws IOException {
    if (aside.isPresent()) {
      Files.move(aside.orElseThrow(), place);
      Files.delete(aside.orElseThrow().getParent());
    }
  }

  /** Deletes it, as the new one is complete. */
  void delete() throws IOException {
    if (aside.isPresent()) {
      try (Stream<Path> old = Files.walk(aside.orElseThrow().getParent())) {
        for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
