package io.t2v.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a file's content has to hash to: SHA-256 of the bytes for large files, which hubs keep in
 * LFS, and git's own name of the content, a SHA-1 over its length and its bytes, for small ones.
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

  /** Whether what was hashed is this. */
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
