package io.t2v.internal.memory;

import io.t2v.internal.weights.Weights;
import java.util.function.Function;

/**
 * Makes the submodules of a network, each of which may be loaded and released by itself. A network
 * names its submodules in the order of their use; its {@link Placement} decides how long they stay.
 */
public interface Submodules {
  /**
   * Makes a part.
   *
   * @param <N> the part
   * @param name of its first layer, as in the checkpoint
   * @param weights from which the maker takes what it needs
   * @param maker makes it of its weights, possibly several times
   * @return the part
   */
  <N> ManagedModule<N> part(String name, Weights weights, Function<Weights, N> maker);

  /**
   * Tells whether submodules are loaded for each use, so that as much as possible should be
   * computed with one while it is loaded.
   *
   * @return false if all are loaded as long as the network is
   */
  boolean offloaded();

  /**
   * Submodules that are made at once, and live as long as the network.
   *
   * @return the parts of a network that is kept as a whole
   */
  static Submodules together() {
    return new Submodules() {
      @Override
      public <N> ManagedModule<N> part(String name, Weights weights, Function<Weights, N> maker) {
        return ManagedModule.of(maker.apply(weights));
      }

      @Override
      public boolean offloaded() {
        return false;
      }
    };
  }
}
