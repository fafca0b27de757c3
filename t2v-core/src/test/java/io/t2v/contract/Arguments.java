package io.t2v.contract;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What a plug-in is given: numbers that a seed makes up for each sample of a batch. Remembers them,
 * to see whether they are left alone.
 */
final class Arguments implements AutoCloseable {
  private final long[] seeds;
  private final DrawsOfVideos draws;
  private final Map<Tensor, float[]> given = new IdentityHashMap<>();
  private final List<Tensor> own = new ArrayList<>();

  Arguments(long... seeds) {
    this.seeds = seeds.clone();
    draws = new DrawsOfVideos(seeds);
  }

  /** One for each sample. */
  long[] seeds() {
    return seeds.clone();
  }

  int samples() {
    return seeds.length;
  }

  /** A shape of one sample, with as many rows as all samples have. */
  long[] ofAll(long... shapeOfOne) {
    long[] shape = shapeOfOne.clone();
    shape[0] *= seeds.length;
    return shape;
  }

  /** Gaussian numbers, kept until this is closed. */
  Tensor gaussian(long... shapeOfOne) {
    Tensor numbers = draws.gaussian(shapeOfOne);
    own.add(numbers);
    return given(numbers);
  }

  /** Notes what a tensor holds when the plug-in is given it. */
  Tensor given(Tensor tensor) {
    given.put(tensor, Draws.floats(tensor));
    return tensor;
  }

  /** Whether all that was given since the last time holds what it held. */
  boolean areUnchanged() {
    boolean unchanged =
        given.entrySet().stream()
            .allMatch(entry -> Arrays.equals(Draws.floats(entry.getKey()), entry.getValue()));
    given.clear();
    return unchanged;
  }

  @Override
  public void close() {
    own.forEach(Tensor::close);
    draws.close();
  }
}
