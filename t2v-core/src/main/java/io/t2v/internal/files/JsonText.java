package io.t2v.internal.files;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.jr.ob.JSON;
import com.fasterxml.jackson.jr.ob.JSONObjectException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads JSON as strictly as the formats of a checkpoint ask for. */
final class JsonText {
  private static final JSON READER =
      JSON.builder().enable(JSON.Feature.FAIL_ON_DUPLICATE_MAP_KEYS).build();

  private JsonText() {}

  /**
   * Reads one object, and nothing but it.
   *
   * @param utf8 the text
   * @throws java.nio.charset.CharacterCodingException if it is no UTF-8
   * @throws com.fasterxml.jackson.core.JacksonException if it is no object, if a key is there
   *     twice, or if something follows
   */
  static Map<String, @Nullable Object> object(byte[] utf8) throws IOException {
    String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    try (JsonParser parser = READER.createParser(text)) {
      Map<String, @Nullable Object> object = READER.mapFrom(parser);
      if (object == null) {
        throw new JSONObjectException("found null");
      }
      if (parser.nextToken() != null) {
        throw new JSONObjectException("something follows after the object");
      }
      return object;
    }
  }
}
