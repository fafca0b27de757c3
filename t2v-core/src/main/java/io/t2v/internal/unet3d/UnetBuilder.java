package io.t2v.internal.unet3d;

import io.t2v.internal.memory.ManagedModule;
import io.t2v.internal.memory.Submodules;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Collects the blocks and the text projections of a network.
 *
 * <p>A transformer adds the projection of its text together with its block, but all projections are
 * used before the first block. They are made after the last one, since submodules that are used in
 * a row have to be made in a row: the memory of a prefetched pair is worked out from that order.
 */
final class UnetBuilder {
  private final Submodules submodules;
  private final List<ManagedModule<Block>> blocks = new ArrayList<>();
  private final List<Supplier<ManagedModule<Linear>>> textProjections = new ArrayList<>();

  UnetBuilder(Submodules submodules) {
    this.submodules = submodules;
  }

  /** Adds a block that consists of these weights alone. */
  void addBlock(Weights weights, Function<Weights, Block> loader) {
    addBlock(weights.name(), weights, loader);
  }

  /** Adds a block; name: of the first layer that it takes from the weights. */
  void addBlock(String name, Weights weights, Function<Weights, Block> loader) {
    blocks.add(submodules.part(name, weights, loader));
  }

  /** Returns the index of the projected text in {@link ForwardContext#textKeysValues}. */
  int addTextProjection(Weights weights, Function<Weights, Linear> loader) {
    textProjections.add(() -> submodules.part(weights.name(), weights, loader));
    return textProjections.size() - 1;
  }

  List<ManagedModule<Block>> blocks() {
    return List.copyOf(blocks);
  }

  /** To be called once, after the last block was added. */
  List<ManagedModule<Linear>> textProjections() {
    return textProjections.stream().map(Supplier::get).toList();
  }
}
