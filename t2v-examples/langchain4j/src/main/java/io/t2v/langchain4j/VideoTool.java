package io.t2v.langchain4j;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;

/**
 * Lets the language model of an AI service make videos.
 *
 * <pre>{@code
 * Assistant assistant = AiServices.builder(Assistant.class)
 *     .chatModel(chatModel).tools(new VideoTool(videos)).build();
 * assistant.chat("Show me a panda that eats bamboo.");
 * }</pre>
 */
public final class VideoTool {
  private final TextToVideoModel model;

  /**
   * Makes a tool.
   *
   * @param model that generates
   */
  public VideoTool(TextToVideoModel model) {
    this.model = model;
  }

  /**
   * Generates a video.
   *
   * @param prompt what it shows
   * @return the address of its file, for the language model to tell
   */
  @Tool("Makes a video of two seconds, and answers with the address of its file")
  public String generateVideo(
      @P(name = "prompt", value = "what the video shows: one English sentence of at most 60 words")
          String prompt) {
    return model.generate(prompt).url().toString();
  }
}
