package io.t2v.cli;

import io.t2v.GenerationRequest;
import io.t2v.SavedRun;
import io.t2v.text.PromptSyntax;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prompts and options that say which videos are made: their texts and their seeds. */
final class PromptOptions {
  private static final char REPLACEMENT = '\uFFFD';

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Parameters(
      paramLabel = "PROMPT",
      arity = "0..*",
      description = {
        "What the video shows. Several prompts make several videos. May be left out with --like and"
            + " --prompts."
      })
  private List<String> prompts = List.of();

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description = {
        "Take prompts from a file, or from stdin if it is -: one a line, or JSON objects with"
            + " \"prompt\" and settings of their own, by the names that --json prints."
      })
  private @Nullable Path file;

  @Option(
      names = "--prompt-syntax",
      paramLabel = "SYNTAX",
      description =
          "How prompts are read: ${COMPLETION-CANDIDATES}. A1111 knows weights, as in (cat:1.3),"
              + " changes, as in [cat:dog:0.5], and prompts of any length; COMPEL weights, as in cat+,"
              + " mixtures and long prompts. Default: PLAIN.")
  private @Nullable PromptSyntax syntax;

  @Option(
      names = {"-n", "--negative-prompt"},
      paramLabel = "TEXT",
      description = "What the video should not show. Repeatable: one for all prompts, or one each.")
  private List<String> negativePrompts = List.of();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = {
        "Where the noise comes from: the same seed gives the same video. Repeatable: one for all"
            + " prompts, one each, or several for one prompt. Default: random, shown by --json."
      })
  private List<Long> seeds = List.of();

  @Option(
      names = "--batch",
      description = {
        "Compute all videos together instead of one after the other: faster where they are small,"
            + " with memory for all of them."
      })
  private boolean batch;

  /** Whether there is a prompt on the command line, or a file of them. */
  boolean areGiven() {
    return !prompts.isEmpty() || file != null;
  }

  boolean batch() {
    return batch;
  }

  /** What is not given is that of the file; with another prompt the video is another one. */
  void completeFrom(LikeFile repeated) {
    if (!areGiven()) {
      prompts = List.of(repeated.prompt());
    }
    if (negativePrompts.isEmpty()) {
      negativePrompts = repeated.negativePrompts();
    }
    if (seeds.isEmpty()) {
      seeds = repeated.seeds();
    }
  }

  /** What is not given is that of the run. */
  void completeFrom(SavedRun run) {
    if (!areGiven()) {
      prompts = run.request().prompts();
      batch = prompts.size() > 1;
    }
    if (seeds.isEmpty()) {
      seeds = run.seeds();
    }
  }

  /**
   * Returns what each video shows: as many as there are prompts, or as there are seeds for the only
   * prompt.
   *
   * @param in stdin, which the file of prompts may be
   */
  List<PromptLine> lines(InputStream in) throws IOException {
    List<PromptLine> lines = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      if (prompts.get(i).isBlank()) {
        throw new ParameterException(
            spec.commandLine(),
            "Invalid value for PROMPT: %s is blank, expected a sentence"
                .formatted(prompts.size() == 1 ? "it" : "number " + (i + 1)));
      }
      lines.add(PromptLine.of(prompts.get(i)));
    }
    if (file != null) {
      lines.addAll(PromptLine.read(file, in));
    }
    if (lines.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "Missing required parameter: 'PROMPT'");
    }
    requireOneOrEach("--negative-prompt", negativePrompts.size(), lines.size());
    List<PromptLine> videos =
        lines.size() == 1 && seeds.size() > 1
            ? Collections.nCopies(seeds.size(), lines.get(0))
            : lines;
    requireOneOrEach("--seed", seeds.size(), videos.size());
    return videos;
  }

  private void requireOneOrEach(String option, int values, int count) {
    if (values > 1 && values != count) {
      throw new ParameterException(
          spec.commandLine(),
          "Option '%s' was given %s times for %s prompts, expected once, or once a prompt"
              .formatted(option, values, count));
    }
  }

  /** Of a video whose line has none. */
  @Nullable String negativePrompt(int video) {
    return ofVideo(negativePrompts, video);
  }

  /** Of a video whose line has none. */
  @Nullable Long seed(int video) {
    return ofVideo(seeds, video);
  }

  private static <T> @Nullable T ofVideo(List<T> noneOneOrEach, int video) {
    return noneOneOrEach.isEmpty()
        ? null
        : noneOneOrEach.get(noneOneOrEach.size() == 1 ? 0 : video);
  }

  void applyTo(GenerationRequest.Builder builder) {
    if (syntax != null) {
      builder.promptSyntax(syntax);
    }
  }

  /**
   * What is probably not meant: a sentence without its quotes, which arrives as several words, and
   * U+FFFD, which the JVM puts in place of bytes that are no letters in the locale.
   */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (prompts.size() > 1 && prompts.stream().noneMatch(prompt -> prompt.strip().contains(" "))) {
      warnings.add(
          "this makes %s videos, one of each word; a sentence needs quotes: \"%s\""
              .formatted(prompts.size(), String.join(" ", prompts)));
    }
    if (Stream.of(prompts, negativePrompts)
        .flatMap(List::stream)
        .anyMatch(text -> text.indexOf(REPLACEMENT) >= 0)) {
      warnings.add(
          "letters of a prompt were lost, as the locale does not have them; set the environment"
              + " variable LC_ALL=C.UTF-8");
    }
    return warnings;
  }
}
