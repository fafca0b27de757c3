package io.t2v.langchain4j;

import dev.langchain4j.data.video.Video;
import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.ffmpeg.VideoWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Generates videos in this process, as MP4 files in a folder. langchain4j has no interface for
 * models that make videos; the result is its own {@link Video}. Safe for use by many threads.
 */
public final class TextToVideoModel {
  private final TextToVideoPipeline pipeline;
  private final Path folder;
  private final Consumer<GenerationRequest.Builder> settings;

  /**
   * Makes a model.
   *
   * @param pipeline which stays open as long as this model is used; whoever opened it closes it
   * @param folder where files go, made if it is not there; nothing is ever deleted from it
   * @param settings of all videos, such as {@code request -> request.steps(25)}
   */
  public TextToVideoModel(
      TextToVideoPipeline pipeline, Path folder, Consumer<GenerationRequest.Builder> settings) {
    this.pipeline = pipeline;
    this.folder = folder;
    this.settings = settings;
  }

  /**
   * Generates a video with the model's settings, while the caller waits.
   *
   * @param prompt an English sentence, not blank
   * @return with the address of its file
   * @throws IllegalArgumentException if the prompt is blank
   * @throws UncheckedIOException if the file cannot be written
   */
  public Video generate(String prompt) {
    GenerationRequest.Builder request = GenerationRequest.builder(prompt);
    settings.accept(request);
    return generate(request.build());
  }

  /**
   * Generates the video of a request, while the caller waits.
   *
   * @param request for one video, with settings of its own
   * @return with the address of its file
   * @throws IllegalArgumentException if a setting does not fit the model
   * @throws UncheckedIOException if the file cannot be written
   */
  public Video generate(GenerationRequest request) {
    io.t2v.Video video = pipeline.generate(request);
    Path file = folder.resolve(UUID.randomUUID() + ".mp4");
    try {
      Files.createDirectories(folder);
      VideoWriter.mp4().write(video, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Video.builder().url(file.toUri()).mimeType("video/mp4").build();
  }
}
