package io.t2v.spring;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Adds meters of denoising steps, frames and planned memory, where there is a registry. */
@AutoConfiguration(
    after = T2vAutoConfiguration.class,
    afterName =
        "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({MeterRegistry.class, VideoGenerator.class})
public final class T2vMetricsAutoConfiguration {
  /** Called by Spring. */
  public T2vMetricsAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  VideoGenerationMeters videoGenerationMeters(MeterRegistry registry) {
    return new VideoGenerationMeters(registry);
  }
}
