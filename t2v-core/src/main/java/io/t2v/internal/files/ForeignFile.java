package io.t2v.internal.files;

import com.google.common.base.CharMatcher;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;

/** Tells files that hold no tensors by their first bytes, and what is to be done about them. */
final class ForeignFile {
  private static final int PROBE_BYTES = 512;
  private static final int SAFETENSORS_HEADER_AT = 8;
  private static final int QUOTED = 60;
  private static final CharMatcher PRINTABLE =
      CharMatcher.inRange(' ', '~').or(CharMatcher.anyOf("\t\r\n")).precomputed();
  private static final String LFS_MAGIC = "version https://git-lfs";
  private static final Pattern WEB_PAGE =
      Pattern.compile("\\W*<(!doctype\\s+html|html|head)\\b", Pattern.CASE_INSENSITIVE);

  private static final String UNPACK = " Unpack it first.";
  private static final String CONVERT = " Convert it to safetensors first.";

  /**
   * A kind of file.
   *
   * @param at where its mark begins
   * @param mark each character a byte
   * @param name with its article
   * @param cure a sentence with a space before it; empty if there is none
   */
  private record Kind(int at, String mark, String name, String cure) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind(0, "\u0089PNG\r\n", "a PNG picture", ""),
          new Kind(0, "\u00ff\u00d8\u00ff", "a JPEG picture", ""),
          new Kind(0, "GIF8", "a GIF", ""),
          new Kind(4, "ftyp", "an MP4 video or a file of its kind", ""),
          new Kind(0, "\u001aE\u00df\u00a3", "a Matroska or WebM video", ""),
          new Kind(0, "GGUF", "a GGUF file", CONVERT),
          new Kind(0, "\u0089HDF\r\n", "an HDF5 file", CONVERT),
          new Kind(0, "\u001f\u008b\b", "a file that gzip compressed", UNPACK),
          new Kind(
              257,
              "ustar",
              "a tar file",
              " Unpack it first; if PyTorch wrote it, before version 0.2, save it again with a newer"
                  + " one: torch.save(torch.load(path), path)."),
          new Kind(0, "\u007fELF", "a program or a native library", ""));

  private ForeignFile() {}

  /**
   * Reads the first bytes, up to 512.
   *
   * @param expected what the file should be, to follow "not"
   * @throws CheckpointException if the file is missing, or one that is known to be something else
   */
  static ByteBuffer start(Path path, String expected) {
    FileIdentity.of(path);
    ByteBuffer start;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      start = FileBytes.read(channel, 0, (int) Math.min(channel.size(), PROBE_BYTES));
    } catch (IOException e) {
      throw new CheckpointException("Could not read " + path + ": " + e + ".", e);
    }
    refuse(path, StandardCharsets.ISO_8859_1.decode(start.duplicate()).toString(), expected);
    return start;
  }

  private static void refuse(Path path, String start, String expected) {
    if (start.startsWith(LFS_MAGIC)) {
      throw new CheckpointException(
          path
              + " is a Git LFS pointer, not the file itself. Fetch it: git lfs pull, or download"
              + " it from its page.");
    }
    if (WEB_PAGE.matcher(start).lookingAt()) {
      throw new CheckpointException(
          path
              + " is a web page, not "
              + expected
              + ": the link led to a page about the file, or to one that asks to sign in. Download"
              + " the file itself.");
    }
    if (!start.isEmpty() && PRINTABLE.matchesAllOf(start)) {
      throw new CheckpointException(
          "%s is text, not %s: it begins with \"%s\". If it was downloaded, that may be an error of the server: download it again."
              .formatted(path, expected, beginning(start)));
    }
    if (start.startsWith("{", SAFETENSORS_HEADER_AT)) {
      return; // its length may look like the mark of another kind
    }
    for (Kind kind : KINDS) {
      if (start.startsWith(kind.mark(), kind.at())) {
        throw new CheckpointException(
            path + " is " + kind.name() + ", not " + expected + "." + kind.cure());
      }
    }
  }

  private static String beginning(String text) {
    String line = text.strip().lines().findFirst().orElse("");
    return Printable.of(line.length() <= QUOTED ? line : line.substring(0, QUOTED) + "…");
  }
}
