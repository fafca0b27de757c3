package io.t2v.service;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.t2v.service.JobRecord.JobError;
import io.t2v.service.JobRecord.Status;
import io.t2v.spring.LoraChoice;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** A video as OpenAI's API shows it, and behind {@code seconds} what this service adds. */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record VideoObject(
    String id,
    @JsonProperty("object") String type,
    String model,
    Status status,
    int progress,
    long createdAt,
    @Nullable Long completedAt,
    @Nullable Long expiresAt,
    @Nullable JobError error,
    String prompt,
    String size,
    String seconds,
    @Nullable String negativePrompt,
    int numFrames,
    double fps,
    int numInferenceSteps,
    double guidanceScale,
    long seed,
    @Nullable List<LoraChoice> lora,
    @Nullable Long startedAt,
    @Nullable Integer queuePosition) {
  private static final long MILLIS = 1000;

  static VideoObject of(VideoJob job, String model, int queuePosition) {
    JobRecord record = job.record();
    VideoSettings settings = record.settings();
    return new VideoObject(
        record.id(),
        "video",
        model,
        record.status(),
        record.status() == Status.COMPLETED ? 100 : job.progress(),
        record.createdAt() / MILLIS,
        inSeconds(record.completedAt()),
        inSeconds(record.expiresAt()),
        record.error(),
        settings.prompt(),
        settings.width() + "x" + settings.height(),
        seconds(settings.frames() / settings.fps()),
        settings.negativePrompt(),
        settings.frames(),
        settings.fps(),
        settings.steps(),
        settings.guidanceScale(),
        settings.seed(),
        settings.loras().isEmpty() ? null : settings.loras(),
        inSeconds(record.startedAt()),
        record.status() == Status.QUEUED ? queuePosition : null);
  }

  private static @Nullable Long inSeconds(@Nullable Long millis) {
    return millis == null ? null : Long.valueOf(millis / MILLIS);
  }

  private static String seconds(double value) {
    return BigDecimal.valueOf(value)
        .setScale(3, RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }
}
