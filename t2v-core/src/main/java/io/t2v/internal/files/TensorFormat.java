package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Tells by a file's first bytes how its tensors are written, whatever its name ends with. */
final class TensorFormat {
  private static final int ZIP = 0x04034b50;
  private static final int PICKLE = 0x80;
  private static final int SAFETENSORS_HEADER_AT = 8;

  private TensorFormat() {}

  /**
   * Opens a file.
   *
   * @throws CheckpointException if it is missing, damaged, or of a format that is not known
   */
  static TensorFile open(Path path) {
    try {
      ByteBuffer start = ForeignFile.start(path, "weights");
      String text = StandardCharsets.ISO_8859_1.decode(start.duplicate()).toString();
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
              + " holds no weights that this library reads: expected safetensors, or a file of"
              + " torch.save. If it was downloaded, fetch it again.");
    } catch (IOException e) {
      throw new CheckpointException("Could not read " + path + ": " + e + ".", e);
    }
  }
}
