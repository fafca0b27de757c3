package io.t2v.ffmpeg;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a file goes: FFmpeg writes into an output, and what is made of that goes to its place. */
interface Destination extends AutoCloseable {
  /** Opens what FFmpeg writes into; to be closed before this. Called once. */
  Output open() throws FfmpegException, VideoWriteException;

  /** Puts the finished file into its place. */
  void commit(ByteSource written, FileEdit edit) throws IOException;

  @Override
  void close();

  /**
   * Returns the destination for a path: a file that appears when it is complete, or the bytes
   * themselves if something is there that is no file, such as a pipe or a device.
   */
  static Destination of(Path path) throws VideoWriteException {
    if (Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path)) {
      return new ToPipe(path);
    }
    return new ToFile(new AtomicFile(path));
  }

  /** A file. */
  final class ToFile implements Destination {
    private final AtomicFile target;
    private final boolean isLocal;

    ToFile(AtomicFile target) {
      this.target = target;
      // FFmpeg does not know the file systems that Java has of its own, such as ZIP archives.
      isLocal = target.temporary().getFileSystem() == FileSystems.getDefault();
    }

    @Override
    public Output open() throws FfmpegException {
      return isLocal ? new FileOutput(target.temporary().toAbsolutePath()) : new MemoryOutput();
    }

    @Override
    public void commit(ByteSource written, FileEdit edit) throws IOException {
      Path complete = target.temporary();
      if (!isLocal || !edit.changesNothing()) {
        complete = target.another();
        try (OutputStream out = Files.newOutputStream(complete)) {
          edit.write(written, out);
        }
      }
      written.close(); // some systems do not move open files
      target.commit(complete);
    }

    @Override
    public void close() {
      target.close();
    }
  }

  /** A stream, which stays the caller's to close. */
  record ToStream(OutputStream stream) implements Destination {
    @Override
    public Output open() throws FfmpegException {
      return new MemoryOutput();
    }

    @Override
    public void commit(ByteSource written, FileEdit edit) throws IOException {
      edit.write(written, stream);
      stream.flush();
    }

    @Override
    public void close() {}
  }

  /** Something in the file system that only takes bytes. */
  record ToPipe(Path path) implements Destination {
    @Override
    public Output open() throws FfmpegException {
      return new MemoryOutput();
    }

    @Override
    public void commit(ByteSource written, FileEdit edit) throws IOException {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path))) {
        edit.write(written, out);
      }
    }

    @Override
    public void close() {}
  }
}
