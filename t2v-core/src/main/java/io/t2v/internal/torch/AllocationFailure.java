package io.t2v.internal.torch;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;

/**
 * Recognises that libtorch found no memory. Its exceptions all come as {@link RuntimeException},
 * with a text that differs by device and library, followed by C++ stack frames.
 */
public final class AllocationFailure {
  /**
   * Of the allocators for CUDA and for the CPU, of MPS, of CUDA itself, of cuBLAS and its kin, and
   * of NNPACK and its kin.
   */
  private static final List<String> SIGNS =
      ImmutableList.of(
          "CUDA out of memory.",
          "can't allocate memory",
          "MPS backend out of memory",
          "CUDA error: out of memory",
          "_ALLOC_FAILED",
          "Reason: Out of memory");

  private static final String FRAMES = "\nException raised from ";

  private AllocationFailure() {}

  /**
   * Tells whether an exception says that memory ran out.
   *
   * @param failure any
   * @return what libtorch says, in one line and without its stack frames; empty for all other
   *     exceptions
   */
  public static Optional<String> text(RuntimeException failure) {
    String message = failure.getMessage();
    // libtorch's exceptions are of no more special class; those that are have another origin.
    if (failure.getClass() != RuntimeException.class || message == null) {
      return Optional.empty();
    }
    int frames = message.indexOf(FRAMES);
    String text = frames < 0 ? message : message.substring(0, frames);
    return SIGNS.stream().anyMatch(text::contains)
        ? Optional.of(text.strip().replaceAll("\\s*\\R\\s*", " "))
        : Optional.empty();
  }
}
