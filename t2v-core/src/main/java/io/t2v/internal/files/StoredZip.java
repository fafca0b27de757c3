package io.t2v.internal.files;

import com.google.common.collect.ImmutableSet;
import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A zip file whose entries are not compressed, so that they can be read where they lie. Files above
 * 4 GB are known (zip64). The directory alone is read.
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">The format</a>
 */
final class StoredZip {
  private static final int LOCAL_HEADER = 0x04034b50;
  private static final int LOCAL_HEADER_BYTES = 30;
  private static final int DIRECTORY_HEADER = 0x02014b50;
  private static final int DIRECTORY_HEADER_BYTES = 46;
  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int END_64 = 0x06064b50;
  private static final int END_64_BYTES = 56;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int LOCATOR_64_BYTES = 20;
  private static final int ZIP_64_FIELD = 1;
  private static final long IN_ZIP_64_FIELD = 0xffff_ffffL;
  private static final int MAX_COMMENT_BYTES = 0xffff;
  private static final int ENCRYPTED = 1;
  private static final int STORED = 0;

  /** An entry takes about 100 bytes, the largest models have some thousand. */
  private static final int MAX_DIRECTORY_BYTES = 16 << 20;

  private final Path path;
  private final FileChannel channel;
  private final long directoryStart;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private StoredZip(Path path, FileChannel channel, long directoryStart) {
    this.path = path;
    this.channel = channel;
    this.directoryStart = directoryStart;
  }

  private record Entry(long header, long bytes) {}

  private record Directory(long start, long bytes, long end) {}

  /**
   * Reads the directory.
   *
   * @param path for messages
   * @param channel the file, which the caller keeps open as long as entries are looked up
   * @throws CheckpointException if the file is damaged, or its entries are not stored plainly
   */
  static StoredZip open(Path path, FileChannel channel) throws IOException {
    Directory directory = directory(path, channel);
    if (directory.bytes() > MAX_DIRECTORY_BYTES
        || directory.start() < 0
        || directory.bytes() < 0
        || directory.start() > directory.end() - directory.bytes()) {
      throw damaged(
          path,
          "its zip directory claims "
              + Long.toUnsignedString(directory.bytes())
              + " bytes at byte "
              + Long.toUnsignedString(directory.start()));
    }
    StoredZip zip = new StoredZip(path, channel, directory.start());
    ByteBuffer bytes = FileBytes.read(channel, directory.start(), (int) directory.bytes());
    while (bytes.hasRemaining()) {
      zip.readEntry(bytes);
    }
    return zip;
  }

  private static Directory directory(Path path, FileChannel channel) throws IOException {
    long size = channel.size();
    int tailBytes = (int) Math.min(size, END_BYTES + MAX_COMMENT_BYTES);
    long tailStart = size - tailBytes;
    ByteBuffer tail = FileBytes.read(channel, tailStart, tailBytes);
    for (int i = tailBytes - END_BYTES; i >= 0; i--) {
      if (tail.getInt(i) == END && i + END_BYTES + unsignedShort(tail, i + 20) == tailBytes) {
        long bytes = unsignedInt(tail, i + 12);
        long start = unsignedInt(tail, i + 16);
        boolean large =
            bytes == IN_ZIP_64_FIELD
                || start == IN_ZIP_64_FIELD
                || unsignedShort(tail, i + 10) == 0xffff;
        return large
            ? directory64(path, channel, tailStart + i)
            : new Directory(start, bytes, tailStart + i);
      }
    }
    throw damaged(
        path, "its zip directory is missing. If it was downloaded, it may have been cut off");
  }

  private static Directory directory64(Path path, FileChannel channel, long end)
      throws IOException {
    if (end >= LOCATOR_64_BYTES) {
      ByteBuffer locator = FileBytes.read(channel, end - LOCATOR_64_BYTES, LOCATOR_64_BYTES);
      long position = locator.getLong(8);
      if (locator.getInt(0) == LOCATOR_64
          && position >= 0
          && position <= end - LOCATOR_64_BYTES - END_64_BYTES) {
        ByteBuffer end64 = FileBytes.read(channel, position, END_64_BYTES);
        if (end64.getInt(0) == END_64) {
          return new Directory(end64.getLong(48), end64.getLong(40), position);
        }
      }
    }
    throw damaged(path, "its zip directory for large files is missing");
  }

