package io.t2v.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What Jazzer calls. Hands each input to a {@link FuzzedReader}, and counts them. */
public final class FuzzTarget {
  /** A class name. */
  static final String READER = "t2v.fuzz.reader";

  static final String FOLDER = "t2v.fuzz.folder";

  private static @Nullable FuzzedReader reader;
  private static long inputs;
  private static long nanos;

  private FuzzTarget() {}

  /** Jazzer looks for this name. */
  public static void fuzzerInitialize() throws IOException, ReflectiveOperationException {
    reader = of(Class.forName(System.getProperty(READER)));
    reader.start(Files.createDirectories(Path.of(System.getProperty(FOLDER))));
  }

  static FuzzedReader of(Class<?> reader) throws ReflectiveOperationException {
    return (FuzzedReader) reader.getDeclaredConstructor().newInstance();
  }

  /** Jazzer looks for this name. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    long start = System.nanoTime();
    reader.read(input);
    nanos += System.nanoTime() - start;
    inputs++;
  }

  /** Jazzer looks for this name. */
  public static void fuzzerTearDown() {
    System.out.printf(
        Locale.ROOT,
        "%s: %d inputs, %.3f ms each%n",
        reader.getClass().getSimpleName(),
        inputs,
        nanos / 1e6 / Math.max(1, inputs));
  }
}
