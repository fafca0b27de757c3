package io.t2v.internal.torch;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;

/**
 * Recognises that libtorch or JavaCPP found no memory. libtorch's exceptions all come as {@link
 * RuntimeException}, with a text that differs by device and library, followed by C++ stack frames;
 * JavaCPP throws an {@link OutOfMemoryError}, though the Java heap has room.
 */
public final class AllocationFailure {
  /**
   * Of the allocators for CUDA and for the CPU, of mappings, of C++, of MPS, of CUDA itself, of
   * cuBLAS and its kin, and of NNPACK and its kin.
   */
  private static final List<String> SIGNS =
      ImmutableList.of(
          "CUDA out of memory.",
          "can't allocate memory",
          "unable to mmap",
          "std::bad_alloc",
          "MPS backend out of memory",
          "CUDA error: out of memory",
          "_ALLOC_FAILED",
          "Reason: Out of memory");

  /** JavaCPP's limits, and its pointers when malloc returns nothing. */
  private static final List<String> SIGNS_OF_JAVACPP =
      ImmutableList.of(
          "Physical memory usage is too high",
          "Failed to allocate memory within limits",
          "Cannot allocate new ",
          "Native allocator returned address == 0");

  private AllocationFailure() {}

  /**
   * Tells whether an exception says that native memory ran out.
   *
   * @param failure any
   * @return what libtorch or JavaCPP says, in one line and without stack frames; empty for all
   *     other exceptions
   */
  public static Optional<String> text(Throwable failure) {
    String message = failure.getMessage();
    if (message == null) {
      return Optional.empty();
    }
    String text = NativeFailure.withoutFrames(message);
    return signs(failure).stream().anyMatch(text::contains) ? Optional.of(text) : Optional.empty();
  }

  /** libtorch's exceptions are of no more special class; those that are have another origin. */
  private static List<String> signs(Throwable failure) {
    if (failure instanceof OutOfMemoryError) {
      return SIGNS_OF_JAVACPP;
    }
    return failure.getClass() == RuntimeException.class ? SIGNS : List.of();
  }
}
