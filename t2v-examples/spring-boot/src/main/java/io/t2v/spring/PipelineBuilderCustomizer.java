package io.t2v.spring;

import io.t2v.PipelineBuilder;

/**
 * Makes settings that have no property, such as networks of one's own. Beans of this type are
 * called in their order, after the properties; a setting that is made twice is an error.
 */
@FunctionalInterface
public interface PipelineBuilderCustomizer {
  /**
   * Changes a pipeline's settings before it is built.
   *
   * @param builder with what the properties say
   */
  void customize(PipelineBuilder builder);
}
