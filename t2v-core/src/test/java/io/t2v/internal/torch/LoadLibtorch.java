package io.t2v.internal.torch;

import io.t2v.device.MissingNativesException;

/** Loads libtorch in a process of its own, and says that it did, or why it did not. */
final class LoadLibtorch {
  private LoadLibtorch() {}

  public static void main(String[] arguments) {
    try {
      TorchRuntime.load();
      System.out.println("loaded");
    } catch (MissingNativesException e) {
      System.out.println(e.getMessage());
    }
  }
}
