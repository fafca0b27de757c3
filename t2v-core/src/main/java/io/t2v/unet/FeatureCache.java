package io.t2v.unet;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Deep features of a denoiser, kept from one step of a run for the next ones.
 *
 * <p>From step to step the features of a UNet's inner levels change little. A prediction that takes
 * them from the step before computes the outer blocks alone: those of the down path above {@link
 * #depth}, and those of the up path that join their skip connections. That is DeepCache.
 *
 * <p>A cache holds one tensor, or has numbered parts, each a cache of its own: the windows of a
 * long video, micro-batches within them. It belongs to one run, and is used by one thread.
 *
 * @see <a href="https://arxiv.org/abs/2312.00858">Ma et al., DeepCache: Accelerating Diffusion
 *     Models for Free</a>
 */
public final class FeatureCache implements AutoCloseable {
  private final int depth;
  private final Map<Integer, FeatureCache> parts = new TreeMap<>();
  private @Nullable Tensor features;

  /**
   * Makes an empty cache.
   *
   * @param depth how many blocks of the down path are computed in every step, at least 0; below the
   *     denoiser's {@link Unet3dDenoiser#cacheDepths}
   * @throws IllegalArgumentException if it is negative
   */
  public FeatureCache(int depth) {
    checkArgument(depth >= 0, "depth is %s, expected at least 0", depth);
    this.depth = depth;
  }

  /**
   * Returns how many blocks of the down path are computed in every step.
   *
   * @return at least 0
   */
  public int depth() {
    return depth;
  }

  /**
   * Returns a part, which is empty at first.
   *
   * @param index its number
   * @return the same cache for the same number
   */
  public FeatureCache part(int index) {
    return parts.computeIfAbsent(index, number -> new FeatureCache(depth));
  }

  /**
   * Returns whether there is nothing to reuse.
   *
   * @return true if neither this cache nor a part of it holds features
   */
  public boolean isEmpty() {
    return features == null && parts.values().stream().allMatch(FeatureCache::isEmpty);
  }

  /**
   * Returns the features that {@link #put} left.
   *
   * @return the cache's own, to be neither closed nor changed
   */
  public Optional<Tensor> get() {
    return Optional.ofNullable(features);
  }

  /**
   * Replaces the features.
   *
   * @param tensor which its owner may close, but not change
   */
  public void put(Tensor tensor) {
    Tensor own = tensor.view_as(tensor).retainReference(); // a handle that nobody else closes
    clear(); // behind that: it may be the tensor that is here already
    features = own;
  }

  /**
   * Returns all features, so that a run can be saved.
   *
   * @return by the numbers of the parts that they are in, joined by dots; the cache's own tensors
   */
  public Map<String, Tensor> stateDict() {
    Map<String, Tensor> state = new TreeMap<>();
    get().ifPresent(own -> state.put("", own));
    parts.forEach(
        (index, part) ->
            part.stateDict()
                .forEach(
                    (name, tensor) ->
                        state.put(name.isEmpty() ? "" + index : index + "." + name, tensor)));
    return state;
  }

  /**
   * Restores features that the cache of a saved run held.
   *
   * @param name in its {@link #stateDict}
   * @param tensor of that name
   * @throws NumberFormatException if the name is not one of numbers and dots
   */
  public void load(String name, Tensor tensor) {
    if (name.isEmpty()) {
      put(tensor);
      return;
    }
    int dot = name.indexOf('.');
    FeatureCache part = part(Integer.parseInt(dot < 0 ? name : name.substring(0, dot)));
    part.load(dot < 0 ? "" : name.substring(dot + 1), tensor);
  }

  /** Frees all features, so that the next prediction computes everything. */
  public void clear() {
    parts.values().forEach(FeatureCache::clear);
    if (features != null) {
      features.releaseReference();
      features = null;
    }
  }

  /** As {@link #clear}. */
  @Override
  public void close() {
    clear();
  }
}
