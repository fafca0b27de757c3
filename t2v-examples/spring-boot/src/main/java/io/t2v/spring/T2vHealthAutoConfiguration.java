package io.t2v.spring;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Adds the pipeline to the application's health, as {@code t2v}. */
@AutoConfiguration(after = T2vAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean({PipelineLoader.class, VideoGenerator.class})
@ConditionalOnEnabledHealthIndicator("t2v")
public final class T2vHealthAutoConfiguration {
  /** Called by Spring. */
  public T2vHealthAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean(name = "t2vHealthIndicator")
  PipelineHealthIndicator t2vHealthIndicator(PipelineLoader loader, VideoGenerator generator) {
    return new PipelineHealthIndicator(loader, generator);
  }
}
