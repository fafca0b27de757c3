package io.t2v.internal.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.jr.ob.JSON;
import com.google.common.io.Resources;
import io.t2v.checkpoint.CheckpointException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.zip.GZIPInputStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with the goldens of the reference, and holds what files may and may not say. */
class ClipTokenizerTest {
  private static final String GOLDENS = "golden/tokenizer/";
  private static final Map<String, Variant> VARIANTS = new LinkedHashMap<>();
  private static final List<Golden> TEXTS = new ArrayList<>();

  @TempDir Path folder;

  private record Variant(String vocabulary, Map<String, Object> files, int size, int pad) {}

  private record Golden(String variant, String text, Map<String, Object> line) {
    long[] ids() {
      return idList("ids");
    }

    long[] idList(String key) {
      return ClipTokenizerTest.<List<Integer>>field(line, key).stream()
          .mapToLong(id -> id)
          .toArray();
    }
  }

  @BeforeAll
  static void readGoldens() throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Resources.getResource(GOLDENS + "clip.jsonl.gz").openStream()),
                StandardCharsets.UTF_8))) {
      for (String json = reader.readLine(); json != null; json = reader.readLine()) {
        Map<String, Object> line = JSON.std.mapFrom(json);
        if (line.containsKey("variant")) {
          VARIANTS.put(
              (String) line.get("variant"),
              new Variant(
                  field(line, "vocabulary"),
                  field(line, "files"),
                  field(line, "size"),
                  field(line, "pad")));
        } else {
          TEXTS.add(new Golden(field(line, "v"), field(line, "t"), line));
        }
      }
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the golden file's shape
  private static <T> T field(Map<String, Object> line, String key) {
    return (T) Objects.requireNonNull(line.get(key), key);
  }

  private static Variant variant(String name) {
    return Objects.requireNonNull(VARIANTS.get(name), name);
  }

  private ClipTokenizer load(String variant) throws IOException {
    Variant described = variant(variant);
    writeVocabulary(described.vocabulary());
    for (Map.Entry<String, Object> file : described.files().entrySet()) {
      write(file.getKey(), JSON.std.asString(file.getValue()));
    }
    return ClipTokenizer.load(folder);
  }

  private void writeVocabulary(String name) throws IOException {
    if (name.equals("mini")) {
      for (String file : List.of("vocab.json", "merges.txt")) {
        Files.write(
            folder.resolve(file),
            Resources.toByteArray(Resources.getResource(GOLDENS + "mini-" + file)));
      }
    } else if (name.equals("openai")) {
      var merges = ClipVocabulary.merges();
      write(
          "vocab.json",
          JSON.std.asString(ClipVocabulary.tokens(merges, ClipTokenizer.START, ClipTokenizer.END)));
      write(
          "merges.txt",
          merges.stream()
              .map(pair -> pair.left() + " " + pair.right() + "\n")
              .collect(Collectors.joining("", "#version: 0.2\n", "")));
    }
  }

  private void write(String file, String content) throws IOException {
    Files.writeString(folder.resolve(file), content);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "published",
        "pad-in-map",
        "pad-in-config",
        "config-only",
        "map-only",
        "bare",
        "listed",
        "added",
        "flags",
        "stripping",
        "mini",
        "mini-no-limit",
        "unified"
      })
  void everyGoldenTextHasTheReferencesIds(String variant) throws IOException {
    ClipTokenizer tokenizer = load(variant);
    SoftAssertions softly = new SoftAssertions();
    softly.assertThat(tokenizer.vocabularySize()).isEqualTo(variant(variant).size());
    softly.assertThat(tokenizer.padId()).isEqualTo(variant(variant).pad());
    List<Golden> goldens = TEXTS.stream().filter(g -> g.variant().equals(variant)).toList();
    softly.assertThat(goldens).hasSizeGreaterThan(100);
    for (Golden golden : goldens) {
      TokenizedText whole = tokenizer.tokenize(golden.text(), golden.ids().length);
      softly.assertThat(whole.ids()).as(golden.text()).isEqualTo(golden.ids());
      softly.assertThat(whole.truncatedText()).isEmpty();
      softly.assertThat(tokenizer.encode(golden.text())).hasSize(golden.ids().length - 2);
      if (golden.line().containsKey("padded")) {
        TokenizedText cut = tokenizer.tokenize(golden.text());
        int real = field(golden.line(), "mask");
        softly.assertThat(tokenizer.maxTokens()).isEqualTo(golden.line().get("max"));
        softly.assertThat(cut.ids()).as(golden.text()).isEqualTo(golden.idList("padded"));
        softly
            .assertThat(cut.attentionMask())
            .isEqualTo(LongStream.range(0, cut.length()).map(i -> i < real ? 1 : 0).toArray());
        assertRemoved(softly, cut.truncatedText(), field(golden.line(), "removed"));
      }
    }
    softly.assertAll();
  }

  /**
   * The reference cuts between bytes, and shows the rest of a character as U+FFFD; here the text
   * starts with the whole character.
   */
  private static void assertRemoved(SoftAssertions softly, String found, String reference) {
    String rest = reference.replaceFirst("^\ufffd+", "");
    if (rest.equals(reference)) {
      softly.assertThat(found).isEqualTo(reference);
    } else {
      softly.assertThat(found).endsWith(rest);
      softly
          .assertThat(found.codePointCount(0, found.length() - rest.length()))
          .as(found)
          .isEqualTo(1);
    }
  }

  @Test
  void theGoldensAreMany() {
    assertThat(TEXTS).hasSizeGreaterThan(2500);
    assertThat(VARIANTS.keySet()).hasSize(13);
  }

  @Test
  void theOwnVocabularyGivesTheIdsOfTheGoldens() throws IOException {
    ClipTokenizerFiles.write(folder);
    ClipTokenizer tokenizer = ClipTokenizer.load(folder);
    assertThat(tokenizer.vocabularySize()).isEqualTo(49_408);
    assertThat(tokenizer.maxTokens()).isEqualTo(77);
    for (Golden golden : TEXTS) {
      if (golden.variant().equals("bare")) {
        assertThat(tokenizer.tokenize(golden.text(), golden.ids().length).ids())
            .as(golden.text())
            .isEqualTo(golden.ids());
      }
    }
  }

  @Test
  void theOwnVocabularyTakesAnExclamationMarkForItself() {
    assertThat(ClipTokenizer.openClip().encode("hi!")).containsExactly(1883, 256);
  }

  @Test
  void mergesWithWindowsLineEndsGiveTheSameIds() throws IOException {
    writeVocabulary("mini");
    ClipTokenizer unix = ClipTokenizer.load(folder);
    String merges = Files.readString(folder.resolve("merges.txt"));
    assertThat(merges).doesNotContain("\r");
    write("merges.txt", merges.replace("\n", "\r\n"));
    ClipTokenizer windows = ClipTokenizer.load(folder);
    for (Golden golden : TEXTS) {
      assertThat(windows.encode(golden.text())).isEqualTo(unix.encode(golden.text()));
    }
  }

  @Test
  void loneSurrogatesAreReadAsReplacementCharacters() {
    ClipTokenizer tokenizer = ClipTokenizer.openClip();
    assertThat(tokenizer.encode("a\ud800b \udc00")).isEqualTo(tokenizer.encode("a\ufffdb \ufffd"));
  }

  @Test
  void decodingShowsTheWords() {
    ClipTokenizer tokenizer = ClipTokenizer.openClip();
    assertThat(tokenizer.decode(tokenizer.encode("A Panda's  bamboo, 42")))
        .isEqualTo("a panda 's bamboo , 4 2");
    assertThat(tokenizer.decode(49406, 49407)).isEqualTo("<start_of_text><end_of_text>");
    assertThatThrownBy(() -> tokenizer.decode(60_000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("60000");
  }

  @Test
  void theLengthHoldsStartAndEndAtLeast() {
    ClipTokenizer tokenizer = ClipTokenizer.openClip();
    TokenizedText shortest = tokenizer.tokenize("a panda", 2);
    assertThat(shortest.ids()).containsExactly(49406, 49407);
    assertThat(shortest.truncatedText()).isEqualTo("a panda");
    assertThatThrownBy(() -> tokenizer.tokenize("a panda", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("length must be at least 2, for the start and the end token, but is 1");
  }

  @Test
  void theArraysOfATokenizedTextAreCopies() {
    TokenizedText text = ClipTokenizer.openClip().tokenize("a panda", 5);
    text.ids()[0] = 7;
    text.attentionMask()[0] = 7;
    assertThat(text.ids()).containsExactly(49406, 320, 12952, 49407, 0);
    assertThat(text.attentionMask()).containsExactly(1, 1, 1, 1, 0);
    assertThat(text)
        .isEqualTo(ClipTokenizer.openClip().tokenize("A  PANDA", 5))
        .hasSameHashCodeAs(ClipTokenizer.openClip().tokenize("A  PANDA", 5))
        .isNotEqualTo(ClipTokenizer.openClip().tokenize("a panda", 6))
        .hasToString("TokenizedText[49406, 320, 12952, 49407, 0]");
  }

  @Test
  void manyThreadsShareOneTokenizer() throws IOException {
    ClipTokenizerFiles.write(folder);
    ClipTokenizer tokenizer = ClipTokenizer.load(folder);
    List<Golden> goldens = TEXTS.stream().filter(g -> g.variant().equals("bare")).toList();
    IntStream.range(0, 2_000)
        .parallel()
        .forEach(
            i -> {
              Golden golden = goldens.get(i % goldens.size());
              assertThat(tokenizer.tokenize(golden.text(), golden.ids().length).ids())
                  .isEqualTo(golden.ids());
            });
  }

  private void assertMalformed(String... parts) {
    assertThatThrownBy(() -> ClipTokenizer.load(folder))
        .isInstanceOf(CheckpointException.class)
        .message()
        .contains(parts);
  }

  @Test
  void missingFoldersAndFilesAreNamed() throws IOException {
    assertThatThrownBy(() -> ClipTokenizer.load(folder.resolve("nowhere")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll("nowhere", "expected a tokenizer folder, found nothing");
    assertMalformed("vocab.json: the file is missing", "tokenizer.json");
    writeVocabulary("mini");
    assertThatThrownBy(() -> ClipTokenizer.load(folder.resolve("vocab.json")))
        .hasMessageContaining("found a file");
    Files.delete(folder.resolve("merges.txt"));
    assertMalformed("merges.txt: the file is missing", "Copy it");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "vocab.json                | version https://git-lfs | expected a JSON object",
        "vocab.json                | [1]                     | expected a JSON object",
        "vocab.json                | {\"a\":                 | expected a JSON object",
        "vocab.json                | {\"a\": -1}             | for the token 'a', found -1",
        "vocab.json                | {\"a\": \"b\"}          | for the token 'a', found b",
        "vocab.json                | {\"a\": 1}              | which the vocabulary does not hold",
        "merges.txt                | a b c                   | in line 1, found 'a b c'",
        "merges.txt                | ab                      | in line 1, found 'ab'",
        "merges.txt                | zz zz                   | the merge 'zz zz' needs the token"
            + " 'zz'",
        "tokenizer.json            | {}                      | expected 'model' to be an object,"
            + " found nothing",
        "tokenizer.json            | {\"model\": {\"vocab\": {}}} | expected 'merges' to be an"
            + " array, found nothing",
        "tokenizer.json | {\"model\": {\"vocab\": {}, \"merges\": [\"a\"]}} | to be two tokens,"
            + " found a",
        "tokenizer.json | {\"model\": {\"vocab\": {}, \"merges\": []}} | holds neither the symbol",
        "tokenizer.json | {\"model\": {}, \"added_tokens\": 1} | expected 'added_tokens' to be an"
            + " array, found 1",
        "tokenizer_config.json     | {\"model_max_length\": \"x\"} | to be a number of at least 2,"
            + " found x",
        "tokenizer_config.json     | {\"model_max_length\": 1} | to be a number of at least 2,"
            + " found 1",
        "tokenizer_config.json     | {\"padding_side\": \"left\"} | to be right, found left",
        "tokenizer_config.json     | {\"truncation_side\": \"left\"} | to be right, found left",
        "tokenizer_config.json     | {\"split_special_tokens\": true} | to be false, found true",
        "tokenizer_config.json     | {\"pad_token\": 3}      | expected 'pad_token' to be a token",
        "tokenizer_config.json     | {\"added_tokens_decoder\": {\"x\": \"a\"}} | to be numbers,"
            + " found 'x'",
        "special_tokens_map.json   | {\"pad_token\": null}   | expected 'pad_token' to be a token",
        "special_tokens_map.json   | {\"eos_token\": \"\"}   | expected 'eos_token' to be a token",
        "special_tokens_map.json   | {\"bos_token\": {\"x\": 1}} | expected 'bos_token' to be a"
            + " token",
        "special_tokens_map.json   | nonsense                | expected a JSON object",
        "added_tokens.json         | {\"a\": \"b\"}          | to be numbers, found 'b'",
      })
  void malformedFilesAreNamedWithWhatIsWrong(String file, String content, String message)
      throws IOException {
    writeVocabulary("mini");
    write(file, content);
    // what is wrong with a vocabulary shows where merges ask for its tokens
    String named = message.contains("does not hold") ? "merges.txt" : file;
    assertMalformed(named + ":", message);
  }

  @Test
  void mergesThatAreNoTextAreNamed() throws IOException {
    writeVocabulary("mini");
    Files.write(folder.resolve("merges.txt"), new byte[] {(byte) 0xC3, 0x28});
    assertMalformed("merges.txt: expected text in UTF-8");
  }

  @Test
  void removedTextStartsWithAWholeCharacter() {
    ClipTokenizer tokenizer = ClipTokenizer.openClip();
    String panda = "\ud83d\udc3c";
    int tokens = tokenizer.encode("\ud83e\udebf" + panda).length;
    assertThat(tokens).isGreaterThan(2);
    for (int kept = 0; kept < tokens; kept++) {
      String removed = tokenizer.tokenize("\ud83e\udebf" + panda, kept + 2).truncatedText();
      assertThat(removed).doesNotContain("\ufffd").endsWith(panda);
    }
    assertThat(tokenizer.tokenize("\ud83e\udebf" + panda, tokens + 2).truncatedText()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "vocab.json               | null | expected a JSON object, found null",
        "vocab.json               | {\"a\": null} | for the token 'a', found null",
        "vocab.json               | {\"a\": 1, \"a\": 2} | found the key \"a\" twice",
        "vocab.json               | {} {} | expected nothing after the object",
        "tokenizer_config.json    | null | expected a JSON object, found null",
        "tokenizer_config.json    | {\"added_tokens_decoder\": null} | to be an object, found null",
        "tokenizer_config.json    | {\"added_tokens_decoder\": {\"1\": null}} | expected '1' to be"
            + " a token",
        "tokenizer_config.json    | {\"pad_token\": null} | expected 'pad_token' to be a token",
        "tokenizer_config.json    | {\"extra_special_tokens\": [null]} | 'extra_special_tokens' to"
            + " be a token",
        "tokenizer_config.json    | {\"model_max_length\": NaN} | at least 2, found NaN",
        "special_tokens_map.json  | null | expected a JSON object, found null",
        "special_tokens_map.json  | {\"bos_token\": {\"content\": null}} | expected 'bos_token'",
        "added_tokens.json        | null | expected a JSON object, found null",
        "added_tokens.json        | {\"a\": null} | to be numbers, found 'null'",
        "tokenizer.json           | null | expected a JSON object, found null",
        "tokenizer.json           | {\"model\": null} | expected 'model' to be an object, found"
            + " null",
        "tokenizer.json           | {\"model\": {\"vocab\": null}} | expected 'vocab' to be an"
            + " object",
        "tokenizer.json           | {\"model\": {\"vocab\": {}, \"merges\": null}} | expected"
            + " 'merges' to be an array",
        "tokenizer.json           | {\"model\": {\"vocab\": {}, \"merges\": [null]}} | to be two"
            + " tokens, found null",
        "tokenizer.json           | {\"model\": {\"vocab\": {}, \"merges\": [[null, \"a\"]]}} |"
            + " to be two tokens",
        "tokenizer.json           | {\"model\": {}, \"added_tokens\": null} | expected"
            + " 'added_tokens' to be an array, found null",
        "tokenizer.json           | {\"model\": {}, \"added_tokens\": [null]} | expected"
            + " 'added_tokens' to be a token",
        "tokenizer.json           | {\"model\": {}, \"added_tokens\": [{\"content\": \"a\","
            + " \"id\": null}]} | to be numbers, found 'null'",
      })
  void nothingWhereSomethingIsExpectedIsNamed(String file, String content, String message)
      throws IOException {
    writeVocabulary("mini");
    write(file, content);
    assertMalformed(file + ":", message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vocab.json",
        "merges.txt",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json"
      })
  void onlyRegularFilesOfReasonableSizeAreRead(String file) throws IOException {
    writeVocabulary("mini");
    Path path = folder.resolve(file);
    Files.deleteIfExists(path);
    Files.createDirectory(path);
    assertMalformed(file + ": expected a regular file, found a directory");
    Files.delete(path);
    try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
      sparse.setLength(3L << 30);
    }
    assertMalformed(file + ": holds 3,221,225,472 bytes, expected at most 67,108,864");
  }

  @Test
  void whatAFileHoldsIsShownWithoutControlCharacters() throws IOException {
    writeVocabulary("mini");
    write("merges.txt", "a\u001b[31m");
    assertMalformed("in line 1, found 'a\\u001b[31m'");
  }
}
