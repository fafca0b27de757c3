package io.t2v.ffmpeg;

import io.t2v.internal.io.AtomicFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a finished file goes. FFmpeg writes into an {@link Output}, going back and forth in it; the
 * result is edited and put into its place.
 */
interface Destination extends AutoCloseable {
  /** Opens what FFmpeg writes into; to be closed before this. Called once. */
  Output open() throws FfmpegException;

  /**
   * Puts the finished file into its place.
   *
   * @return where it is, if that is a path
   */
  Optional<Path> commit(ByteSource written, FileEdit edit) throws FfmpegException, IOException;

  @Override
  void close();

  /** A path. */
  final class ToFile implements Destination {
    private final AtomicFile target;
    private final Path path;
    private final boolean replaces;
    private final boolean isLocal;

    /**
     * Checks that the path can be written.
     *
     * @param replaces whether a file that is there at the end is replaced
     * @throws IOException if it cannot
     */
    ToFile(Path path, boolean replaces) throws IOException {
      this.path = path;
      this.replaces = replaces;
      target = AtomicFile.create(path);
      // FFmpeg does not know the file systems that Java has of its own, such as ZIP archives.
      isLocal = target.temporary().getFileSystem() == FileSystems.getDefault();
    }

    @Override
    public Output open() throws FfmpegException {
      return isLocal ? new FileOutput(target.temporary().toAbsolutePath()) : new MemoryOutput();
    }

    @Override
    public Optional<Path> commit(ByteSource written, FileEdit edit) throws IOException {
      Path complete = target.temporary();
      if (!isLocal || !edit.changesNothing()) {
        complete = target.temporary("edited");
        try (OutputStream out = Files.newOutputStream(complete)) {
          edit.write(written, out);
        }
      }
      written.close(); // some systems do not move open files
      if (!replaces) {
        return Optional.of(target.commitWithoutReplacing(complete));
      }
      target.commit(complete);
      return Optional.of(path);
    }

    @Override
    public void close() {
      target.close();
    }
  }

  /** The caller's stream, which stays open. */
  record ToStream(OutputStream stream) implements Destination {
    @Override
    public Output open() throws FfmpegException {
      return new MemoryOutput();
    }

    @Override
    public Optional<Path> commit(ByteSource written, FileEdit edit) throws IOException {
      edit.write(written, stream);
      stream.flush();
      return Optional.empty();
    }

    @Override
    public void close() {}
  }

  /** An array of the file's own size. */
  final class ToArray implements Destination {
    private byte[] bytes = {};

    @Override
    public Output open() throws FfmpegException {
      return new MemoryOutput();
    }

    @Override
    public Optional<Path> commit(ByteSource written, FileEdit edit)
        throws FfmpegException, IOException {
      long size = edit.size(written);
      if (size > Integer.MAX_VALUE - 8) {
        throw new FfmpegException(
            "the file has " + size + " bytes, more than an array holds; write it to a path");
      }
      HeapRoom.require(size, "the finished file", FfmpegException::new);
      ByteBuffer array = ByteBuffer.allocate((int) size);
      edit.write(
          written,
          new OutputStream() {
            @Override
            public void write(int b) {
              array.put((byte) b);
            }

            @Override
            public void write(byte[] part, int from, int length) {
              array.put(part, from, length);
            }
          });
      bytes = array.array();
      return Optional.empty();
    }

    byte[] bytes() {
      return bytes;
    }

    @Override
    public void close() {}
  }
}
