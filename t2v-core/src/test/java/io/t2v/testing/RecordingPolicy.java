package io.t2v.testing;

import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.Residency;
import io.t2v.offload.ResidencyEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Another policy, with a note of every move. */
public final class RecordingPolicy implements OffloadPolicy {
  private final OffloadPolicy policy;
  private final List<ResidencyEvent> moves = new ArrayList<>();
  private Consumer<ResidencyEvent> atEachMove = move -> {};

  public RecordingPolicy(OffloadPolicy policy) {
    this.policy = policy;
  }

  /** Does something at each move from now on, such as throwing. */
  public void atEachMove(Consumer<ResidencyEvent> action) {
    atEachMove = action;
  }

  /** Returns what moved since the last call. */
  public List<ResidencyEvent> takeMoves() {
    List<ResidencyEvent> taken = List.copyOf(moves);
    moves.clear();
    return taken;
  }

  @Override
  public Residency residency(Component component) {
    return policy.residency(component);
  }

  @Override
  public void onResidencyChange(ResidencyEvent event) {
    moves.add(event);
    atEachMove.accept(event);
  }
}
