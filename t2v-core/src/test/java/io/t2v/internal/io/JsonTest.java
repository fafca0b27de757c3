package io.t2v.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  private static Map<String, Object> parse(String text) throws JsonException {
    return Json.parseObject(text.getBytes(StandardCharsets.UTF_8), "x.json");
  }

  @Test
  void readsEveryKindOfValue() throws JsonException {
    Map<String, Object> object =
        parse(
            """
            {"z": "tä\\u00dft", "a": [1, -2.5e1, true, false, null, {}, []], "o": {"k": {"": 3}},
             "long": 2147483648, "big": 9223372036854775808}
            """);
    assertThat(object.keySet()).containsExactly("z", "a", "o", "long", "big");
    assertThat(object)
        .containsEntry("z", "täßt")
        .containsEntry("a", Arrays.asList(1, -25.0, true, false, null, Map.of(), List.of()))
        .containsEntry("o", Map.of("k", Map.of("", 3)))
        .containsEntry("long", 2147483648L)
        .containsEntry("big", new BigInteger("9223372036854775808"));
  }

  @Test
  void readsNumbersThatPythonWrites() throws JsonException {
    assertThat(parse("{\"a\": [NaN, Infinity, -Infinity, 1e400]}"))
        .containsEntry(
            "a",
            List.of(
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY));
  }

  @Test
  void valuesCannotBeChanged() throws JsonException {
    Map<String, Object> object = parse("{\"a\": [1]}");
    assertThat(object).isUnmodifiable();
    assertThat((List<?>) object.get("a")).isUnmodifiable();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``            | expected a JSON object, found nothing",
        "null          | expected a JSON object, found null (line 1",
        "[1]           | expected a JSON object, found an array",
        "\"a\"         | expected a JSON object, found a",
        "{\"a\": 1     | Unexpected end-of-input",
        "{\"a\": 1} 2  | expected nothing after the object, found 2",
        "{\"a\": 1} {  | expected nothing after the object, found another object",
        "{\"a\": {\"b\": 1, \"b\": 2}} | found the key \"b\" twice (line 1, field a/b)",
        "{\"a\": [1, x]} | Unrecognized token 'x'",
        "{\"a\": [1, INF]} | Unrecognized token 'INF'",
        "{\"a\": [1, -INF]} | expected a number, found -INF (line 1, field a/1)",
        "{\"a\": +Infinity} | field a)",
        "{'a': 1}      | Unexpected character",
        "{\"a\": 1,}   | Unexpected character",
        "{\"a\": 01}   | Leading zeroes not allowed",
        "{\"a\": /**/1} | Unexpected character",
        "version https://git-lfs | Unrecognized token 'version'",
      })
  void saysWhatIsWrongAndWhere(String text, String message) {
    assertThatExceptionOfType(JsonException.class)
        .isThrownBy(() -> parse(text))
        .withMessageStartingWith("x.json: ")
        .withMessageContaining(message)
        .withMessageContaining("line 1");
  }

  @Test
  void namesTheLine() {
    assertThatExceptionOfType(JsonException.class)
        .isThrownBy(() -> parse("{\n \"a\": [\n tru ]}"))
        .withMessageEndingWith("(line 3, field a/0)");
  }

  @Test
  void refusesDeepNesting() throws JsonException {
    assertThat(parse("{\"a\":" + "[".repeat(99) + "]".repeat(99) + "}")).hasSize(1);
    assertThatExceptionOfType(JsonException.class)
        .isThrownBy(() -> parse("{\"a\":" + "[".repeat(100_000)))
        .withMessageContaining("nesting depth (101)");
  }

  @Test
  void refusesEndlessNumbers() {
    assertThatExceptionOfType(JsonException.class)
        .isThrownBy(() -> parse("{\"a\": " + "9".repeat(100_000) + "}"))
        .withMessageContaining("x.json: ");
  }

  /** Each pair of brackets would be a list of its own on the heap. */
  @Test
  void refusesMoreThanAMillionValues() throws JsonException {
    assertThat(parse("{\"a\": [" + "1,".repeat(999_998) + "1]}")).hasSize(1);
    assertThatExceptionOfType(JsonException.class)
        .isThrownBy(() -> parse("{\"a\": [" + "[],".repeat(2_000_000) + "[]]}"))
        .withMessageContaining("x.json: expected at most 1,000,000 values, found more");
  }

  /** The parser holds a string three times for a moment. */
  @Test
  void refusesStringsAndNamesOfMoreThan16Megabytes() {
    String endless = "x".repeat(32 << 20);
    for (String text : new String[] {"{\"a\": \"" + endless, "{\"" + endless}) {
      assertThatExceptionOfType(JsonException.class)
          .isThrownBy(() -> parse(text))
          .withMessageContaining("exceeds the maximum allowed (16777216");
    }
  }

  @Test
  void refusesOtherEncodings() {
    assertThatExceptionOfType(JsonException.class)
        .isThrownBy(() -> Json.parseObject(new byte[] {'{', (byte) 0xC3, '}'}, "x.json"))
        .withMessage("x.json: expected JSON in UTF-8, found other bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u001b[31m", "\u202eabc", "a\nb"})
  void messagesHaveNoControlCharacters(String key) {
    String escaped = key.replace("\n", "\\n").replace("\u001b", "\\u001b");
    assertThatExceptionOfType(JsonException.class)
        .isThrownBy(() -> parse("{\"" + escaped + "\": 1, \"" + escaped + "\": 1}"))
        .satisfies(
            e ->
                assertThat(e.getMessage()).isEqualTo(Printable.of(e.getMessage())).contains("\\u"));
  }
}
