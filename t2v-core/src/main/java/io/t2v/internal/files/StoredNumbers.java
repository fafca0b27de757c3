package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** Looks at the numbers of tensors where they lie, without libtorch. */
public final class StoredNumbers {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int HALF_INFINITY = 0x7c00;
  private static final int BFLOAT_INFINITY = 0x7f80;
  private static final int FLOAT_INFINITY = 0x7f800000;

  private StoredNumbers() {}

  /**
   * Reads a tensor of one number.
   *
   * @param files whose headers were read
   * @param name of the tensor
   * @return the number, possibly NaN or infinite
   * @throws CheckpointException if the tensor has more than one number, or a number type that is
   *     not read, or cannot be read
   */
  public static double scalar(TensorFiles files, String name) {
    TensorEntry entry = files.entry(name);
    if (entry.elements() != 1) {
      throw new CheckpointException(
          "%s: '%s' has the shape %s, expected one number."
              .formatted(entry.file(), Printable.of(name), entry.shape()));
    }
    try (FileChannel channel = open(files, name)) {
      ByteBuffer bytes = FileBytes.read(channel, entry.offset(), entry.type().bytes());
      return switch (entry.type()) {
        case F16 -> HalfFloat.toFloat(bytes.getShort());
        case BF16 -> Float.intBitsToFloat(bytes.getShort() << 16);
        case F32 -> bytes.getFloat();
        case F64 -> bytes.getDouble();
        case I8 -> bytes.get();
        case U8 -> bytes.get() & 0xff;
        case I16 -> bytes.getShort();
        case I32 -> bytes.getInt();
        case I64 -> bytes.getLong();
        default ->
            throw new CheckpointException(
                "%s: '%s' has the number type %s, expected a number."
                    .formatted(entry.file(), Printable.of(name), entry.type()));
      };
    } catch (IOException e) {
      throw unreadable(entry, e);
    }
  }

  /**
   * Reads all floating-point numbers, a piece at a time, and refuses NaN and infinity.
   *
   * @param files whose headers were read
   * @throws CheckpointException that names the tensor, or the file that cannot be read
   */
  public static void requireFinite(TensorFiles files) {
    for (String name : files.names()) {
      TensorEntry entry = files.entry(name);
      try (FileChannel channel = open(files, name)) {
        long end = entry.offset() + entry.bytes();
        for (long position = entry.offset(); position < end; position += CHUNK_BYTES) {
          int length = (int) Math.min(CHUNK_BYTES, end - position);
          if (!isFinite(FileBytes.read(channel, position, length), entry.type())) {
            throw new CheckpointException(
                "%s: '%s' holds a number that is not finite. Fetch the file again, or use another"
                        .formatted(entry.file(), Printable.of(name))
                    + " one: it was damaged, or its training has failed.");
          }
        }
      } catch (IOException e) {
        throw unreadable(entry, e);
      }
    }
  }

  private static boolean isFinite(ByteBuffer numbers, ElementType type) {
    return switch (type) {
      case F16 -> isFinite(numbers, HALF_INFINITY);
      case BF16 -> isFinite(numbers, BFLOAT_INFINITY);
      case F32 -> {
        boolean finite = true;
        while (numbers.hasRemaining()) {
          finite &= (numbers.getInt() & FLOAT_INFINITY) != FLOAT_INFINITY;
        }
        yield finite;
      }
      default -> true;
    };
  }

  /** infinity: bits of 16, all of the exponent. */
  private static boolean isFinite(ByteBuffer numbers, int infinity) {
    boolean finite = true;
    while (numbers.hasRemaining()) {
      finite &= (numbers.getShort() & infinity) != infinity;
    }
    return finite;
  }

  private static FileChannel open(TensorFiles files, String name) throws IOException {
    return FileChannel.open(files.file(name).identity().path(), StandardOpenOption.READ);
  }

  private static CheckpointException unreadable(TensorEntry entry, IOException e) {
    return new CheckpointException("Could not read " + entry.file() + ": " + e + ".", e);
  }
}
