package io.t2v.cli;

import io.t2v.Acceleration;
import io.t2v.GenerationRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options that save time and change the video a little. */
final class AccelerationOptions {
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--cache-steps",
      paramLabel = "N",
      description = {
        "Compute the inner levels of the network in every Nth step, and reuse their features in the"
            + " others. Default: 1, in every step."
      })
  private @Nullable Integer cacheSteps;

  @Option(
      names = "--cache-depth",
      paramLabel = "N",
      description = {
        "How many blocks of the down path are computed in every step nevertheless: more take more"
            + " time and change less. Default: 1."
      })
  private @Nullable Integer cacheDepth;

  @Option(
      names = "--guidance-agreement",
      paramLabel = "0..1",
      description = {
        "Stop guidance once the predictions with and without the prompt agree by this cosine."
            + " Default: 1, never; 0.99 is a good value."
      })
  private @Nullable Double guidanceAgreement;

  @Option(
      names = "--align-steps",
      description = {
        "Place the steps as Align Your Steps does: for runs of 8 to 15 steps. With dpm++, euler and"
            + " other schedulers that take timesteps."
      })
  private boolean alignSteps;

  /** Changes what the settings hold by what was given. */
  void applyTo(GenerationRequest settings, GenerationRequest.Builder builder) {
    Acceleration acceleration = settings.acceleration();
    acceleration =
        Usage.changed(spec, "--cache-steps", cacheSteps, acceleration, Acceleration::cacheSteps);
    acceleration =
        Usage.changed(spec, "--cache-depth", cacheDepth, acceleration, Acceleration::cacheDepth);
    acceleration =
        Usage.changed(
            spec,
            "--guidance-agreement",
            guidanceAgreement,
            acceleration,
            Acceleration::guidanceAgreement);
    builder.acceleration(alignSteps ? acceleration.alignSteps(true) : acceleration);
  }
}
