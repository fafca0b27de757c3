package io.t2v.plugins;

import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.Residency;
import io.t2v.offload.ResidencyEvent;
import java.util.function.Consumer;

/**
 * Keeps the denoiser, which most of the time goes into, and lets the other networks come and go;
 * tells what moves.
 *
 * @param trace called on the threads of the pipeline, in the middle of a move
 */
public record TracedPolicy(Consumer<ResidencyEvent> trace) implements OffloadPolicy {
  @Override
  public Residency residency(Component component) {
    return component == Component.DENOISER ? Residency.KEPT : Residency.WHILE_USED;
  }

  @Override
  public void onResidencyChange(ResidencyEvent event) {
    trace.accept(event);
  }
}
