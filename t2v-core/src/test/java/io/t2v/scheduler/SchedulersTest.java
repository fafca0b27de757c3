package io.t2v.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.StubScheduler;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which schedulers are known, and what is said of those that are not. */
class SchedulersTest {
  private static final Map<String, Object> DDIM_OF_A_CHECKPOINT =
      Map.of(
          "_class_name",
          "DDIMScheduler",
          "_diffusers_version",
          "0.15.0",
          "beta_start",
          0.00085,
          "beta_end",
          0.012,
          "beta_schedule",
          "scaled_linear",
          "clip_sample",
          false,
          "skip_prk_steps",
          true);

  @TempDir Path folder;

  /** A plug-in. */
  public static class StubProvider implements SchedulerProvider {
    @Override
    public String name() {
      return "StubScheduler";
    }

    @Override
    public Class<? extends Scheduler> type() {
      return StubScheduler.class;
    }

    @Override
    public Scheduler fromConfig(SchedulerConfig config) {
      return new StubScheduler();
    }
  }

  /** A plug-in that takes a name of the family. */
  public static final class Usurper extends StubProvider {
    @Override
    public String name() {
      return "DDIMScheduler";
    }
  }

  /** A plug-in without a name. */
  public static final class Nameless extends StubProvider {
    @Override
    public String name() {
      return " ";
    }
  }

  /** A plug-in that makes something else than it says. */
  public static final class Impostor extends StubProvider {
    @Override
    public Scheduler fromConfig(SchedulerConfig config) {
      return DdimScheduler.builder().build();
    }
  }

  /** A plug-in that cannot be made. */
  public static final class Broken extends StubProvider {
    public Broken() {
      throw new UnsupportedOperationException("no licence");
    }
  }

  @Test
  void makesAClassFromTheConfigurationOfAnother() {
    SchedulerConfig config =
        SchedulerConfig.fromFields(DDIM_OF_A_CHECKPOINT, "scheduler_config.json");
    DpmSolverMultistepScheduler scheduler =
        Schedulers.fromConfig(DpmSolverMultistepScheduler.class, config);
    assertThat(scheduler.config())
        .containsEntry("beta_schedule", "scaled_linear")
        .containsEntry("solver_order", 2)
        .doesNotContainKeys("clip_sample", "skip_prk_steps", "_diffusers_version");
    assertThat(Schedulers.fromConfig(config)).isInstanceOf(DdimScheduler.class);
  }

  @Test
  void makesEveryClassFromTheConfigurationOfEveryOther() {
    for (String from : Schedulers.names()) {
      Map<String, Object> options =
          new HashMap<>(
              Schedulers.byName(from).fromConfig(new SchedulerConfig(from, Map.of())).config());
      options.remove("lower_order_final"); // false contradicts UniPC's other defaults
      for (String to : Schedulers.names()) {
        assertThatCode(() -> Schedulers.byName(to).fromConfig(new SchedulerConfig(from, options)))
            .as("%s from %s", to, from)
            .doesNotThrowAnyException();
      }
    }
  }

