package io.t2v.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.contract.Oracle;
import io.t2v.contract.SchedulerContract;
import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.PredictionType;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.scheduler.Schedulers;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdamsBashforthSchedulerTest {
  private static AdamsBashforthScheduler scheduler(Map<String, Object> more) {
    Map<String, Object> options =
        new HashMap<>(
            Map.of("beta_schedule", "scaled_linear", "beta_start", 0.00085, "beta_end", 0.012));
    options.putAll(more);
    return AdamsBashforthScheduler.fromConfig(new SchedulerConfig("DDIMScheduler", options));
  }

  @ParameterizedTest
  @EnumSource(PredictionType.class)
  void keepsTheContract(PredictionType prediction) {
    SchedulerContract.of(
            scheduler(Map.of("prediction_type", prediction.name().toLowerCase(Locale.ROOT))))
        .oracle(Oracle.of(prediction))
        .check();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void keepsTheContractWithAnyNumberOfSlopes(int order) {
    SchedulerContract.of(scheduler(Map.of("order", order))).request(PlanRequest.ofSteps(7)).check();
  }

  @Test
  void isKnownByName() {
    SchedulerConfig config = new SchedulerConfig("AdamsBashforthScheduler", Map.of("order", 3));
    assertThat(Schedulers.names()).contains("AdamsBashforthScheduler");
    assertThat(Schedulers.fromConfig(config)).isInstanceOf(AdamsBashforthScheduler.class);
    assertThat(Schedulers.fromConfig(AdamsBashforthScheduler.class, config).config())
        .isEqualTo(Map.of("order", 3));
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler(Map.of("order", 5)))
        .withMessage("order is 5, expected a whole number from 1 to 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler(Map.of("ordre", 2)))
        .withMessageContaining("ordre is 2, but no scheduler has such an option");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler(Map.of()).plan(PlanRequest.ofSteps(1001)))
        .withMessage("steps is 1001, expected at most 1000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler(Map.of()).plan(PlanRequest.ofTimesteps(List.of(500.0))))
        .withMessageContaining("chooses its own timesteps");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> scheduler(Map.of("rescale_betas_zero_snr", true)).plan(PlanRequest.ofSteps(5)))
        .withMessageContaining("rescale_betas_zero_snr false");
  }
}
