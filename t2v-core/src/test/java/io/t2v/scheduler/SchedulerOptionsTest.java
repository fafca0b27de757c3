package io.t2v.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.contract.Draws;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulerOptionsTest {
  private static final Map<String, Object> CHECKPOINT =
      Map.of(
          "beta_start",
          0.00085,
          "beta_end",
          0.012,
          "beta_schedule",
          "scaled_linear",
          "clip_sample",
          false,
          "num_train_timesteps",
          1000,
          "prediction_type",
          "epsilon",
          "set_alpha_to_one",
          false,
          "skip_prk_steps",
          true,
          "steps_offset",
          1);

  @Test
  void picksTheClassByName() {
    assertThat(Schedulers.fromConfig(config("DDIMScheduler", CHECKPOINT)))
        .isInstanceOf(DdimScheduler.class);
    assertThat(Schedulers.fromConfig(config("DPMSolverMultistepScheduler", CHECKPOINT)))
        .isInstanceOf(DpmSolverMultistepScheduler.class);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedulers.fromConfig(config("RePaintScheduler", CHECKPOINT)))
        .withMessageContainingAll("RePaintScheduler", "DDIMScheduler");
  }

  @Test
  void readsAConfigurationOfAnotherClass() {
    SchedulerFactory factory = DpmSolverMultistepScheduler::fromConfig;
    Scheduler scheduler = factory.fromConfig(config("DDIMScheduler", CHECKPOINT));
    assertThat(scheduler.config())
        .containsEntry("beta_schedule", "scaled_linear")
        .containsEntry("steps_offset", 1)
        .containsEntry("algorithm_type", "dpmsolver++")
        .doesNotContainKeys("clip_sample", "skip_prk_steps", "trained_betas");
  }

  @Test
  void describesItselfSoThatItCanBeMadeAgain() {
    DpmSolverMultistepScheduler scheduler =
        DpmSolverMultistepScheduler.builder()
            .trainTimesteps(3)
            .trainedBetas(0.1, 0.2, 0.3)
            .solverOrder(3)
            .option("sigma_min", 0.5)
            .build();
    Map<String, Object> config = scheduler.config();
    assertThat(config)
        .containsEntry("trained_betas", List.of(0.1, 0.2, 0.3))
        .containsEntry("sigma_min", 0.5);
    assertThat(Schedulers.fromConfig(config(scheduler.name(), config)).config()).isEqualTo(config);
    assertThat(scheduler.toBuilder().build().config()).isEqualTo(config);
    assertThat(scheduler.toBuilder().solverOrder(1).build().config())
        .containsEntry("solver_order", 1);
    assertThat(DdimScheduler.builder().build().toBuilder().stepsOffset(1).build().config())
        .containsEntry("steps_offset", 1);
  }

  @Test
  void nullIsNoneWhereThereIsOne() {
    Map<String, Object> options = new HashMap<>(CHECKPOINT);
    options.put("trained_betas", null);
    options.put("solver_p", null);
    assertThat(Schedulers.fromConfig(config("DDIMScheduler", options))).isNotNull();
    options.put("beta_start", null);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedulers.fromConfig(config("DDIMScheduler", options)))
        .withMessageContainingAll("beta_start", "null", "number");
  }

  @ParameterizedTest
  @CsvSource({
    "num_train_timesteps, 0",
    "num_train_timesteps, 10.5",
    "num_train_timesteps, many",
    "beta_start, -0.1",
    "beta_end, high",
    "beta_schedule, sigmoid",
    "beta_schedule, unknown",
    "prediction_type, flow_prediction",
    "timestep_spacing, middle",
    "steps_offset, -1",
    "clip_sample, 1",
    "rescale_betas_zero_snr, yes",
    "thresholding, 0.5",
    "dynamic_thresholding_ratio, 1.5",
    "sample_max_value, 0.5",
  })
  void refusesAValueByName(String option, String value) {
    Object raw = value.matches("[-0-9.]+") ? Double.valueOf(value) : value;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DdimScheduler.fromConfig(config("DDIMScheduler", Map.of(option, raw))))
        .withMessageContainingAll(option, raw.toString(), "expected");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DdimScheduler.builder().option(option, raw))
        .withMessageContainingAll(option, raw.toString(), "expected");
  }

  @ParameterizedTest
  @CsvSource({
    "solver_order, 4",
    "algorithm_type, euler",
    "solver_type, third",
    "final_sigmas_type, one",
    "variance_type, fixed_medium",
    "sigma_max, -1",
    "lambda_min_clipped, NaN",
  })
  void refusesAValueOfASolverByName(String option, String value) {
    Object raw = value.matches("[-0-9.]+|NaN") ? Double.valueOf(value) : value;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DpmSolverMultistepScheduler.builder().option(option, raw))
        .withMessageContainingAll(option, raw.toString(), "expected");
  }

  @Test
  void refusesAnUnknownOptionByName() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> DdimScheduler.fromConfig(config("DDIMScheduler", Map.of("beta_stort", 0.1))))
        .withMessageContainingAll("beta_stort", "0.1", "beta_start");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DdimScheduler.builder().option("solver_order", 2))
        .withMessageContainingAll("solver_order", "DDIMScheduler", "beta_start");
  }

  @ParameterizedTest
  @ValueSource(strings = {"use_flow_sigmas", "use_dynamic_shifting"})
  void refusesFlowMatchingButNotItsAbsence(String option) {
    for (String name : Schedulers.names()) {
      assertThat(Schedulers.fromConfig(config(name, Map.of(option, false)))).isNotNull();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Schedulers.fromConfig(config(name, Map.of(option, true))))
          .withMessageContainingAll(option, "flow");
    }
  }

  @Test
  void reportsAllContradictionsAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                DpmSolverMultistepScheduler.builder()
                    .trainedBetas(0.1, 0.2)
                    .algorithm(DpmAlgorithm.SDE_DPM_SOLVER)
                    .solverOrder(3)
                    .useKarrasSigmas(true)
                    .option("use_beta_sigmas", true)
                    .build())
        .withMessageContainingAll(
            "trained_betas",
            "num_train_timesteps",
            "final_sigmas_type",
            "solver_order",
            "use_karras_sigmas and use_beta_sigmas");
  }

  @Test
  void refusesMoreStepsThanWereTrained() {
    for (String name : Schedulers.names()) {
      Scheduler scheduler =
          Schedulers.fromConfig(
              config(name, Map.of("num_train_timesteps", 20, "original_inference_steps", 20)));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> scheduler.plan(PlanRequest.ofSteps(21)))
          .withMessageContainingAll("21", "20", "steps");
      scheduler.plan(PlanRequest.ofSteps(20)).close();
    }
  }

  @Test
  void refusesTimestepsBeyondTheTrainedOnes() {
    Scheduler scheduler = DdimScheduler.builder().stepsOffset(1).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.plan(PlanRequest.ofSteps(1000)))
        .withMessageContainingAll("1000", "999", "steps_offset");
    Scheduler leading =
        DpmSolverMultistepScheduler.builder().timestepSpacing(TimestepSpacing.LEADING).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> leading.plan(PlanRequest.ofSteps(1000)))
        .withMessageContainingAll("1000", "999", "trailing");
  }

  @ParameterizedTest
  @ValueSource(ints = {61, 103, 121})
  void trailingNeverPassesTheEnd(int steps) {
    Scheduler scheduler = DdimScheduler.builder().timestepSpacing(TimestepSpacing.TRAILING).build();
    try (SamplingPlan plan = scheduler.plan(PlanRequest.ofSteps(steps))) {
      assertThat(plan.timesteps()).hasSize(steps);
      assertThat(plan.timesteps()[steps - 1]).isNotNegative();
    }
  }

  @Test
  void refusesANoisePredictionWhereThereIsOnlyNoise() {
    DdimScheduler.Builder builder =
        DdimScheduler.builder().rescaleBetasZeroSnr(true).timestepSpacing(TimestepSpacing.TRAILING);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.build().plan(PlanRequest.ofSteps(10)))
        .withMessageContainingAll("rescale_betas_zero_snr", "v_prediction");
    builder.predictionType(PredictionType.V_PREDICTION);
    builder.build().plan(PlanRequest.ofSteps(10)).close();
  }

  @Test
  void refusesBadRequests() {
    Scheduler ddim = DdimScheduler.builder().build();
    Scheduler dpm = DpmSolverMultistepScheduler.builder().build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PlanRequest(0, 0))
        .withMessageContaining("steps");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PlanRequest(1, Double.NaN))
        .withMessageContaining("eta");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PlanRequest(1, 0, List.of(1.0), List.of(1.0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PlanRequest(2, 0, List.of(1.0), List.of()))
        .withMessageContainingAll("timesteps", "1", "2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ddim.plan(PlanRequest.ofTimesteps(List.of(10.0))))
        .withMessageContainingAll("timesteps", "DDIMScheduler");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dpm.plan(PlanRequest.ofSigmas(List.of(10.0, 0.0))))
        .withMessageContaining("sigmas");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PlanRequest.ofSigmas(List.of(10.0)))
        .withMessageContaining("sigmas");
    for (List<Double> bad :
        List.of(List.of(1000.0), List.of(10.0, 10.0), List.of(5.5), List.of(3.0, -1.0))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> dpm.plan(PlanRequest.ofTimesteps(bad)))
          .withMessageContaining("timesteps");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                DpmSolverMultistepScheduler.builder()
                    .useKarrasSigmas(true)
                    .build()
                    .plan(PlanRequest.ofTimesteps(List.of(10.0))))
        .withMessageContainingAll("timesteps", "KARRAS");
  }

  @Test
  void refusesStepsOutOfOrder() {
    try (PointerScope scope = new PointerScope();
        SamplingPlan plan = DdimScheduler.builder().build().plan(PlanRequest.ofSteps(5))) {
      Tensor latents = torch.ones(1, 4, 2, 2);
      Noise none = like -> torch.zeros_like(like);
      plan.step(latents, 1, latents, none);
      assertThatIllegalStateException()
          .isThrownBy(() -> plan.step(latents, 1, latents, none))
          .withMessageContainingAll("1", "2");
      assertThatIllegalArgumentException().isThrownBy(() -> plan.step(latents, 5, latents, none));
      plan.close();
      assertThatIllegalStateException()
          .isThrownBy(() -> plan.step(latents, 2, latents, none))
          .withMessageContaining("closed");
    }
  }

  @Test
  void halfPrecisionStaysHalfPrecision() {
    for (String name : Schedulers.names()) {
      Scheduler scheduler = Schedulers.fromConfig(config(name, Map.of()));
      try (PointerScope scope = new PointerScope();
          SamplingPlan plan = scheduler.plan(PlanRequest.ofSteps(5))) {
        Tensor latents = torch.ones(1, 4, 2, 2).to(torch.ScalarType.BFloat16);
        for (int i = 0; i < plan.timesteps().length; i++) {
          Tensor output = plan.scaleModelInput(latents, i);
          latents = plan.step(output, i, latents, like -> torch.zeros_like(like));
          assertThat(latents.scalar_type().intern()).isEqualTo(torch.ScalarType.BFloat16);
        }
        for (float value : Draws.floats(latents.to(torch.ScalarType.Float))) {
          assertThat(value).isFinite();
        }
      }
    }
  }

  @Test
  void configurationsCannotBeChanged() {
    Map<String, Object> options = new HashMap<>(Map.of("beta_start", 0.5));
    SchedulerConfig config = config("DDIMScheduler", options);
    options.put("beta_start", 0.6);
    assertThat(config.options()).isEqualTo(Collections.singletonMap("beta_start", 0.5));
    assertThat(DdimScheduler.fromConfig(config).config()).isUnmodifiable();
  }

  @Test
  void refusesASecondValueAndNamesBoth() {
    assertThatIllegalStateException()
        .isThrownBy(() -> DpmSolverMultistepScheduler.builder().solverOrder(2).solverOrder(3))
        .withMessage("solver_order was already set to 2, now 3");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                DdimScheduler.builder()
                    .timestepSpacing(TimestepSpacing.LINSPACE)
                    .option("timestep_spacing", "trailing"))
        .withMessage("timestep_spacing was already set to linspace, now trailing");
    SchedulerConfig config = config("DDIMScheduler", Map.of());
    assertThatIllegalStateException()
        .isThrownBy(() -> DdimScheduler.builder().config(config).config(config))
        .withMessageContainingAll("config was already set to", "DDIMScheduler", "now");
  }

  @Test
  void settersWinOverAConfigurationInEitherOrder() {
    SchedulerConfig config = config("DDIMScheduler", Map.of("steps_offset", 1));
    assertThat(DdimScheduler.builder().stepsOffset(2).config(config).build())
        .isEqualTo(DdimScheduler.builder().config(config).stepsOffset(2).build())
        .isEqualTo(DdimScheduler.builder().stepsOffset(2).build());
  }

  @Test
  void schedulersOfTheSameOptionsAreEqual() {
    for (String name : Schedulers.names()) {
      Scheduler one = Schedulers.fromConfig(config(name, Map.of()));
      Scheduler same = Schedulers.fromConfig(config(name, Map.of()));
      Scheduler other = Schedulers.fromConfig(config(name, Map.of("num_train_timesteps", 500)));
      assertThat(one).isEqualTo(same).hasSameHashCodeAs(same).isNotEqualTo(other);
      assertThat(one).hasToString(name + one.config());
    }
    assertThat((Scheduler) KDpm2DiscreteScheduler.builder().build())
        .isNotEqualTo(KDpm2AncestralDiscreteScheduler.builder().build());
    assertThat(DdimScheduler.builder().stepsOffset(1))
        .hasToString("DDIMScheduler.builder(){steps_offset=1}");
  }

  @ParameterizedTest
  @CsvSource({
    "DDIMScheduler, num_train_timesteps, 2147483647, 1000000",
    "DDIMScheduler, num_train_timesteps, Infinity, 1000000",
    "DDIMScheduler, steps_offset, 1000001, 1000000",
    "DDIMScheduler, beta_start, NaN, from 0.0 to 1.0",
    "DDIMScheduler, clip_sample_range, Infinity, from 0.0 to 1000000.0",
    "DDPMScheduler, sample_max_value, 1e300, from 1.0 to 1000000.0",
    "LCMScheduler, original_inference_steps, 1e9, 1000000",
    "LCMScheduler, timestep_scaling, -Infinity, from 0.0 to 1000000.0",
    "EDMEulerScheduler, rho, 0, above 0",
    "EDMEulerScheduler, sigma_data, Infinity, above 0",
    "HeunDiscreteScheduler, sigma_max, Infinity, above 0",
    "DPMSolverMultistepScheduler, lambda_min_clipped, Infinity, from -Infinity",
    "UniPCMultistepScheduler, solver_order, 10, from 1 to 9",
    "DPMSolverSDEScheduler, noise_sampler_seed, -1, from 0",
  })
  void everyNumberHasABound(String name, String option, double value, String expected) {
    SchedulerConfig config =
        new SchedulerConfig(name, Map.of(option, value), "m/scheduler_config.json", false);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> Schedulers.fromConfig(config))
        .withMessageStartingWith("m/scheduler_config.json: " + option + " is ")
        .withMessageContaining(expected);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedulers.fromConfig(config(name, Map.of(option, value))))
        .withMessageStartingWith(option + " is ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Infinity", "-inf"})
  void takesNegativeInfinityWhereItMeansNoLimit(String text) {
    DpmSolverMultistepScheduler written =
        DpmSolverMultistepScheduler.fromConfig(
            config("DPMSolverMultistepScheduler", Map.of("lambda_min_clipped", text)));
    DpmSolverMultistepScheduler number =
        DpmSolverMultistepScheduler.fromConfig(
            config(
                "DPMSolverMultistepScheduler",
                Map.of("lambda_min_clipped", Double.NEGATIVE_INFINITY)));
    assertThat(written).isEqualTo(number).isEqualTo(DpmSolverMultistepScheduler.builder().build());
  }

  @Test
  void blamesTheFileForContradictionsInIt() {
    Map<String, Object> options = Map.of("use_karras_sigmas", true, "use_beta_sigmas", true);
    SchedulerConfig config = new SchedulerConfig("", options, "m/scheduler_config.json", false);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> LmsDiscreteScheduler.fromConfig(config))
        .withMessage(
            "m/scheduler_config.json: LMSDiscreteScheduler: use_karras_sigmas and use_beta_sigmas"
                + " exclude each other");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LmsDiscreteScheduler.builder().config(config).stepsOffset(1).build());
  }

  @Test
  void warnsOfUnknownOptionsThatChangeNothing() {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("base_shift", 0.5);
    options.put("max_image_seq_len", 4096);
    options.put("invented_later", false);
    options.put("scale_factors", null);
    options.put("use_flow_sigmas", false);
    SchedulerConfig config = new SchedulerConfig("", options, "m.json", false);
    Logger logger = Logger.getLogger(ForeignOptions.class.getName());
    List<String> messages = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            messages.add(
                entry.getLevel()
                    + " "
                    + MessageFormat.format(entry.getMessage(), entry.getParameters()));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      assertThat(DdimScheduler.fromConfig(config)).isEqualTo(DdimScheduler.builder().build());
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
    assertThat(messages)
        .containsExactly(
            "WARNING m.json: DDIMScheduler ignores options that it does not know: [base_shift ="
                + " 0.5, max_image_seq_len = 4096, invented_later = false, scale_factors = null]");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> DdimScheduler.fromConfig(config.asStrict()))
        .withMessageStartingWith("m.json: base_shift is 0.5, but no scheduler has such an option");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DdimScheduler.fromConfig(config("", Map.of("base_shift", 0.6))))
        .withMessageStartingWith("base_shift is 0.6, but no scheduler has such an option");
  }

  @Test
  void aScheduleOfNumbersHasBounds() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.of(BetaSchedule.LINEAR, 0.1, 0.2, 1_000_001))
        .withMessage("timesteps is 1000001, expected 1 to 1000000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.of(BetaSchedule.LINEAR, 0.1, 0.2, 0))
        .withMessageStartingWith("timesteps is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.of(BetaSchedule.LINEAR, -0.1, 0.2, 10))
        .withMessage("start is -0.1, expected 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.of(BetaSchedule.LINEAR, 0.1, Double.NaN, 10))
        .withMessage("end is NaN, expected 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.ofBetas(new float[] {0.5f, 1.5f}))
        .withMessage("a beta is 1.5, expected 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.ofBetas(new float[0]))
        .withMessageStartingWith("no betas");
    assertThat(NoiseSchedule.of(BetaSchedule.LINEAR, 0, 1, 1).timesteps()).isEqualTo(1);
  }

  @Test
  void refusesMoreStepsThanAModelWasDistilledWith() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LcmScheduler.builder().build().plan(PlanRequest.ofSteps(51)))
        .withMessageContainingAll("steps is 51", "original_inference_steps 50");
  }

  private static SchedulerConfig config(String name, Map<String, Object> options) {
    return new SchedulerConfig(name, options);
  }
}
