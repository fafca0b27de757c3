package io.t2v.contract;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The rules of every plug-in that makes tensors of its arguments. Results depend on the arguments
 * of one run alone: not on other runs, made before, in turn or at the same time, and not on the
 * other samples of a batch. Arguments stay as they are, and native memory goes with the run.
 */
abstract class TensorContract extends PlugInContract {
  private static final int THREADS = 3;
  private static final double ROUNDING = 1e-4;

  private final String samples;

  /**
   * Of a plug-in.
   *
   * @param plugIn its name
   * @param samples what a batch consists of, such as "videos"
   */
  TensorContract(String plugIn, String samples) {
    super(plugIn);
    this.samples = samples;
  }

  /**
   * A use of the plug-in from beginning to end: a scheduler's run, a bound denoiser, some calls.
   */
  @FunctionalInterface
  interface Run extends AutoCloseable {
    /** Calls the plug-in; the first dimension of the result counts the samples of the batch. */
    Tensor call(int index);

    @Override
    default void close() {}
  }

  /** Starts a run on these arguments. */
  abstract Run start(Arguments arguments);

  /** How many calls a run has. */
  abstract int calls();

  final void checkRuns() {
    require(same(run(7), run(7)), "gives another result for the same arguments in a second run");
    runsAreIndependent();
    threadsAreIndependent();
    samplesAreIndependent();
    leavesNoNativeObjectBehind();
  }

  private void runsAreIndependent() {
    List<float[]> alone = run(7);
    try (PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true);
        Progress one = new Progress(7);
        Progress other = new Progress(9);
        Progress late = new Progress(7)) {
      one.call();
      while (!one.done()) {
        other.call();
        one.call();
        late.call();
      }
      require(
          same(one.finish(), alone) && same(late.finish(), alone),
          "shares state between runs that are made in turn");
    }
  }

  private void threadsAreIndependent() {
    List<CompletableFuture<List<float[]>>> together = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      long seed = i;
      together.add(CompletableFuture.supplyAsync(() -> run(seed)));
    }
    for (int i = 0; i < THREADS; i++) {
      require(
          same(together.get(i).join(), run(i)),
          "shares state between runs that several threads make at the same time");
    }
  }

  private void samplesAreIndependent() {
    List<float[]> together = run(11, 12);
    List<float[]> first = run(11);
    List<float[]> second = run(12);
    for (int i = 0; i < first.size(); i++) {
      int length = first.get(i).length;
      require(
          close(Arrays.copyOfRange(together.get(i), 0, length), first.get(i))
              && close(Arrays.copyOfRange(together.get(i), length, 2 * length), second.get(i)),
          "mixes up the %s of a batch: in call %s one of two differs from what it is alone",
          samples,
          i);
    }
  }

  private void leavesNoNativeObjectBehind() {
    run(1);
    long before = Pointer.totalCount();
    for (int i = 0; i < 3; i++) {
      run(i);
      brokenOff(i);
    }
    require(Pointer.totalCount() <= before, "leaves native objects behind");
  }

  private void brokenOff(long seed) {
    try (PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true);
        Progress run = new Progress(seed)) {
      run.call();
    }
  }

  /** For plug-ins that may be called without an open scope, by callers who close every result. */
  final void leavesNothingBehindWithoutAScope() {
    long before = Pointer.totalCount();
    for (int calls : new int[] {calls(), 1}) {
      List<Tensor> results = new ArrayList<>();
      try (Arguments arguments = new Arguments(2);
          Run run = start(arguments)) {
        for (int i = 0; i < calls; i++) {
          results.add(run.call(i));
        }
      }
      results.forEach(Tensor::close);
    }
    require(
        Pointer.totalCount() <= before,
        "leaves native objects behind where the caller has no scope but closes what it gets");
  }

  /**
   * For networks whose weights can be held.
   *
   * @param hold returns what ends it
   */
  final void holdingChangesNothing(Supplier<Runnable> hold) {
    List<float[]> alone = run(7);
    Runnable end = hold.get();
    try {
      require(same(run(7), alone), "gives another result while it is held");
    } finally {
      end.run();
    }
    require(same(run(7), alone), "gives another result after it was held");
  }

  /** The results of all calls of a run with one sample for each seed. */
  final List<float[]> run(long... seeds) {
    try (PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true);
        Progress run = new Progress(seeds)) {
      return run.finish();
    }
  }

  /**
   * Checks the result of a method.
   *
   * @param shape expected
   * @param arguments of which the result is none
   */
  final Tensor checked(String method, @Nullable Tensor result, long[] shape, Tensor... arguments) {
    Tensor present = requireResult(method, result);
    require(
        Arrays.equals(present.shape(), shape),
        "returns the shape %s from %s, expected %s",
        Arrays.toString(present.shape()),
        method,
        Arrays.toString(shape));
    ScalarType dtype = present.scalar_type().intern();
    require(
        dtype == ScalarType.Float, "returns the dtype %s from %s, expected Float", dtype, method);
    for (Tensor argument : arguments) {
      require(present != argument, "returns its argument from %s, expected a new tensor", method);
    }
    return present;
  }

  static boolean same(List<float[]> some, List<float[]> others) {
    return Arrays.deepEquals(some.toArray(), others.toArray());
  }

  /** Up to rounding. */
  static boolean close(float[] some, float[] others) {
    for (int i = 0; i < some.length; i++) {
      // NaN is close to nothing
      if (!(Math.abs(some[i] - others[i]) <= ROUNDING * Math.max(1, Math.abs(others[i])))) {
        return false;
      }
    }
    return some.length == others.length;
  }

  /** A run, and how far it is. */
  private final class Progress implements AutoCloseable {
    private final Arguments arguments;
    private final Run run;
    private final List<float[]> results = new ArrayList<>();

    Progress(long... seeds) {
      arguments = new Arguments(seeds);
      run = start(arguments);
    }

    boolean done() {
      return results.size() == calls();
    }

    void call() {
      int index = results.size();
      results.add(Draws.floats(run.call(index)));
      require(
          arguments.areUnchanged(),
          "changes a tensor that it is given, in call %s: libtorch's methods that end in _ do that",
          index);
    }

    List<float[]> finish() {
      while (!done()) {
        call();
      }
      return results;
    }

    @Override
    public void close() {
      run.close();
      arguments.close();
    }
  }
}
