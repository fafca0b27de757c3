package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What Jazzer calls with bytes that it makes up, guided by which branches they reach: any bytes at
 * all are read, or refused with a {@link CheckpointException}.
 */
public final class ReadersFuzz {
  /** Where the bytes are written for the readers to find. */
  static final String FILE = "t2v.fuzz.file";

  private ReadersFuzz() {}

  /** Jazzer looks for this name. */
  public static void fuzzerTestOneInput(byte[] content) throws IOException {
    Path file = Files.write(Path.of(System.getProperty(FILE)), content);
    try {
      TensorFormat.open(file);
    } catch (CheckpointException e) {
      // refused, as it should be
    }
    try {
      JsonConfig.read(file).requireAllRead();
    } catch (CheckpointException e) {
      // refused, as it should be
    }
  }
}
