package io.t2v.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A video to make.
 *
 * @param line what it shows, with its own settings
 * @param negativePrompt what it should not show; null for nothing
 * @param seed of its noise; null for a random one
 * @param file to write
 * @param sheet picture of all frames to write; null for none
 */
record VideoJob(
    PromptLine line,
    @Nullable String negativePrompt,
    @Nullable Long seed,
    Path file,
    @Nullable Path sheet) {
  /** The same with other files. */
  VideoJob at(Path newFile, @Nullable Path newSheet) {
    return new VideoJob(line, negativePrompt, seed, newFile, newSheet);
  }
}