  @Test
  void refusesAnOptionThatNobodyKnowsAndNamesTheFile() {
    SchedulerConfig config =
        new SchedulerConfig(
            "DDIMScheduler", Map.of("beta_stort", 0.1), "my/scheduler_config.json", false);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> Schedulers.fromConfig(LmsDiscreteScheduler.class, config))
        .withMessageContainingAll(
            "my/scheduler_config.json: beta_stort is 0.1, but no scheduler has such an option",
            "LMSDiscreteScheduler has num_train_timesteps");
  }

  @Test
  void namesTheFileThatNamesNoClass() {
    SchedulerConfig nameless =
        SchedulerConfig.fromFields(Map.of("beta_start", 0.1), "a/scheduler_config.json");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> Schedulers.fromConfig(nameless))
        .withMessageStartingWith(
            "a/scheduler_config.json: there is no _class_name, expected one of [DDIMScheduler,")
        .withMessageEndingWith("; or choose a scheduler for it");
    assertThat(Schedulers.fromConfig(DdimScheduler.class, nameless).config())
        .containsEntry("beta_start", 0.1);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () ->
                Schedulers.fromConfig(
                    SchedulerConfig.fromFields(
                        Map.of("_class_name", "RePaintScheduler"), "b.json")))
        .withMessageStartingWith("b.json: _class_name is RePaintScheduler, expected one of");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () ->
                SchedulerConfig.fromFields(Collections.singletonMap("_class_name", null), "c.json"))
        .withMessageContainingAll("c.json", "_class_name", "null", "a string");
  }

  @Test
  void refusesAClassThatNobodyProvides() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Schedulers.fromConfig(StubScheduler.class, new SchedulerConfig("", Map.of())))
        .withMessageContainingAll("StubScheduler", "no known scheduler", "SchedulerProvider");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedulers.byName("StubScheduler"))
        .withMessageContainingAll("StubScheduler", "is not known", "DDIMScheduler");
  }

  @Test
  void knowsAPlugInByNameAndByClass() throws IOException {
    with(
        StubProvider.class.getName(),
        () -> {
          SchedulerConfig config = new SchedulerConfig("StubScheduler", Map.of());
          assertThat(Schedulers.names()).hasSize(18).endsWith("StubScheduler");
          assertThat(Schedulers.fromConfig(config)).isInstanceOf(StubScheduler.class);
          assertThat(Schedulers.byName("StubScheduler").fromConfig(config))
              .isInstanceOf(StubScheduler.class);
          StubScheduler made = Schedulers.fromConfig(StubScheduler.class, config);
          assertThat(made.name()).isEqualTo("StubScheduler");
        });
    assertThat(Schedulers.names()).hasSize(17);
  }

  @Test
  void namesBothWhoClaimAName() throws IOException {
    with(
        Usurper.class.getName(),
        () ->
            assertThatIllegalStateException()
                .isThrownBy(Schedulers::names)
                .withMessageContainingAll(
                    "DDIMScheduler", Usurper.class.getName(), DdimScheduler.class.getName()));
  }

  @Test
  void namesProvidersThatDoNotWork() throws IOException {
    with(
        "com.example.Missing",
        () ->
            assertThatIllegalStateException()
                .isThrownBy(() -> Schedulers.byName("DDIMScheduler"))
                .withMessageContainingAll("could not be loaded", "com.example.Missing"));
    with(
        Broken.class.getName(),
        () ->
            assertThatIllegalStateException()
                .isThrownBy(Schedulers::names)
                .withMessageContainingAll("could not be loaded", Broken.class.getName())
                .havingRootCause()
                .withMessage("no licence"));
    with(
        Nameless.class.getName(),
        () ->
            assertThatIllegalStateException()
                .isThrownBy(Schedulers::names)
                .withMessageContainingAll(Nameless.class.getName(), "blank name"));
    with(
        Impostor.class.getName(),
        () ->
            assertThatIllegalStateException()
                .isThrownBy(
                    () ->
                        Schedulers.fromConfig(
                            StubScheduler.class, new SchedulerConfig("", Map.of())))
                .withMessageContainingAll(
                    Impostor.class.getName(), StubScheduler.class.getName(), "DDIMScheduler"));
  }

  @Test
  void helpsAPlugInToReadItsOptions() {
    SchedulerConfig config =
        new SchedulerConfig(
            "MyScheduler",
            Map.of(
                "order",
                3,
                "strength",
                0.5,
                "fast",
                true,
                "prediction_type",
                "v_prediction",
                "beta_start",
                0.1,
                "beta_end",
                0.1,
                "num_train_timesteps",
                2),
            "x.json",
            false);
    assertThat(config.integer("order", 1, 4, 2)).isEqualTo(3);
    assertThat(config.integer("absent", 1, 4, 2)).isEqualTo(2);
    assertThat(config.number("strength", 0, 1, 0)).isEqualTo(0.5);
    assertThat(config.flag("fast", false)).isTrue();
    assertThat(config.predictionType()).isEqualTo(PredictionType.V_PREDICTION);
    assertThat(NoiseSchedule.fromConfig(config).timesteps()).isEqualTo(2);
    assertThat(NoiseSchedule.fromConfig(config).alphaCumprod(1)).isCloseTo(0.81f, within(1e-6f));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> config.integer("order", 1, 2, 2))
        .withMessage("x.json: order is 3, expected a whole number from 1 to 2");
    config.refuseUnknownOptions(Set.of("order", "strength", "fast"));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> config.refuseUnknownOptions(Set.of("order", "fast")))
        .withMessage(
            "x.json: strength is 0.5, but no scheduler has such an option; MyScheduler has fast,"
                + " order, and ignores those of others");
  }

  /** Runs with one more entry for the service loader. */
  private void with(String provider, Runnable check) throws IOException {
    Path services = Files.createDirectories(folder.resolve(provider + "/META-INF/services"));
    Files.writeString(services.resolve(SchedulerProvider.class.getName()), provider + "\n");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    URL[] more = {folder.resolve(provider).toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(more, before)) {
      thread.setContextClassLoader(loader);
      check.run();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
