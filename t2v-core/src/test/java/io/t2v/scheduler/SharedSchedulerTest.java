package io.t2v.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.contract.Draws;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Many threads use one scheduler object, and get what one would. */
class SharedSchedulerTest {
  private static final int THREADS = 8;

  static List<Scheduler> schedulers() {
    return Schedulers.names().stream()
        .map(name -> Schedulers.byName(name).fromConfig(new SchedulerConfig(name, Map.of())))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("schedulers")
  void threadsDoNotDisturbEachOther(Scheduler scheduler) throws Exception {
    List<float[]> alone = new ArrayList<>();
    for (int seed = 0; seed < THREADS; seed++) {
      alone.add(run(scheduler, seed));
    }
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<float[]>> together = new ArrayList<>();
      for (int seed = 0; seed < THREADS; seed++) {
        int own = seed;
        together.add(pool.submit(() -> run(scheduler, own)));
      }
      for (int seed = 0; seed < THREADS; seed++) {
        assertThat(together.get(seed).get()).containsExactly(alone.get(seed));
      }
    } finally {
      pool.shutdown();
    }
  }

  private static float[] run(Scheduler scheduler, int seed) {
    try (PointerScope scope = new PointerScope();
        Draws draws = new Draws(seed);
        SamplingPlan plan = scheduler.plan(new PlanRequest(6 + seed, 0.5))) {
      Tensor latents = draws.gaussian(2, 4, 5, 6);
      for (int i = 0; i < plan.timesteps().length; i++) {
        latents = plan.step(draws.gaussian(2, 4, 5, 6), i, latents, draws);
      }
      return Draws.floats(latents);
    }
  }
}
