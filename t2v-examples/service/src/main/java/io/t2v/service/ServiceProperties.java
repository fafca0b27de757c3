package io.t2v.service;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The properties {@code t2v.service.*}.
 *
 * @param folder where results are kept; made if it is missing
 * @param timeToLive how long results are kept after they are finished
 * @param queueCapacity jobs that may wait
 * @param workers jobs that are computed at the same time
 * @param token that clients send; needed where the service is reached from other machines
 * @param allowedHosts names under which the service may be called while no token is set, so that no
 *     page in a browser reaches it under a name of its own
 * @param model name under which the model is listed
 * @param steps of a video, unless the request says
 * @param frames of a video, unless the request says
 * @param fps frames per second of a video, unless the request says
 * @param guidanceScale of a video, unless the request says
 * @param maxSteps that a request may ask for
 * @param maxFrames that a request may ask for
 * @param maxPixels width times height that a request may ask for
 * @param maxPromptLength characters of a prompt
 * @param maxUpload size of a request's body
 * @param previewInterval the least time between two previews of a job
 */
@ConfigurationProperties("t2v.service")
record ServiceProperties(
    @DefaultValue("videos") Path folder,
    @DefaultValue("24h") Duration timeToLive,
    @DefaultValue("16") int queueCapacity,
    @DefaultValue("1") int workers,
    @Nullable String token,
    @DefaultValue({"localhost", "127.0.0.1", "[::1]"}) List<String> allowedHosts,
    @Nullable String model,
    @Nullable Integer steps,
    @Nullable Integer frames,
    @DefaultValue("8") double fps,
    @Nullable Double guidanceScale,
    @DefaultValue("200") int maxSteps,
    @DefaultValue("64") int maxFrames,
    @DefaultValue("589824") int maxPixels,
    @DefaultValue("4000") int maxPromptLength,
    @DefaultValue("32MB") DataSize maxUpload,
    @DefaultValue("1s") Duration previewInterval) {

  ServiceProperties {
    requireAtLeastOne("queue-capacity", queueCapacity);
    requireAtLeastOne("workers", workers);
    if (token != null && token.isBlank()) {
      throw new IllegalArgumentException(
          "t2v.service.token is blank, expected a token, or no such property");
    }
  }

  private static void requireAtLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "t2v.service." + name + " is " + value + ", expected at least 1");
    }
  }
}
