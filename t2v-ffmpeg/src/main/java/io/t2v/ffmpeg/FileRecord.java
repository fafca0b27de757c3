package io.t2v.ffmpeg;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.Provenance;
import io.t2v.VideoInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a file says of the generation that made its video.
 *
 * @param title the prompt, or nothing
 * @param settings everything, as JSON in ASCII, except for timings: the same seed gives the same
 *     file
 */
record FileRecord(String title, String settings) {
  private static final String GENERATOR = "generator";
  private static final String SOURCE_TYPE = "digitalSourceType";
  private static final String WIDTH = "width";
  private static final String HEIGHT = "height";
  private static final String FRAMES = "frames";
  private static final String RATE = "framesPerSecond";
  private static final List<String> OWN =
      List.of(GENERATOR, SOURCE_TYPE, WIDTH, HEIGHT, FRAMES, RATE);

  /** QuickTime's own text fields hold less than 64 KiB. */
  private static final int LONGEST_COMMENT = 60_000;

  /**
   * Makes the record of a clip, unless nothing is known of it: frames that a person drew bear no
   * mark of a machine.
   */
  static Optional<FileRecord> of(VideoInfo clip) throws FfmpegException {
    Map<String, Object> properties = clip.provenance().properties();
    if (properties.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(GENERATOR, "t2v");
    fields.put(SOURCE_TYPE, XmpPacket.MADE_BY_A_MODEL);
    fields.put(WIDTH, clip.width());
    fields.put(HEIGHT, clip.height());
    fields.put(FRAMES, clip.frames());
    fields.put(RATE, clip.framesPerSecond());
    fields.putAll(properties);
    try {
      return Optional.of(
          new FileRecord(clip.provenance().prompt().orElse(""), ascii(JSON.std.asString(fields))));
    } catch (IOException e) {
      throw new FfmpegException("could not write the video's settings as JSON", e);
    }
  }

  private static String ascii(String json) {
    StringBuilder ascii = new StringBuilder(json.length());
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c < 0x7f) {
        ascii.append(c);
      } else {
        ascii.append("\\u%04x".formatted((int) c));
      }
    }
    return ascii.toString();
  }

  XmpPacket xmp() {
    return XmpPacket.of(title, settings);
  }

  /** Returns what goes into the text fields of a container that has some, by FFmpeg's names. */
  Map<String, String> tags() {
    Map<String, String> tags = new LinkedHashMap<>();
    if (!title.isEmpty()) {
      tags.put("title", title);
    }
    if (settings.length() <= LONGEST_COMMENT) {
      tags.put("comment", settings);
    }
    return tags;
  }

  /**
   * Reads settings back.
   *
   * @param settings JSON
   * @return nothing if it is not from this library
   * @throws IOException if it is, but damaged
   */
  static Optional<VideoInfo> parse(String settings) throws IOException {
    Map<String, Object> fields;
    try {
      fields = JSON.std.mapFrom(settings);
    } catch (IOException e) {
      return Optional.empty(); // somebody else's text
    }
    if (!"t2v".equals(fields.get(GENERATOR))) {
      return Optional.empty();
    }
    Map<String, Object> properties = new LinkedHashMap<>();
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      if (!OWN.contains(field.getKey()) && field.getValue() != null) {
        properties.put(field.getKey(), withoutNulls(field.getValue()));
      }
    }
    try {
      requireText(properties, Provenance.PROMPT);
      requireText(properties, Provenance.NEGATIVE_PROMPT);
      if (properties.containsKey(Provenance.SEED)) {
        properties.put(Provenance.SEED, number(properties, Provenance.SEED).longValue());
      }
      return Optional.of(
          new VideoInfo(
              number(fields, WIDTH).intValue(),
              number(fields, HEIGHT).intValue(),
              number(fields, FRAMES).intValue(),
              number(fields, RATE).doubleValue(),
              new Provenance(properties, Map.of())));
    } catch (IllegalArgumentException e) {
      throw new IOException("the settings in the file are damaged: " + e.getMessage(), e);
    }
  }

  private static void requireText(Map<String, Object> fields, String name) {
    Object value = fields.get(name);
    if (value != null && !(value instanceof String)) {
      throw new IllegalArgumentException(name + " is " + value + ", expected a text");
    }
  }

  private static Number number(Map<String, Object> fields, String name) {
    if (fields.get(name) instanceof Number number) {
      return number;
    }
    throw new IllegalArgumentException(name + " is " + fields.get(name) + ", expected a number");
  }

  /** A map or list that does not hold nulls, which provenance has no place for. */
  private static Object withoutNulls(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> present = new LinkedHashMap<>();
      map.forEach(
          (name, entry) -> {
            if (entry != null) {
              present.put(String.valueOf(name), withoutNulls(entry));
            }
          });
      return present;
    }
    if (value instanceof List<?> list) {
      List<Object> present = new ArrayList<>();
      list.forEach(
          entry -> {
            if (entry != null) {
              present.add(withoutNulls(entry));
            }
          });
      return present;
    }
    return value;
  }
}
