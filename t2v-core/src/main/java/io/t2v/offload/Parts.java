package io.t2v.offload;

import io.t2v.checkpoint.Weights;
import java.util.function.Function;

/**
 * Makes the parts of a network whose weights may come and go by themselves. A network divides
 * itself into parts, in the order of their use; where it is made says what becomes of them.
 */
public interface Parts {
  /**
   * Makes a part.
   *
   * @param <N> the part
   * @param name of its first layer, as in the checkpoint
   * @param weights from which the maker takes what it needs
   * @param maker makes it of its weights, possibly several times
   * @return the part
   */
  <N> Resident<N> part(String name, Weights weights, Function<Weights, N> maker);

  /**
   * Tells whether parts come and go, so that as much as possible should be computed with one while
   * it is there.
   *
   * @return false if all are there as long as the network is
   */
  boolean comeAndGo();

  /**
   * Parts that are made at once, and live as long as the network.
   *
   * @return the parts of a network that is kept as a whole
   */
  static Parts together() {
    return new Parts() {
      @Override
      public <N> Resident<N> part(String name, Weights weights, Function<Weights, N> maker) {
        return Resident.of(maker.apply(weights));
      }

      @Override
      public boolean comeAndGo() {
        return false;
      }
    };
  }
}
