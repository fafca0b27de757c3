package io.t2v.springai;

import org.springframework.ai.model.ModelRequest;

/**
 * What a video shows, and how it is made.
 *
 * @param text an English sentence, not blank
 * @param options over those of the model
 */
public record VideoPrompt(String text, VideoOptions options) implements ModelRequest<String> {
  /**
   * Makes a prompt with the model's own settings.
   *
   * @param text an English sentence, not blank
   */
  public VideoPrompt(String text) {
    this(text, VideoOptions.DEFAULT);
  }

  @Override
  public String getInstructions() {
    return text;
  }

  @Override
  public VideoOptions getOptions() {
    return options;
  }
}
