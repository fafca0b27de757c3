package io.t2v.springai;

import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.VideoInfo;
import io.t2v.ffmpeg.VideoWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.springframework.ai.model.Model;
import org.springframework.core.io.FileSystemResource;

/**
 * Generates videos in this process, as MP4 files in a folder. Spring AI has no interface for videos
 * yet, so prompt and response are this package's own. Safe for use by many threads.
 */
public final class TextToVideoModel implements Model<VideoPrompt, VideoResponse> {
  private final TextToVideoPipeline pipeline;
  private final Path folder;
  private final VideoOptions defaults;

  /**
   * Makes a model.
   *
   * @param pipeline which stays open as long as this model is used; whoever opened it closes it
   * @param folder where files go, made if it is not there; nothing is ever deleted from it
   * @param defaults settings of all videos
   */
  public TextToVideoModel(TextToVideoPipeline pipeline, Path folder, VideoOptions defaults) {
    this.pipeline = pipeline;
    this.folder = folder;
    this.defaults = defaults;
  }

  /**
   * Generates a video, while the caller waits.
   *
   * @param prompt text, and settings over those of the model
   * @return a file of a random name, complete
   * @throws IllegalArgumentException if the prompt is blank or a setting does not fit the model
   * @throws UncheckedIOException if the file cannot be written
   */
  @Override
  public VideoResponse call(VideoPrompt prompt) {
    GenerationRequest.Builder request =
        defaults.over(GenerationRequest.builder(prompt.getInstructions()));
    Video video = pipeline.generate(prompt.getOptions().over(request).build());
    Path file = folder.resolve(UUID.randomUUID() + ".mp4");
    try {
      Files.createDirectories(folder);
      VideoWriter.mp4().write(video, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new VideoResponse(new GeneratedVideo(new FileSystemResource(file), VideoInfo.of(video)));
  }
}
