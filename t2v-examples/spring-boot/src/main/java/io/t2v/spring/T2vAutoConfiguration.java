package io.t2v.spring;

import io.micrometer.observation.ObservationRegistry;
import io.t2v.TextToVideoPipeline;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/**
 * Configures a pipeline from {@code t2v.*}, unless the application has one as a bean, and a {@link
 * VideoGenerator} on either.
 */
@AutoConfiguration(
    afterName =
        "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(TextToVideoPipeline.class)
@ConditionalOnProperty(name = "t2v.enabled", matchIfMissing = true)
@EnableConfigurationProperties(T2vProperties.class)
public final class T2vAutoConfiguration {
  /** Called by Spring. */
  public T2vAutoConfiguration() {}

  /** The pipeline of the properties. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingBean({TextToVideoPipeline.class, PipelineLoader.class})
  static class OwnPipeline {
    @Bean
    PipelineLoader pipelineLoader(
        T2vProperties properties, ObjectProvider<PipelineBuilderCustomizer> customizers) {
      return PipelineLoader.of(
          new PipelineAssembler(properties, customizers.orderedStream().toList()),
          properties.load(),
          properties.warmUp());
    }

    /** Made, or waited for, when it is first injected; closed by the loader. */
    @Bean(destroyMethod = "")
    @Lazy
    TextToVideoPipeline textToVideoPipeline(PipelineLoader loader) {
      return loader.get();
    }
  }

  /** The application's own pipeline. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnBean(TextToVideoPipeline.class)
  @ConditionalOnMissingBean(PipelineLoader.class)
  static class PipelineOfApplication {
    @Bean
    PipelineLoader pipelineLoader(TextToVideoPipeline pipeline) {
      return PipelineLoader.of(pipeline);
    }
  }

  @Bean
  @ConditionalOnMissingBean
  LoraPipelines loraPipelines(T2vProperties properties, PipelineLoader loader) {
    return LoraPipelines.of(properties, loader);
  }

  @Bean
  @ConditionalOnMissingBean
  VideoGenerator videoGenerator(
      LoraPipelines pipelines,
      T2vProperties properties,
      ObjectProvider<ObservationRegistry> observations,
      ObjectProvider<VideoGenerationConvention> convention) {
    return new VideoGenerator(
        pipelines,
        modelName(properties.checkpoint()),
        properties.shutdownWait(),
        observations.getIfUnique(() -> ObservationRegistry.NOOP),
        convention.getIfUnique(
            () -> VideoGenerationConvention.of(properties.observations().includePrompt())));
  }

  /** The checkpoint's name without the machine's folders. */
  private static String modelName(@Nullable String checkpoint) {
    if (checkpoint == null) {
      return "unnamed";
    }
    Path path = Path.of(checkpoint);
    Path name = path.isAbsolute() ? path.getFileName() : path;
    return String.valueOf(name);
  }
}
