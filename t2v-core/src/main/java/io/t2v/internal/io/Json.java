package io.t2v.internal.io;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as strictly as it should be read when nobody knows who wrote it.
 *
 * <p>Objects become maps in the order of the text, arrays lists, both unmodifiable; numbers become
 * {@link Integer}, {@link Long}, {@link java.math.BigInteger} (whichever is the first to hold it)
 * or {@link Double}. As Python writes them, {@code NaN}, {@code Infinity} and {@code -Infinity} are
 * numbers. A key that is there twice, a value nested more than 100 deep, more than a million
 * values, a string of more than 16 MiB, and anything after the first value are errors.
 */
public final class Json {
  private static final int MAX_DEPTH = 100;
  private static final int MAX_NUMBER_LENGTH = 400;

  /** Of names as well. Trainers note whole lists of images in one string. */
  private static final int MAX_STRING_LENGTH = 16 << 20;

  /** Ten times those of the largest vocabulary. A value of two bytes takes some 100 on the heap. */
  private static final int MAX_VALUES = 1_000_000;

  /** The parser knows more spellings than Python. */
  private static final Set<String> NON_FINITE = Set.of("NaN", "Infinity", "-Infinity");

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER_LENGTH)
                  .maxStringLength(MAX_STRING_LENGTH)
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private final String origin;
  private final JsonParser parser;
  private int values;

  private Json(String origin, JsonParser parser) {
    this.origin = origin;
    this.parser = parser;
  }

  /**
   * Reads a file that holds one object.
   *
   * @param file a regular file of UTF-8 text
   * @param maxBytes the most that it may hold
   * @return the object's fields
   * @throws JsonException if it holds anything else
   * @throws java.nio.file.NoSuchFileException if there is none
   * @throws IOException if it is no regular file, is longer than allowed, or cannot be read
   */
  public static Map<String, @Nullable Object> readObject(Path file, int maxBytes)
      throws IOException {
    return parseObject(SmallFile.read(file, maxBytes), file.toString());
  }

  /**
   * Reads a text that holds one object.
   *
   * @param utf8 the text
   * @param origin where it comes from, for messages
   * @return the object's fields
   * @throws JsonException if it holds anything else
   */
  public static Map<String, @Nullable Object> parseObject(byte[] utf8, String origin)
      throws JsonException {
    String text;
    try {
      text = SmallFile.utf8(utf8);
    } catch (CharacterCodingException e) {
      throw new JsonException(origin + ": expected JSON in UTF-8, found other bytes", e);
    }
    try (JsonParser parser = FACTORY.createParser(text)) {
      return new Json(origin, parser).document();
    } catch (JsonException e) {
      throw e;
    } catch (IOException e) {
      throw new JsonException(origin + ": " + Printable.of(e.getMessage()), e);
    }
  }

  private Map<String, @Nullable Object> document() throws IOException {
    try {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw malformed("expected a JSON object, found " + describe(first), null);
      }
      Map<String, @Nullable Object> object = object();
      JsonToken after = parser.nextToken();
      if (after != null) {
        throw malformed("expected nothing after the object, found " + describe(after), null);
      }
      return object;
    } catch (JacksonException e) {
      throw malformed("expected a JSON object: " + Printable.of(e.getOriginalMessage()), e);
    }
  }

  private String describe(@Nullable JsonToken token) throws IOException {
    if (token == null) {
      return "nothing";
    }
    return switch (token) {
      case START_ARRAY -> "an array";
      case START_OBJECT -> "another object";
      default -> Printable.of(parser.getText());
    };
  }

  private Map<String, @Nullable Object> object() throws IOException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (fields.containsKey(name)) {
        throw malformed("found the key \"" + Printable.of(name) + "\" twice", null);
      }
      fields.put(name, value(parser.nextToken()));
    }
    return Collections.unmodifiableMap(fields);
  }

  private List<@Nullable Object> array() throws IOException {
    List<@Nullable Object> items = new ArrayList<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      items.add(value(t));
    }
    return Collections.unmodifiableList(items);
  }

  private @Nullable Object value(JsonToken token) throws IOException {
    if (++values > MAX_VALUES) {
      throw malformed(
          String.format(Locale.ROOT, "expected at most %,d values, found more", MAX_VALUES), null);
    }
    return switch (token) {
      case START_OBJECT -> object();
      case START_ARRAY -> array();
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case VALUE_NUMBER_INT -> parser.getNumberValue();
      case VALUE_NUMBER_FLOAT -> decimal();
      default -> throw malformed("expected a value, found " + describe(token), null);
    };
  }

  private double decimal() throws IOException {
    if (parser.isNaN() && !NON_FINITE.contains(parser.getText())) {
      throw malformed("expected a number, found " + Printable.of(parser.getText()), null);
    }
    return parser.getDoubleValue();
  }

  private JsonException malformed(String problem, @Nullable Throwable cause) {
    String pointer = parser.getParsingContext().pathAsPointer().toString();
    return new JsonException(
        "%s: %s (line %s%s)"
            .formatted(
                origin,
                problem,
                parser.currentLocation().getLineNr(),
                pointer.isEmpty() ? "" : ", field " + Printable.of(pointer.substring(1))),
        cause);
  }
}
