package io.t2v.internal.clip;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.text.TextToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * CLIP's tokenizer: byte-level byte pair encoding of lower-cased text. Immutable, and safe for use
 * by any number of threads.
 *
 * <p>{@link #load} gives the ids that {@code CLIPTokenizer.from_pretrained(folder)} of transformers
 * 5 (5.18 with tokenizers 0.23.2) gives: NFC by Unicode 9, white space to single blanks, lower case
 * of each character on its own, CLIP's pattern of words. The slow tokenizer of transformers 4
 * differed: where the package ftfy was installed it repaired broken encodings first (which also
 * makes curly quotes straight), and where not, it removed control characters and set CJK characters
 * apart. None of this happens here. HTML entities are text like any other.
 *
 * <p>Special tokens inside the text become special tokens. If the checkpoint pads with {@code "!"},
 * an exclamation mark in the text is therefore the padding token; the reference does the same. A
 * char that is half of a surrogate pair is read as U+FFFD.
 *
 * <p>Time and memory grow with the length n of the text as n log n at most, also for one long word.
 */
public final class ClipTokenizer {
  /** How many tokens CLIP's text encoders take, if the checkpoint does not say. */
  public static final int DEFAULT_MAX_TOKENS = 77;

  public static final String START = "<|startoftext|>";
  public static final String END = "<|endoftext|>";

  private final AddedVocabulary vocabulary;
  private final int startId;
  private final int endId;
  private final int padId;
  private final int maxTokens;
  private final Function<String, ImmutableList<Integer>> encoder;
  private final LearnedWords learned;

  private ClipTokenizer(
      AddedVocabulary vocabulary,
      int startId,
      int endId,
      int padId,
      int maxTokens,
      Function<String, ImmutableList<Integer>> encoder,
      LearnedWords learned) {
    this.vocabulary = vocabulary;
    this.startId = startId;
    this.endId = endId;
    this.padId = padId;
    this.maxTokens = maxTokens;
    this.encoder = encoder;
    this.learned = learned;
  }

  /** The same tokenizer, which knows more words. */
  ClipTokenizer withLearnedWords(LearnedWords words) {
    return new ClipTokenizer(vocabulary, startId, endId, padId, maxTokens, encoder, words);
  }

  /**
   * Reads a checkpoint's tokenizer folder: {@code tokenizer.json}, or else {@code vocab.json} and
   * {@code merges.txt} (lines may end in LF or CRLF); and, where they exist, {@code
   * tokenizer_config.json}, {@code special_tokens_map.json} and {@code added_tokens.json}.
   *
   * <p>Special tokens, the padding token among them, are those of {@code tokenizer_config.json} if
   * that file holds {@code added_tokens_decoder}; otherwise {@code special_tokens_map.json}
   * overrides it. What neither names is {@code <|startoftext|>} for the start and {@code
   * <|endoftext|>} for end, padding and unknown. {@code model_max_length} is 77 if it is absent or
   * above a million, which is how transformers writes "no limit".
   *
   * @param folder the folder, usually {@code tokenizer} of a diffusers checkpoint
   * @return the tokenizer
   * @throws CheckpointException if a file is missing, unreadable or malformed, or if files
   *     contradict each other
   */
  public static ClipTokenizer load(Path folder) {
    try {
      return of(TokenizerFolder.read(folder));
    } catch (IOException e) {
      throw new CheckpointException(
          "Could not read the tokenizer in " + folder + ": " + e.getMessage(), e);
    }
  }

  /**
   * Open_clip's tokenizer, for checkpoints without a tokenizer folder, such as those in
   * ModelScope's layout: the vocabulary of OpenAI's CLIP, which comes with the library, 49,408
   * tokens, length 77, and id 0 as padding.
   *
   * <p>It differs from that of transformers in four ways. It repairs text first: curly quotes
   * become straight, ligatures and characters of full width common letters, control characters are
   * left out, HTML's character references are replaced. A final sigma stays one. The names of the
   * special tokens are {@code <start_of_text>} and {@code <end_of_text>}, and {@code !} is always
   * itself. A special token is not found right after other punctuation.
   *
   * @return the tokenizer
   */
  public static ClipTokenizer openClip() {
    String start = "<start_of_text>";
    String end = "<end_of_text>";
    BytePairEncoding encoding = ClipVocabulary.encoding(start, end);
    AddedVocabulary vocabulary =
        new AddedVocabulary(
            encoding, ImmutableList.of(AddedToken.special(start), AddedToken.special(end)));
    ImmutableList<String> specials = ImmutableList.of(start, end);
    return new ClipTokenizer(
        vocabulary,
        requireId(vocabulary, start),
        requireId(vocabulary, end),
        0,
        DEFAULT_MAX_TOKENS,
        text -> encodeOpenClip(text, encoding, specials),
        LearnedWords.NONE);
  }

  private static ClipTokenizer of(TokenizerFolder files) {
    BytePairEncoding encoding =
        new BytePairEncoding(
            files.vocabulary(), files.merges(), files.unknownToken(), files.mergesFile());
    AddedVocabulary vocabulary = new AddedVocabulary(encoding, files.addedTokens());
    return new ClipTokenizer(
        vocabulary,
        requireId(vocabulary, files.startToken()),
        requireId(vocabulary, files.endToken()),
        requireId(vocabulary, files.padToken()),
        files.maxTokens(),
        vocabulary::encode,
        LearnedWords.NONE);
  }

  /** As open_clip: cleaned, then split, and composed (NFC) by the cleaning alone. */
  private static ImmutableList<Integer> encodeOpenClip(
      String text, BytePairEncoding encoding, ImmutableList<String> specials) {
    ImmutableList.Builder<Integer> ids = ImmutableList.builder();
    for (String word : WordSplitter.splitOpenClip(OpenClipText.clean(text), specials)) {
      @Nullable Integer special = specials.contains(word) ? encoding.idOf(word) : null;
      if (special != null) {
        ids.add(special);
      } else {
        encoding.encode(word, ids);
      }
    }
    return ids.build();
  }

  private static int requireId(AddedVocabulary vocabulary, String token) {
    @Nullable Integer id = vocabulary.idOf(token);
    if (id == null) {
      throw new CheckpointException("The special token '" + token + "' has no id");
    }
    return id;
  }

  /**
   * How many tokens the text encoder takes, start and end included.
   *
   * @return {@code model_max_length} of the checkpoint, 77 if it names none
   */
  public int maxTokens() {
    return maxTokens;
  }

  /**
   * How many ids there are, those of added tokens included.
   *
   * @return the size of the vocabulary; ids are usually below it
   */
  public int vocabularySize() {
    return vocabulary.size();
  }

  /**
   * The id of padding.
   *
   * @return the id that fills {@link TokenizedText#ids()} after the end of the text
   */
  public int padId() {
    return padId;
  }

  /**
   * Tokenizes to {@link #maxTokens()} ids: start, text, end, padding. A longer text is cut before
   * the end token.
   *
   * @param text any text, the empty one included
   * @return the ids, shape [maxTokens]
   */
  public TokenizedText tokenize(String text) {
    return tokenize(text, maxTokens);
  }

  /**
   * Tokenizes to {@code length} ids: start, text, end, padding. A longer text is cut before the end
   * token.
   *
   * @param text any text, the empty one included
   * @param length how many ids, at least 2
   * @return the ids, shape [length]
   * @throws IllegalArgumentException if {@code length} is less than 2
   */
  public TokenizedText tokenize(String text, int length) {
    if (length < 2) {
      throw new IllegalArgumentException(
          "length must be at least 2, for the start and the end token, but is " + length);
    }
    ImmutableList<Integer> tokens = textIds(text);
    int kept = Math.min(tokens.size(), length - 2);
    return enclose(tokens.subList(0, kept), length, textFrom(tokens, kept));
  }

  /**
   * Puts tokens between start and end, and pads them to {@link #maxTokens()}.
   *
   * @param tokens at most {@code maxTokens() - 2}
   * @return the ids, shape [maxTokens]
   * @throws IllegalArgumentException if there are more tokens
   */
  TokenizedText enclose(List<Integer> tokens) {
    checkArgument(
        tokens.size() <= maxTokens - 2,
        "a sequence has %s tokens, expected at most %s",
        tokens.size(),
        maxTokens - 2);
    return enclose(tokens, maxTokens, "");
  }

  private TokenizedText enclose(List<Integer> tokens, int length, String truncatedText) {
    long[] ids = new long[length];
    ids[0] = startId;
    for (int i = 0; i < tokens.size(); i++) {
      ids[i + 1] = tokens.get(i);
    }
    int end = tokens.size() + 1;
    ids[end] = endId;
    Arrays.fill(ids, end + 1, length, padId);
    long[] mask = new long[length];
    Arrays.fill(mask, 0, end + 1, 1);
    return new TokenizedText(ids, mask, truncatedText);
  }

  /**
   * The text of the tokens after a cut. Tokens are made of bytes, so the cut may go through a
   * character, or a learned word, which is then part of the text as a whole.
   */
  private String textFrom(ImmutableList<Integer> tokens, int cut) {
    if (cut == tokens.size()) {
      return "";
    }
    int first = cut;
    while (learned.continuesWord(tokens.get(first))) {
      first--;
    }
    byte[] all = bytes(tokens);
    int start = bytes(tokens.subList(0, first)).length;
    while (start > 0 && isContinuation(all[start])) {
      start--;
    }
    return text(Arrays.copyOfRange(all, start, all.length));
  }

  /** Whether a byte is one of UTF-8 that no character starts with. */
  private static boolean isContinuation(byte value) {
    return (value & 0xC0) == 0x80;
  }

  /**
   * All ids of a text, however long: without start, end and padding.
   *
   * @param text any text
   * @return the ids, shape [as many as the text has]
   */
  public int[] encode(String text) {
    return Ints.toArray(textIds(text));
  }

  /** All tokens of a text, however long: without start, end and padding. */
  List<TextToken> tokens(String text) {
    ImmutableList.Builder<TextToken> tokens = ImmutableList.builder();
    for (LearnedWords.Piece piece : learned.cut(TextNormalizer.replaceLoneSurrogates(text))) {
      if (piece.token() != null) {
        tokens.add(piece.token());
      } else {
        encoder.apply(piece.text()).forEach(id -> tokens.add(TextToken.of(id)));
      }
    }
    return tokens.build();
  }

  /** Whether a text is one token, at the end of a word or within one. */
  boolean isInVocabulary(String text) {
    String normalized = TextNormalizer.normalize(text);
    return vocabulary.idOf(normalized) != null
        || vocabulary.idOf(normalized + BytePairEncoding.END_OF_WORD) != null;
  }

  /**
   * Turns ids back into text: lower case, a blank after each word, no blanks around the whole.
   * Bytes that are no UTF-8, such as one half of a cut emoji, become U+FFFD.
   *
   * @param ids token ids, special ones included
   * @return the text
   * @throws IllegalArgumentException if there is no token of that id
   */
  public String decode(int... ids) {
    return text(bytes(Ints.asList(ids)));
  }

  private ImmutableList<Integer> textIds(String text) {
    String wellFormed = TextNormalizer.replaceLoneSurrogates(text);
    if (learned.isEmpty()) {
      return encoder.apply(wellFormed);
    }
    return tokens(wellFormed).stream()
        .flatMap(token -> token.ids().stream())
        .collect(ImmutableList.toImmutableList());
  }

  private byte[] bytes(Iterable<Integer> ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      if (learned.contains(id)) {
        if (!learned.continuesWord(id)) {
          String word = learned.wordOf(id) + BytePairEncoding.END_OF_WORD;
          bytes.writeBytes(word.getBytes(StandardCharsets.UTF_8));
        }
        continue;
      }
      @Nullable String token = vocabulary.tokenOf(id);
      if (token == null) {
        throw new IllegalArgumentException("There is no token of id " + id);
      }
      ByteSymbols.appendBytes(token, bytes);
    }
    return bytes.toByteArray();
  }

  private static String text(byte[] bytes) {
    return strip(
        new String(bytes, StandardCharsets.UTF_8).replace(BytePairEncoding.END_OF_WORD, " "));
  }

  /** Strips what Python strips: white space and the four information separators. */
  private static String strip(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isStripped(text.charAt(start))) {
      start++;
    }
    while (end > start && isStripped(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isStripped(char c) {
    return CharacterTables.isSpace(c) || (c >= 0x1C && c <= 0x1F);
  }
}
