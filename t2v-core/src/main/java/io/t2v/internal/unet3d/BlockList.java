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
 * The network while it is made: its stages in the order of their use, and the projections of the
 * text, which are used by themselves before all stages, and made after them: parts that follow each
 * other in use are made one after the other.
 */
final class BlockList {
  private final Submodules parts;
  private final List<ManagedModule<Block>> stages = new ArrayList<>();
  private final List<Supplier<ManagedModule<Linear>>> textProjections = new ArrayList<>();

  BlockList(Submodules parts) {
    this.parts = parts;
  }

  /** Adds the stage that is made of these weights alone. */
  void add(Weights weights, Function<Weights, Block> stage) {
    add(weights.name(), weights, stage);
  }

  /** name: of the first layer that the stage takes from the weights. */
  void add(String name, Weights weights, Function<Weights, Block> stage) {
    stages.add(parts.part(name, weights, stage));
  }

  /** Returns the number by which the layer finds its text in a pass. */
  int addText(Weights weights, Function<Weights, Linear> projection) {
    textProjections.add(() -> parts.part(weights.name(), weights, projection));
    return textProjections.size() - 1;
  }

  List<ManagedModule<Block>> stages() {
    return List.copyOf(stages);
  }

  /** Makes the projections, once all stages are made. */
  List<ManagedModule<Linear>> textProjections() {
    return textProjections.stream().map(Supplier::get).toList();
  }
}
