package io.t2v.spark;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Where files go: a folder of any file system that Hadoop knows. A file is there when it is
 * complete: it gets its name by renaming. Two attempts at one request write the same video, and the
 * first to finish wins.
 */
final class VideoFolder {
  private final Path folder;
  private final FileSystem files;

  VideoFolder(String folder, SerializableConfiguration configuration) throws IOException {
    this.folder = new Path(folder);
    files = this.folder.getFileSystem(configuration.value());
  }

  /** Returns the address of a file, whether it is there or not. */
  String address(String name) {
    return new Path(folder, name).toString();
  }

  boolean has(String name) throws IOException {
    return files.exists(new Path(folder, name));
  }

  /**
   * Copies a local file into the folder.
   *
   * @param attempt number that no other task of the application has
   */
  void put(java.nio.file.Path local, String name, long attempt) throws IOException {
    Path partial = new Path(folder, "." + name + "." + attempt + ".part");
    Path target = new Path(folder, name);
    files.mkdirs(folder);
    try {
      files.copyFromLocalFile(false, true, new Path(local.toUri()), partial);
      if (!files.rename(partial, target) && !files.exists(target)) {
        throw new IOException("cannot rename " + partial + " to " + target);
      }
    } finally {
      files.delete(partial, false);
    }
  }
}
