package io.t2v.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.minimodel.MiniModel;
import io.t2v.scheduler.DpmSolverMultistepScheduler;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What is configured, and when the pipeline is made. */
final class T2vAutoConfigurationTest {
  private static final GenerationRequest REQUEST =
      MiniModel.request("a red circle moving right").seed(1).steps(2).build();

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(T2vAutoConfiguration.class))
          .withPropertyValues(
              "t2v.checkpoint=" + MiniModel.folder(),
              "t2v.scheduler=" + DpmSolverMultistepScheduler.NAME,
              "t2v.threads=1");

  @Test
  void generatesWithThePipelineOfTheProperties() {
    Video expected;
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
      expected = pipeline.generate(REQUEST);
    }
    runner.run(
        context -> {
          Video video = context.getBean(VideoGenerator.class).generate(REQUEST);
          assertThat(video.rgb()).isEqualTo(expected.rgb());
          assertThat(context.getBean(TextToVideoPipeline.class))
              .isSameAs(context.getBean(PipelineLoader.class).get());
        });
  }

  @Test
  void closesThePipelineWithTheContext() {
    TextToVideoPipeline[] made = new TextToVideoPipeline[1];
    runner
        .withPropertyValues("t2v.load=eager")
        .run(context -> made[0] = context.getBean(TextToVideoPipeline.class));
    assertThatThrownBy(() -> made[0].plan(REQUEST))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void backsOffForThePipelineOfTheApplication() {
    runner
        .withUserConfiguration(ApplicationWithPipeline.class)
        .withPropertyValues("t2v.checkpoint=nowhere", "t2v.load=eager")
        .run(
            context -> {
              assertThat(context).hasSingleBean(TextToVideoPipeline.class);
              assertThat(context.getBean(PipelineLoader.class).get())
                  .isSameAs(context.getBean("own"));
              assertThat(context.getBean(VideoGenerator.class).generate(REQUEST).frameCount())
                  .isEqualTo(MiniModel.FRAMES);
            });
  }

  @Test
  void configuresNothingWhenSwitchedOffOrWithoutTheLibrary() {
    runner
        .withPropertyValues("t2v.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(PipelineLoader.class));
    runner
        .withClassLoader(new FilteredClassLoader(TextToVideoPipeline.class))
        .run(context -> assertThat(context).doesNotHaveBean(VideoGenerator.class));
  }

  @Test
  void loadsLazily() {
    runner
        .withPropertyValues("t2v.load=lazy")
        .run(
            context -> {
              PipelineLoader loader = context.getBean(PipelineLoader.class);
              assertThat(loader.state()).isEqualTo(PipelineLoader.State.NOT_LOADED);
              assertThat(loader.ifReady()).isEmpty();
              context.getBean(TextToVideoPipeline.class);
              assertThat(loader.state()).isEqualTo(PipelineLoader.State.READY);
            });
  }

  @Test
  void startsWhileThePipelineLoadsInTheBackground() {
    CountDownLatch mayLoad = new CountDownLatch(1);
    runner
        .withBean(PipelineBuilderCustomizer.class, () -> builder -> await(mayLoad))
        .withPropertyValues("t2v.warm-up=true")
        .run(
            context -> {
              PipelineLoader loader = context.getBean(PipelineLoader.class);
              assertThat(loader.state()).isNotEqualTo(PipelineLoader.State.READY);
              mayLoad.countDown();
              assertThat(loader.get().plan(REQUEST).loadedBytes())
                  .as("weights that the warm-up has read")
                  .isPositive();
            });
  }

  @Test
  void closesWhileThePipelineIsStillLoading() {
    CountDownLatch loading = new CountDownLatch(1);
    AtomicReference<Throwable> ended = new AtomicReference<>();
    runner
        .withBean(
            PipelineBuilderCustomizer.class,
            () ->
                builder -> {
                  loading.countDown();
                  ended.set(catchThrowable(() -> await(new CountDownLatch(1))));
                })
        .run(context -> await(loading));
    assertThat(ended.get()).as("what ended the load").hasMessage("interrupted");
  }

  @Test
  void failsAtStartWhereThePipelineIsLoadedEagerly() {
    runner
        .withPropertyValues("t2v.load=eager", "t2v.checkpoint=/no/such/folder")
        .run(context -> assertFailure(context, "/no/such/folder"));
    runner
        .withPropertyValues("t2v.load=eager", "t2v.threads=-1")
        .run(context -> assertFailure(context, "t2v.threads: threads is -1"));
    runner
        .withPropertyValues("t2v.load=eager", "t2v.device=gpu")
        .run(context -> assertFailure(context, "t2v.device: "));
  }

  private static void assertFailure(AssertableApplicationContext context, String text) {
    assertThat(context).hasFailed();
    assertThat(context.getStartupFailure()).hasStackTraceContaining(text);
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("nothing happened for a minute");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class ApplicationWithPipeline {
    @Bean
    TextToVideoPipeline own() {
      return MiniModel.pipeline().build();
    }
  }
}
