package io.t2v.internal.io;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.ReadOnlyFileSystemException;

/** Puts errors of file systems into words. */
public final class FileErrors {
  private FileErrors() {}

  /**
   * Returns why a file operation failed, to follow "cannot write FILE: ". The exceptions of {@code
   * java.nio.file} often carry nothing but a path.
   *
   * @param e thrown by a file operation
   * @return the file system's own words where it has some
   */
  public static String reason(Exception e) {
    if (e instanceof FileSystemException failure) {
      if (failure.getReason() != null) {
        return failure.getReason();
      }
      if (e instanceof NoSuchFileException) {
        return "there is no " + failure.getFile();
      }
      if (e instanceof AccessDeniedException) {
        return "permission denied for " + failure.getFile();
      }
    }
    if (e instanceof ReadOnlyFileSystemException) {
      return "ReadOnlyFileSystemException: the file system is read-only";
    }
    String name = e.getClass().getSimpleName();
    return e.getMessage() != null ? name + ": " + e.getMessage() : name;
  }
}
