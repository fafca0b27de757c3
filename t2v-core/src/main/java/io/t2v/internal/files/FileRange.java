package io.t2v.internal.files;

/**
 * A stretch of a file.
 *
 * @param offset of its first byte in the file
 * @param bytes length
 */
record FileRange(long offset, long bytes) {}
