package io.t2v.testing;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A reader that a fuzzer tries with inputs that it makes up. Implementations have a constructor
 * without arguments.
 */
public interface FuzzedReader extends Closeable {
  /**
   * Prepares what all inputs share, and returns some to start from, by name.
   *
   * @param folder for files, empty
   */
  Map<String, byte[]> start(Path folder) throws IOException;

  /**
   * Reads an input, or refuses it with one of the exceptions that docs/security.md lists for it.
   * Any other exception ends the fuzzing.
   */
  void read(byte[] input) throws IOException;

  /** Most hold nothing. */
  @Override
  default void close() throws IOException {}
}
