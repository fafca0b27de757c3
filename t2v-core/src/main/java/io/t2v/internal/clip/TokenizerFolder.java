package io.t2v.internal.clip;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.Printable;
import io.t2v.internal.io.SmallFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the files of a tokenizer folder say.
 *
 * @param vocabulary id of each token
 * @param merges pairs of tokens, the strongest first
 * @param mergesFile the file that holds the merges, for messages
 * @param addedTokens tokens to add to the vocabulary, in this order
 * @param startToken the token before the text
 * @param endToken the token after the text
 * @param padToken the token after the end
 * @param unknownToken the token for bytes that the vocabulary does not know
 * @param maxTokens length of the text encoder's input
 */
record TokenizerFolder(
    ImmutableMap<String, Integer> vocabulary,
    ImmutableList<BytePairEncoding.Pair> merges,
    Path mergesFile,
    ImmutableList<AddedToken> addedTokens,
    String startToken,
    String endToken,
    String padToken,
    String unknownToken,
    int maxTokens) {

  private static final int NO_LIMIT = 1_000_000;

  static TokenizerFolder read(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(
          ("%s: expected a tokenizer folder, found %s. Name the folder that holds "
                  + "vocab.json and merges.txt.")
              .formatted(folder, Files.exists(folder) ? "a file" : "nothing"));
    }
    JsonFile config = JsonFile.readIfPresent(folder.resolve("tokenizer_config.json"));
    refuse(config, "padding_side", "right");
    refuse(config, "truncation_side", "right");
    refuse(config, "split_special_tokens", false);
    SpecialTokens special = SpecialTokens.read(folder, config);

    Path unified = folder.resolve("tokenizer.json");
    boolean isUnified = Files.exists(unified);
    Path mergesFile = isUnified ? unified : folder.resolve("merges.txt");
    ImmutableMap<String, Integer> vocabulary;
    ImmutableList<BytePairEncoding.Pair> merges;
    if (isUnified) {
      JsonFile model = JsonFile.read(unified).object("model");
      vocabulary = vocabulary(model.object("vocab"));
      merges = mergesOf(model);
    } else {
      vocabulary = vocabulary(JsonFile.read(folder.resolve("vocab.json")));
      merges = mergesOf(mergesFile);
    }
    return new TokenizerFolder(
        vocabulary,
        merges,
        mergesFile,
        special.added(),
        special.start(),
        special.end(),
        special.pad(),
        special.unknown(),
        maxTokens(config));
  }

  /** Settings that change the ids and that no CLIP checkpoint uses are refused, not ignored. */
  private static void refuse(JsonFile config, String key, Object only) {
    @Nullable Object value = config.get(key);
    if (value != null && !value.equals(only)) {
      throw config.malformed(
          "expected '%s' to be %s".formatted(key, only),
          String.valueOf(value),
          "Only %s is supported: change the value.".formatted(only));
    }
  }

  private static int maxTokens(JsonFile config) {
    String key = config.get("model_max_length") == null ? "max_len" : "model_max_length";
    @Nullable Object value = config.get(key);
    if (value == null) {
      return ClipTokenizer.DEFAULT_MAX_TOKENS;
    }
    if (!(value instanceof Number number) || !(number.doubleValue() >= 2)) {
      throw config.malformed(
          "expected '%s' to be a number of at least 2".formatted(key),
          String.valueOf(value),
          "CLIP's text encoders take 77.");
    }
    return number.doubleValue() > NO_LIMIT ? ClipTokenizer.DEFAULT_MAX_TOKENS : number.intValue();
  }

  private static ImmutableMap<String, Integer> vocabulary(JsonFile file) {
    ImmutableMap.Builder<String, Integer> vocabulary = ImmutableMap.builder();
    for (Map.Entry<String, @Nullable Object> entry : file.values().entrySet()) {
      if (!(entry.getValue() instanceof Integer id) || id < 0) {
        throw file.malformed(
            "expected an id, 0 or greater, for the token '%s'"
                .formatted(Printable.of(entry.getKey())),
            String.valueOf(entry.getValue()),
            "Copy the file again from the checkpoint.");
      }
      vocabulary.put(entry.getKey(), id);
    }
    return vocabulary.buildOrThrow();
  }

  private static ImmutableList<BytePairEncoding.Pair> mergesOf(JsonFile model) {
    ImmutableList.Builder<BytePairEncoding.Pair> merges = ImmutableList.builder();
    for (Object merge : model.list("merges")) {
      List<?> pair =
          merge instanceof String text ? Splitter.on(' ').splitToList(text) : listOrEmpty(merge);
      if (pair.size() != 2
          || !(pair.get(0) instanceof String left)
          || !(pair.get(1) instanceof String right)) {
        throw model.malformed(
            "expected each entry of 'merges' to be two tokens",
            String.valueOf(merge),
            "Copy the file again from the checkpoint.");
      }
      merges.add(new BytePairEncoding.Pair(left, right));
    }
    return merges.build();
  }

  private static List<?> listOrEmpty(@Nullable Object value) {
    return value instanceof List<?> list ? list : ImmutableList.of();
  }

  private static ImmutableList<BytePairEncoding.Pair> mergesOf(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new CheckpointException(
          ("%s: the file is missing; it belongs to vocab.json. Copy it from the checkpoint "
                  + "that vocab.json came from.")
              .formatted(file));
    }
    String text;
    try {
      text = SmallFile.readText(file, JsonFile.MAX_BYTES);
    } catch (CharacterCodingException e) {
      throw new CheckpointException(
          "%s: expected text in UTF-8, found other bytes. Copy the file again from the checkpoint."
              .formatted(file),
          e);
    }
    ImmutableList.Builder<BytePairEncoding.Pair> merges = ImmutableList.builder();
    int number = 0;
    List<String> lines = Splitter.on('\n').splitToList(text);
    for (String line : lines) {
      number++;
      String content = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      boolean afterLastLine = number == lines.size() && line.isEmpty();
      if (afterLastLine || content.startsWith("#version")) {
        continue;
      }
      int blank = content.indexOf(' ');
      if (blank < 0 || content.indexOf(' ', blank + 1) >= 0) {
        throw new CheckpointException(
            ("%s: expected two tokens and one blank between them in line %s, found '%s'. "
                    + "Copy the file again from the checkpoint.")
                .formatted(file, number, Printable.of(content)));
      }
      merges.add(
          new BytePairEncoding.Pair(content.substring(0, blank), content.substring(blank + 1)));
    }
    return merges.build();
  }
}
