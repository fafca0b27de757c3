package io.t2v;

import io.t2v.guidance.LatentConstraint;
import io.t2v.guidance.LatentConstraintRun;
import io.t2v.internal.pipeline.HeldFrames;
import io.t2v.internal.pipeline.PlugInResult;
import io.t2v.internal.pipeline.PlugInResult.Fingerprint;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.VideoLayout;
import io.t2v.scheduler.Noise;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.Stateful;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** What changes the latents of one run between its steps: a plug-in, and after it key frames. */
final class LatentConstraints implements AutoCloseable {
  private final Optional<Checked> plugIn;
  private final Optional<HeldFrames> keyFrames;

  private LatentConstraints(Optional<Checked> plugIn, Optional<HeldFrames> keyFrames) {
    this.plugIn = plugIn;
    this.keyFrames = keyFrames;
  }

  static LatentConstraints of(Optional<LatentConstraint> plugIn, Optional<HeldFrames> keyFrames) {
    return new LatentConstraints(
        plugIn.map(constraint -> new Checked(constraint, constraint.newRun())), keyFrames);
  }

  /**
   * Changes latents.
   *
   * @param latents [videos, channels, frames, height, width]
   * @param index into the timesteps of the plan, or their number at the end
   * @return a new handle, of the innermost open scope
   */
  Tensor apply(Tensor latents, int index, SamplingPlan plan, Noise noise) {
    if (plugIn.isEmpty() && keyFrames.isEmpty()) {
      return new Tensor(latents);
    }
    Tensor changed = VideoLayout.foldFrames(latents);
    if (plugIn.isPresent()) {
      changed = plugIn.orElseThrow().constrain(changed, index, plan, noise);
    }
    if (keyFrames.isPresent()) {
      changed = keyFrames.orElseThrow().constrain(changed, index, plan, noise);
    }
    return VideoLayout.unfoldFrames(changed, latents.size(2));
  }

  /** What the plug-in remembers; key frames remember nothing. */
  Map<String, Tensor> stateDict() {
    return plugIn.map(Checked::stateful).map(Stateful::stateDict).orElse(Map.of());
  }

  void loadStateDict(Map<String, Tensor> state) {
    plugIn.ifPresent(checked -> checked.stateful().loadStateDict(state));
  }

  /** A plug-in whose results are checked. */
  private record Checked(LatentConstraint constraint, LatentConstraintRun run)
      implements LatentConstraintRun {
    Stateful stateful() {
      return (Stateful) run;
    }

    @Override
    public Tensor constrain(Tensor latents, int index, SamplingPlan plan, Noise noise) {
      String method = "newRun().constrain";
      Fingerprint before = Fingerprint.of(constraint, latents);
      Tensor changed = run.constrain(latents, index, plan, noise);
      PlugInResult.check(changed, constraint, method, null, HostTensors.shape(latents));
      before.requireUnchanged(constraint, method, latents);
      return changed;
    }

    @Override
    public void close() {
      run.close();
    }
  }

  @Override
  public void close() {
    plugIn.ifPresent(Checked::close);
  }
}
