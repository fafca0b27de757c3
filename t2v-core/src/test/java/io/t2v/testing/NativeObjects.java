package io.t2v.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.Pointer;

/** The native objects of this process that are alive. */
public final class NativeObjects {
  private final long before = Pointer.totalCount();

  private NativeObjects() {}

  /** Remembers how many there are. */
  public static NativeObjects count() {
    return new NativeObjects();
  }

  /** Asserts that there are no more. Leftovers of other tests may be collected meanwhile. */
  public void assertNoMore() {
    assertThat(Pointer.totalCount()).as("live native objects").isLessThanOrEqualTo(before);
  }

  /** Asserts that there are more. */
  public void assertMore() {
    assertThat(Pointer.totalCount()).as("live native objects").isGreaterThan(before);
  }
}
