package io.t2v.service;

import io.t2v.GenerationRequest;
import io.t2v.minimodel.MiniModel;
import io.t2v.spring.PipelineBuilderCustomizer;
import io.t2v.spring.T2vProperties;
import jakarta.servlet.MultipartConfigElement;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Starts the service. Without {@code t2v.checkpoint} it runs on the miniature model. */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
@EnableScheduling
public class VideoServiceApplication {
  /** Called by Spring. */
  public VideoServiceApplication() {}

  /**
   * Starts the service.
   *
   * @param arguments properties, such as {@code --server.port=9000}
   */
  public static void main(String[] arguments) {
    SpringApplication.run(VideoServiceApplication.class, arguments);
  }

  @Bean
  PipelineBuilderCustomizer miniModelUnlessAnotherIsNamed(T2vProperties pipeline) {
    return builder -> {
      if (pipeline.checkpoint() == null) {
        builder.checkpoint(MiniModel.folder());
        if (pipeline.scheduler() == null) {
          builder.scheduler(MiniModel.SCHEDULER);
        }
        if (pipeline.threads() == null) {
          builder.threads(MiniModel.THREADS);
        }
      }
    };
  }

  @Bean
  ModelProfile modelProfile(T2vProperties pipeline, ServiceProperties service) {
    String checkpoint = pipeline.checkpoint();
    boolean mini = checkpoint == null;
    String name = mini ? "t2v-mini-model" : String.valueOf(Path.of(checkpoint).getFileName());
    return new ModelProfile(
        orElse(service.model(), name),
        orElse(service.steps(), mini ? MiniModel.STEPS : GenerationRequest.DEFAULT_STEPS),
        orElse(service.frames(), mini ? MiniModel.FRAMES : GenerationRequest.DEFAULT_FRAMES),
        service.fps(),
        orElse(
            service.guidanceScale(),
            mini ? MiniModel.GUIDANCE_SCALE : GenerationRequest.DEFAULT_GUIDANCE_SCALE));
  }

  private static <T> T orElse(@Nullable T value, T other) {
    return Objects.requireNonNullElse(value, other);
  }

  @Bean
  MultipartConfigElement multipartConfig(ServiceProperties service) {
    long limit = service.maxUpload().toBytes();
    return new MultipartConfigElement("", limit, limit, 64 * 1024);
  }

  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }
}
