package io.t2v.cli;

import io.t2v.Video;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digests as the records of videos have them, in hexadecimal. */
final class Sha256 {
  private Sha256() {}

  /** Of all pixels. */
  static String of(Video video) {
    MessageDigest digest = start();
    for (int i = 0; i < video.frameCount(); i++) {
      digest.update(ByteBuffer.wrap(video.rgb(i)));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Of the content of a file. */
  static String of(Path file) throws IOException {
    MessageDigest digest = start();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest start() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
