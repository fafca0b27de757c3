package io.t2v.internal.clip;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/** The library's own lists: resources beside this class, packed, one entry a line. */
final class PackedLines {
  private PackedLines() {}

  static Iterable<String> read(String resource) {
    // Asked of a class of this package: in a named module nobody else may read its resources.
    try (InputStream packed =
            Objects.requireNonNull(PackedLines.class.getResourceAsStream(resource));
        InputStream in = new GZIPInputStream(packed)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Splitter.on('\n').omitEmptyStrings().split(text);
    } catch (IOException e) {
      throw new UncheckedIOException("The library's own " + resource + " cannot be read", e);
    }
  }
}
