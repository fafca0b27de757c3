package io.t2v.service;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.t2v.spring.LoraPipelines;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code /v1/models}: the one model, with its defaults, the limits and the LoRAs of this service.
 */
@RestController
@RequestMapping("/v1/models")
final class ModelsController {
  private final ModelObject model;

  ModelsController(ModelProfile profile, ServiceProperties limits, LoraPipelines pipelines) {
    model =
        new ModelObject(
            profile.name(),
            "model",
            0,
            "t2v",
            new Defaults(profile.steps(), profile.frames(), profile.fps(), profile.guidanceScale()),
            new Limits(
                limits.maxSteps(),
                limits.maxFrames(),
                limits.maxPixels(),
                limits.maxPromptLength(),
                limits.maxUpload().toBytes()),
            pipelines.names());
  }

  /** A model as OpenAI's API shows it, with three parts added. */
  record ModelObject(
      String id,
      String object,
      long created,
      @JsonProperty("owned_by") String ownedBy,
      Defaults defaults,
      Limits limits,
      List<String> loras) {}

  /** What a request means that does not say. */
  record Defaults(
      @JsonProperty("num_inference_steps") int steps,
      @JsonProperty("num_frames") int frames,
      double fps,
      @JsonProperty("guidance_scale") double guidanceScale) {}

  /** What a request may ask for. */
  record Limits(
      @JsonProperty("num_inference_steps") int steps,
      @JsonProperty("num_frames") int frames,
      int pixels,
      @JsonProperty("prompt_length") int promptLength,
      @JsonProperty("upload_bytes") long uploadBytes) {}

  /** A list as OpenAI's API shows it. */
  record ModelList(String object, List<ModelObject> data) {}

  @GetMapping
  ModelList list() {
    return new ModelList("list", List.of(model));
  }

  @GetMapping("/{id}")
  ModelObject get(@PathVariable String id) {
    if (!id.equals(model.id())) {
      throw ApiException.of(
          HttpStatus.NOT_FOUND, "model_not_found", "The only model is \"" + model.id() + "\".");
    }
    return model;
  }
}
