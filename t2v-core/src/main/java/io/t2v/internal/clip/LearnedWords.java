package io.t2v.internal.clip;

import com.google.common.collect.ImmutableList;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.Printable;
import io.t2v.internal.torch.HostTensors;
import io.t2v.text.TextToken;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Words that textual inversion has learned. Each of its vectors has an id of its own, from the end
 * of the vocabulary on, so that a word in a text becomes as many tokens as it has vectors.
 *
 * <p>A word is found whatever its letters' case. Where it begins or ends with a letter or a digit,
 * it counts only as a word of its own. Where words overlap, the longest is taken. Immutable.
 */
final class LearnedWords {
  /** No words. */
  static final LearnedWords NONE = new LearnedWords(Integer.MAX_VALUE, List.of());

  private static final String WORD_CHARACTER = "[\\p{L}\\p{N}_]";

  private final int firstId;
  private final ImmutableList<Entry> entries;
  private final @Nullable Pattern pattern;

  private record Entry(LearnedWordFile file, TextToken token) {}

  /** A stretch of text: the token of a word found there, or text without one, where it is null. */
  record Piece(String text, @Nullable TextToken token) {}

  private LearnedWords(int firstId, List<LearnedWordFile> files) {
    this.firstId = firstId;
    List<Entry> all = new ArrayList<>();
    int next = firstId;
    for (LearnedWordFile file : files) {
      all.add(new Entry(file, token(next, file.count())));
      next += file.count();
    }
    // Longest first, which is the order of the search.
    all.sort(Comparator.comparingInt((Entry entry) -> entry.file().word().length()).reversed());
    entries = ImmutableList.copyOf(all);
    pattern = all.isEmpty() ? null : pattern(all);
  }

  private static TextToken token(int first, int count) {
    return new TextToken(IntStream.range(first, first + count).boxed().toList());
  }

  /** One group for each word. */
  private static Pattern pattern(List<Entry> entries) {
    return Pattern.compile(
        entries.stream()
            .map(entry -> "(" + alone(entry.file().word()) + ")")
            .collect(Collectors.joining("|")),
        Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  }

  private static String alone(String word) {
    return (Character.isLetterOrDigit(word.codePointAt(0)) ? "(?<!" + WORD_CHARACTER + ")" : "")
        + Pattern.quote(word)
        + (Character.isLetterOrDigit(word.codePointBefore(word.length()))
            ? "(?!" + WORD_CHARACTER + ")"
            : "");
  }

  /**
   * Reads words.
   *
   * @param paths a file for each
   * @param config of the text encoder
   * @param tokenizer without learned words
   * @throws CheckpointException if a file is damaged, was made for another text encoder, or its
   *     word is one of the vocabulary or of another file
   */
  static LearnedWords read(List<Path> paths, ClipTextConfig config, ClipTokenizer tokenizer) {
    List<LearnedWordFile> files = new ArrayList<>();
    for (Path path : paths) {
      LearnedWordFile file = LearnedWordFile.read(path);
      requireFits(file, config, tokenizer);
      for (LearnedWordFile other : files) {
        if (other.word().equalsIgnoreCase(file.word())) {
          throw new CheckpointException(
              "%s: the learned word '%s' is that of %s as well. Use one of the files."
                  .formatted(path, Printable.of(file.word()), other.path()));
        }
      }
      files.add(file);
    }
    return files.isEmpty() ? NONE : new LearnedWords(config.vocabularySize(), files);
  }

  private static void requireFits(
      LearnedWordFile file, ClipTextConfig config, ClipTokenizer tokenizer) {
    String word = Printable.of(file.word());
    if (file.width() != config.width()) {
      throw new CheckpointException(
          ("%s: the vectors of the learned word '%s' have a width of %s, expected %s, that of the"
                  + " text encoder. The word was learned for another model.")
              .formatted(file.path(), word, file.width(), config.width()));
    }
    if (file.count() > tokenizer.maxTokens() - 2) {
      throw new CheckpointException(
          "%s: the learned word '%s' has %s vectors, expected at most %s, the tokens of a text."
              .formatted(file.path(), word, file.count(), tokenizer.maxTokens() - 2));
    }
    if (tokenizer.isInVocabulary(file.word())) {
      throw new CheckpointException(
          ("%s: the learned word '%s' is a word of the vocabulary. Give it another name: that of"
                  + " the tensor in files of diffusers, that of the file in those of the web UI.")
              .formatted(file.path(), word));
    }
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Whether an id is that of a vector, and the vector is there. */
  boolean contains(long id) {
    return id >= firstId && id - firstId < entries.stream().mapToInt(e -> e.file().count()).sum();
  }

  /** Cuts a text into words and what lies between them. */
  List<Piece> cut(String text) {
    if (pattern == null) {
      return List.of(new Piece(text, null));
    }
    List<Piece> pieces = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    int done = 0;
    while (matcher.find()) {
      if (done < matcher.start()) {
        pieces.add(new Piece(text.substring(done, matcher.start()), null));
      }
      pieces.add(new Piece(matcher.group(), found(matcher).token()));
      done = matcher.end();
    }
    if (done < text.length()) {
      pieces.add(new Piece(text.substring(done), null));
    }
    return pieces;
  }

  private Entry found(Matcher matcher) {
    int group = 1;
    while (matcher.group(group) == null) {
      group++;
    }
    return entries.get(group - 1);
  }

  /** Whether an id is that of a word's second vector or a later one. */
  boolean continuesWord(int id) {
    return contains(id) && entryOf(id).token().ids().get(0) != id;
  }

  /** The word of an id. */
  String wordOf(int id) {
    return entryOf(id).file().word();
  }

  private Entry entryOf(int id) {
    return entries.stream()
        .filter(entry -> entry.token().ids().contains(id))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("There is no learned word with the id " + id));
  }

  /**
   * Puts vectors in the places of their ids.
   *
   * @param ids of all texts, one text after the other
   * @param embeddings [texts, tokens, width], changed in place
   */
  void putInto(long[] ids, Tensor embeddings) {
    long length = embeddings.size(1);
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] >= firstId) {
        float[] vector = vector(Math.toIntExact(ids[i]));
        embeddings
            .select(0, i / length)
            .select(0, i % length)
            .copy_(HostTensors.of(vector, vector.length));
      }
    }
  }

  private float[] vector(int id) {
    Entry entry = entryOf(id);
    int width = entry.file().width();
    int start = entry.token().ids().indexOf(id) * width;
    return Arrays.copyOfRange(entry.file().vectors(), start, start + width);
  }
}
