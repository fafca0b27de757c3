package io.t2v.internal.clip;

import com.fasterxml.jackson.jr.ob.JSON;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes OpenAI's CLIP vocabulary, which the library carries, as the files of a tokenizer: for
 * checkpoints that are made without one.
 */
public final class ClipTokenizerFiles {
  private ClipTokenizerFiles() {}

  /**
   * Writes {@code vocab.json} and {@code merges.txt}. Files of these names are replaced.
   *
   * @param folder an existing folder
   * @throws IOException if they cannot be written
   */
  public static void write(Path folder) throws IOException {
    ImmutableList<BytePairEncoding.Pair> merges = ClipVocabulary.merges();
    Files.writeString(
        folder.resolve("vocab.json"),
        JSON.std.asString(ClipVocabulary.tokens(merges, ClipTokenizer.START, ClipTokenizer.END)));
    StringBuilder lines = new StringBuilder("#version: 0.2\n");
    for (BytePairEncoding.Pair pair : merges) {
      lines.append(pair.left()).append(' ').append(pair.right()).append('\n');
    }
    Files.writeString(folder.resolve("merges.txt"), lines, StandardCharsets.UTF_8);
  }
}
