package io.t2v.checkpoint;

/**
 * A stretch of a file.
 *
 * @param offset of its first byte in the file
 * @param bytes length
 */
record FileRange(long offset, long bytes) {}
