package io.t2v.internal.files;

import com.google.common.hash.Funnels;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a video's record knows files by: the SHA-256 of their whole content. */
public final class FileDigest {
  private FileDigest() {}

  /**
   * Reads files, one after the other.
   *
   * @return the digest of all of it, in hexadecimal
   * @throws CheckpointException if one cannot be read
   */
  public static String sha256(Path... files) {
    Hasher hasher = Hashing.sha256().newHasher();
    try (OutputStream into = Funnels.asOutputStream(hasher)) {
      for (Path file : files) {
        Files.copy(file, into);
      }
    } catch (IOException e) {
      throw new CheckpointException("Could not read one of " + List.of(files) + ": " + e + ".", e);
    }
    return hasher.hash().toString();
  }
}
