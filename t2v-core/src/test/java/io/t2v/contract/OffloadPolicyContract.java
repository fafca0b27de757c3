package io.t2v.contract;

import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.Residency;
import io.t2v.offload.ResidencyEvent;
import io.t2v.offload.ResidencyEvent.Direction;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.javacpp.Pointer;

/**
 * What the pipeline relies on, checked for any policy:
 *
 * <pre>{@code
 * OffloadPolicyContract.of(new MyPolicy()).check();
 * }</pre>
 *
 * <p>Each network has a residency, always the same, whatever has moved and whichever thread asks;
 * hearing of a move neither fails nor leaves native objects behind. Immutable.
 */
public final class OffloadPolicyContract extends PlugInContract {
  private final OffloadPolicy policy;

  private OffloadPolicyContract(OffloadPolicy policy) {
    super(policy);
    this.policy = policy;
  }

  /**
   * Takes a policy.
   *
   * @param policy to be checked
   * @return the contract
   */
  public static OffloadPolicyContract of(OffloadPolicy policy) {
    return new OffloadPolicyContract(policy);
  }

  @Override
  public void check() {
    Map<Component, Residency> first = residencies();
    require(residencies().equals(first), "changes the residency of a network");
    require(
        CompletableFuture.supplyAsync(this::residencies).join().equals(first),
        "tells another thread another residency of a network");
    long before = Pointer.totalCount();
    for (Component component : Component.values()) {
      for (String part : new String[] {"", "down_blocks.0"}) {
        for (Direction direction : Direction.values()) {
          tell(new ResidencyEvent(component, part, direction));
        }
      }
    }
    require(Pointer.totalCount() <= before, "leaves native objects behind when weights move");
    require(residencies().equals(first), "changes the residency of a network when weights move");
  }

  private Map<Component, Residency> residencies() {
    Map<Component, Residency> all = new EnumMap<>(Component.class);
    for (Component component : Component.values()) {
      all.put(component, residency(component));
    }
    return all;
  }

  private Residency residency(Component component) {
    try {
      return requireResult("residency(" + component + ")", policy.residency(component));
    } catch (RuntimeException e) {
      throw new AssertionError(broken("fails in residency(" + component + ")").getMessage(), e);
    }
  }

  private void tell(ResidencyEvent event) {
    try {
      policy.onResidencyChange(event);
    } catch (RuntimeException e) {
      throw new AssertionError(
          broken("fails when it is told that weights were " + event.direction()).getMessage(), e);
    }
  }
}
