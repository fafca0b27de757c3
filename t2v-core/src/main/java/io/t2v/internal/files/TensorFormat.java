package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;

/** Tells by a file's first bytes how its tensors are written, whatever its name ends with. */
final class TensorFormat {
  private static final int ZIP = 0x04034b50;
  private static final int PICKLE = 0x80;
  private static final int SAFETENSORS_HEADER_AT = 8;
  private static final int TAR_MAGIC_AT = 257;
  private static final String TAR_MAGIC = "ustar";
  private static final String LFS_MAGIC = "version https://git-lfs";
  private static final Pattern WEB_PAGE =
      Pattern.compile("\\W*<(!doctype\\s+html|html|head)\\b", Pattern.CASE_INSENSITIVE);
  private static final int PROBE_BYTES = 512;

  private TensorFormat() {}

  /**
   * Opens a file.
   *
   * @throws CheckpointException if it is missing, damaged, or of a format that is not known
   */
  static TensorFile open(Path path) {
    try {
      FileIdentity.of(path);
      ByteBuffer start = start(path);
      String text = StandardCharsets.ISO_8859_1.decode(start.duplicate()).toString();
      if (text.startsWith(LFS_MAGIC)) {
        throw new CheckpointException(
            path
                + " is a Git LFS pointer, not the file itself. Fetch it: git lfs pull, or download"
                + " it from its page.");
      }
      if (WEB_PAGE.matcher(text).lookingAt()) {
        throw new CheckpointException(
            path
                + " is a web page, not weights: the link led to a page about the file, or to one"
                + " that asks to sign in. Download the file itself.");
      }
      boolean safetensors =
          path.toString().endsWith(".safetensors") || text.startsWith("{", SAFETENSORS_HEADER_AT);
      if (safetensors) {
        return SafetensorsFile.open(path);
      }
      if (start.remaining() >= Integer.BYTES && start.getInt(0) == ZIP) {
        return PickleFile.openZip(path);
      }
      if (start.hasRemaining() && (start.get(0) & 0xff) == PICKLE) {
        return PickleFile.openLegacy(path);
      }
      throw new CheckpointException(
          path
              + (text.startsWith(TAR_MAGIC, TAR_MAGIC_AT)
                  ? " is a tar file, as PyTorch wrote them before version 0.2. Save it again with a"
                      + " newer PyTorch: torch.save(torch.load(path), path)."
                  : " holds no weights that this library reads: expected safetensors, or a file of"
                      + " torch.save. If it was downloaded, fetch it again."));
    } catch (IOException e) {
      throw new CheckpointException("Could not read " + path + ": " + e + ".", e);
    }
  }

  private static ByteBuffer start(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return FileBytes.read(channel, 0, (int) Math.min(channel.size(), PROBE_BYTES));
    }
  }
}
