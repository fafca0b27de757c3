package io.t2v.springai;

import java.util.List;
import org.springframework.ai.model.ModelResponse;
import org.springframework.ai.model.MutableResponseMetadata;
import org.springframework.ai.model.ResponseMetadata;

/**
 * What a call made.
 *
 * @param video one
 */
public record VideoResponse(GeneratedVideo video) implements ModelResponse<GeneratedVideo> {
  @Override
  public GeneratedVideo getResult() {
    return video;
  }

  @Override
  public List<GeneratedVideo> getResults() {
    return List.of(video);
  }

  /** The provenance's properties, such as {@code seed}. */
  @Override
  public ResponseMetadata getMetadata() {
    MutableResponseMetadata metadata = new MutableResponseMetadata();
    video.info().provenance().properties().forEach(metadata::put);
    return metadata;
  }
}
