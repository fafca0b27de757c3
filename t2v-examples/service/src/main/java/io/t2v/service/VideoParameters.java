package io.t2v.service;

import io.t2v.spring.LoraChoice;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request for a video, from JSON or a form: OpenAI's, and those that other
 * servers of this API have added. A name that is unknown or a value of the wrong kind is an error.
 */
final class VideoParameters {
  static final String PROMPT = "prompt";
  static final String NEGATIVE_PROMPT = "negative_prompt";
  static final String MODEL = "model";
  static final String SIZE = "size";
  static final String WIDTH = "width";
  static final String HEIGHT = "height";
  static final String SECONDS = "seconds";
  static final String NUM_FRAMES = "num_frames";
  static final String FPS = "fps";
  static final String NUM_INFERENCE_STEPS = "num_inference_steps";
  static final String GUIDANCE_SCALE = "guidance_scale";
  static final String SEED = "seed";
  static final String STRENGTH = "strength";
  static final String LORA = "lora";

  private static final Set<String> NAMES =
      new TreeSet<>(
          Set.of(
              PROMPT,
              NEGATIVE_PROMPT,
              MODEL,
              SIZE,
              WIDTH,
              HEIGHT,
              SECONDS,
              NUM_FRAMES,
              FPS,
              NUM_INFERENCE_STEPS,
              GUIDANCE_SCALE,
              SEED,
              STRENGTH,
              LORA));
  private static final Set<String> LORA_FIELDS = Set.of("name", "scale");
  private static final double MAX_LORA_SCALE = 10;
  private static final Pattern SIZE_PATTERN = Pattern.compile("(\\d{1,5})x(\\d{1,5})");

  private final Map<String, ?> values;

  /** Takes what is not null, apart from the input reference. */
  VideoParameters(Map<String, ?> values) {
    for (String name : values.keySet()) {
      if (!NAMES.contains(name)) {
        throw ApiException.invalid(
            name,
            "There is no parameter \"%s\", expected input_reference or one of %s."
                .formatted(abbreviated(name), String.join(", ", NAMES)));
      }
    }
    this.values = values;
  }

  @Nullable String text(String name) {
    Object value = values.get(name);
    if (value == null || value instanceof String) {
      return (String) value;
    }
    throw wrong(name, value, "a string");
  }

  OptionalInt integer(String name, int min, int max) {
    OptionalLong value = integer(name, (long) min, max);
    return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
  }

  OptionalLong integer(String name, long min, long max) {
    Object value = values.get(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    try {
      long number = Long.parseLong(value.toString());
      if (number >= min && number <= max) {
        return OptionalLong.of(number);
      }
    } catch (NumberFormatException e) {
      // Answered below, as a number that is out of range.
    }
    throw wrong(name, value, "a whole number from " + min + " to " + max);
  }

  OptionalDouble number(String name, double min, double max) {
    Object value = values.get(name);
    if (value == null) {
      return OptionalDouble.empty();
    }
    try {
      double number = Double.parseDouble(value.toString());
      if (number >= min && number <= max) {
        return OptionalDouble.of(number);
      }
    } catch (NumberFormatException e) {
      // Answered below, as a number that is out of range.
    }
    throw wrong(name, value, "a number from " + shown(min) + " to " + shown(max));
  }

  /** LoRAs: a name, {@code {"name": …, "scale": …}}, or a list of these. */
  List<LoraChoice> loras() {
    Object value = values.get(LORA);
    if (value == null) {
      return List.of();
    }
    List<?> choices = value instanceof List<?> list ? list : List.of(value);
    return choices.stream().map(VideoParameters::lora).toList();
  }

  private static LoraChoice lora(@Nullable Object value) {
    if (value instanceof String name) {
      return LoraChoice.of(name);
    }
    if (value instanceof Map<?, ?> fields
        && fields.get("name") instanceof String name
        && LORA_FIELDS.containsAll(fields.keySet())) {
      Object scale = fields.containsKey("scale") ? fields.get("scale") : Integer.valueOf(1);
      if (scale instanceof Number number && Math.abs(number.doubleValue()) <= MAX_LORA_SCALE) {
        return new LoraChoice(name, number.doubleValue());
      }
    }
    throw wrong(
        LORA,
        String.valueOf(value),
        "a name, {\"name\": …, \"scale\": a number from -10 to 10}, or a list of these");
  }

  private static String shown(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  /** Width and height, given together or as one size; null for neither. */
  @Nullable FrameSize size() {
    String size = text(SIZE);
    OptionalInt width = integer(WIDTH, 1, 1 << 14);
    OptionalInt height = integer(HEIGHT, 1, 1 << 14);
    if (size == null) {
      if (width.isPresent() != height.isPresent()) {
        throw ApiException.invalid(
            width.isPresent() ? HEIGHT : WIDTH, "width and height are given together, or not.");
      }
      return width.isPresent() ? new FrameSize(width.getAsInt(), height.getAsInt()) : null;
    }
    if (width.isPresent() || height.isPresent()) {
      throw ApiException.invalid(
          SIZE, "size is given beside width or height: expected one of both.");
    }
    Matcher matcher = SIZE_PATTERN.matcher(size);
    if (!matcher.matches()) {
      throw wrong(SIZE, size, "WIDTHxHEIGHT, such as 256x256");
    }
    return new FrameSize(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /**
   * The size of a frame.
   *
   * @param width in pixels
   * @param height in pixels
   */
  record FrameSize(int width, int height) {}

  static ApiException wrong(String name, Object value, String expected) {
    return ApiException.invalid(
        name,
        "%s is \"%s\", expected %s.".formatted(name, abbreviated(value.toString()), expected));
  }

  private static String abbreviated(String text) {
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }
}
