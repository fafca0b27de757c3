package io.t2v.internal.torch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The versions of the presets that this library is built with; the build writes them. */
record PresetVersions(String pytorch, String cuda) {
  private static final String RESOURCE = "presets.properties";

  static PresetVersions get() {
    try (InputStream stream = PresetVersions.class.getResourceAsStream(RESOURCE)) {
      if (stream == null) {
        throw new IllegalStateException("the resource " + RESOURCE + " is missing");
      }
      Properties properties = new Properties();
      properties.load(stream);
      return new PresetVersions(properties.getProperty("pytorch"), properties.getProperty("cuda"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
