package io.t2v.offload;

/** Stands for the fastest policy that fits, until the pipeline knows which that is. */
final class AutoPolicy implements OffloadPolicy {
  static final AutoPolicy INSTANCE = new AutoPolicy();

  private AutoPolicy() {}

  @Override
  public Residency residency(Component component) {
    throw new IllegalStateException(
        "OffloadPolicy.auto() is for the pipeline's builder, which knows the model and the memory");
  }

  @Override
  public String toString() {
    return "auto";
  }
}
