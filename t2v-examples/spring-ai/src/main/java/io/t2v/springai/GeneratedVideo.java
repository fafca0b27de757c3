package io.t2v.springai;

import io.t2v.VideoInfo;
import org.springframework.ai.model.ModelResult;
import org.springframework.ai.model.ResultMetadata;
import org.springframework.core.io.Resource;

/**
 * A video file.
 *
 * @param file which Spring MVC answers with as it is, byte ranges included
 * @param info size, frame rate and provenance: seed, settings, versions
 */
public record GeneratedVideo(Resource file, VideoInfo info) implements ModelResult<Resource> {
  /**
   * Size, frame rate and provenance.
   *
   * @param info of the video
   */
  public record Metadata(VideoInfo info) implements ResultMetadata {}

  @Override
  public Resource getOutput() {
    return file;
  }

  @Override
  public Metadata getMetadata() {
    return new Metadata(info);
  }
}
