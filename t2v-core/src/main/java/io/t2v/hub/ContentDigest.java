package io.t2v.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The digest that a file has to have: for large files, which hubs keep in LFS, the SHA-256 of the
 * content; for small ones git's object name, a SHA-1 over its length and its content.
 *
 * @param algorithm as Java names it
 * @param hex the digest, in lower case
 */
record ContentDigest(String algorithm, String hex) {
  private static final String SHA256 = "SHA-256";
  private static final String GIT = "SHA-1";
  private static final Pattern SHA256_HEX = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern SHA1_HEX = Pattern.compile("[0-9a-f]{40}");

  /** The digest that an entity tag or a listing holds, told by its length. */
  static Optional<ContentDigest> parse(String text) {
    String hex = text.toLowerCase(Locale.ROOT);
    if (SHA256_HEX.matcher(hex).matches()) {
      return Optional.of(new ContentDigest(SHA256, hex));
    }
    return SHA1_HEX.matcher(hex).matches()
        ? Optional.of(new ContentDigest(GIT, hex))
        : Optional.empty();
  }

  /** Starts hashing a file of so many bytes. */
  MessageDigest start(long size) {
    MessageDigest running = digest(algorithm);
    if (algorithm.equals(GIT)) {
      running.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
    }
    return running;
  }

  /**
   * Hashes a file.
   *
   * @param file to be read whole
   * @return whether it has this digest
   * @throws IOException if it cannot be read
   */
  boolean matches(Path file, Cancellation cancellation) throws IOException {
    MessageDigest digest = start(Files.size(file));
    byte[] buffer = new byte[1 << 20];
    try (InputStream in = Files.newInputStream(file)) {
      int read = in.read(buffer);
      while (read >= 0) {
        cancellation.check();
        digest.update(buffer, 0, read);
        read = in.read(buffer);
      }
    }
    return matches(digest.digest());
  }

  /** Whether a digest is this one. */
  boolean matches(byte[] found) {
    return HexFormat.of().formatHex(found).equals(hex);
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has " + algorithm, e);
    }
  }
}