  private void readEntry(ByteBuffer directory) {
    if (directory.remaining() < DIRECTORY_HEADER_BYTES
        || directory.getInt(directory.position()) != DIRECTORY_HEADER) {
      throw damaged(path, "its zip directory has an entry that is none");
    }
    int start = directory.position();
    int flags = unsignedShort(directory, start + 8);
    int method = unsignedShort(directory, start + 10);
    long compressed = unsignedInt(directory, start + 20);
    long bytes = unsignedInt(directory, start + 24);
    int nameBytes = unsignedShort(directory, start + 28);
    int extraBytes = unsignedShort(directory, start + 30);
    int commentBytes = unsignedShort(directory, start + 32);
    long header = unsignedInt(directory, start + 42);
    if (directory.remaining() < DIRECTORY_HEADER_BYTES + nameBytes + extraBytes + commentBytes) {
      throw damaged(path, "its zip directory ends within an entry");
    }
    byte[] nameInBytes = new byte[nameBytes];
    directory.get(start + DIRECTORY_HEADER_BYTES, nameInBytes);
    String name = new String(nameInBytes, StandardCharsets.UTF_8);
    requirePlain(name);
    ByteBuffer extra =
        directory
            .slice(start + DIRECTORY_HEADER_BYTES + nameBytes, extraBytes)
            .order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer large = zip64Field(extra);
    bytes = bytes == IN_ZIP_64_FIELD ? next(large, name) : bytes;
    compressed = compressed == IN_ZIP_64_FIELD ? next(large, name) : compressed;
    header = header == IN_ZIP_64_FIELD ? next(large, name) : header;
    if (method != STORED || (flags & ENCRYPTED) != 0 || compressed != bytes) {
      throw new CheckpointException(
          path
              + " has the compressed or encrypted entry "
              + name
              + ". PyTorch stores entries as they are, and so they are used in place: unpack the"
              + " file, and save it again with torch.save.");
    }
    if (bytes < 0 || header < 0 || header > directoryStart - LOCAL_HEADER_BYTES) {
      throw damaged(path, "its entry " + name + " lies outside of the file");
    }
    if (entries.put(name, new Entry(header, bytes)) != null) {
      throw damaged(path, "its entry " + name + " is there twice");
    }
    directory.position(start + DIRECTORY_HEADER_BYTES + nameBytes + extraBytes + commentBytes);
  }

  private void requirePlain(String name) {
    boolean plain =
        !name.startsWith("/")
            && name.chars().noneMatch(c -> c == '\\' || c < ' ' || c == 0x7f || c == 0xfffd)
            && !("/" + name + "/").contains("/../");
    if (!plain) {
      throw damaged(
          path,
          "its zip directory has the entry "
              + name.replaceAll("\\p{Cntrl}", "?")
              + ", which points out of it");
    }
  }

  /** Numbers that are too large for their place follow each other in an extra field. */
  private static @Nullable ByteBuffer zip64Field(ByteBuffer extra) {
    while (extra.remaining() >= 4) {
      int id = Short.toUnsignedInt(extra.getShort());
      int bytes = Math.min(Short.toUnsignedInt(extra.getShort()), extra.remaining());
      if (id == ZIP_64_FIELD) {
        return extra.slice(extra.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
      }
      extra.position(extra.position() + bytes);
    }
    return null;
  }

  private long next(@Nullable ByteBuffer numbers, String entry) {
    if (numbers == null || numbers.remaining() < Long.BYTES) {
      throw damaged(path, "its entry " + entry + " lacks its length or place");
    }
    return numbers.getLong();
  }

  /** The names of all entries. */
  Set<String> names() {
    return ImmutableSet.copyOf(entries.keySet());
  }

  /**
   * Finds an entry's bytes.
   *
   * @throws CheckpointException if it is missing, or the file is damaged where it lies
   */
  FileRange range(String name) throws IOException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw damaged(path, "its entry " + name + " is missing");
    }
    ByteBuffer header = FileBytes.read(channel, entry.header(), LOCAL_HEADER_BYTES);
    long start =
        entry.header() + LOCAL_HEADER_BYTES + unsignedShort(header, 26) + unsignedShort(header, 28);
    if (header.getInt(0) != LOCAL_HEADER
        || start > directoryStart
        || entry.bytes() > directoryStart - start) {
      throw damaged(path, "its entry " + name + " is not where its zip directory says");
    }
    return new FileRange(start, entry.bytes());
  }

  private static int unsignedShort(ByteBuffer buffer, int index) {
    return Short.toUnsignedInt(buffer.getShort(index));
  }

  private static long unsignedInt(ByteBuffer buffer, int index) {
    return Integer.toUnsignedLong(buffer.getInt(index));
  }

  private static CheckpointException damaged(Path path, String why) {
    return new CheckpointException(path + " is no intact PyTorch file: " + why + ".");
  }
}
