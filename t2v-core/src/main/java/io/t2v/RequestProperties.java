package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.base.Enums;
import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Ints;
import io.t2v.guidance.ClassifierFreeGuidance;
import io.t2v.guidance.LatentConstraint;
import io.t2v.text.PromptSyntax;
import io.t2v.unet.FreeU;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Requests as plain values, under the names of the builder's setters. */
final class RequestProperties {
  private static final String PROMPTS = "prompts";
  private static final String EMBEDDINGS = "embeddings";
  private static final String SHAPE = "shape";
  private static final String VALUES = "values";

  /** Each setting beside prompts and embeddings, and how it enters a builder. */
  private static final Map<String, BiConsumer<GenerationRequest.Builder, Property>> SETTERS =
      setters();

  private RequestProperties() {}

  private static Map<String, BiConsumer<GenerationRequest.Builder, Property>> setters() {
    Map<String, BiConsumer<GenerationRequest.Builder, Property>> setters = new LinkedHashMap<>();
    setters.put("promptSyntax", (b, value) -> b.promptSyntax(value.constant(PromptSyntax.class)));
    setters.put("negativePrompts", (b, value) -> b.negativePrompts(value.strings()));
    setters.put("negativeEmbeddings", (b, value) -> b.negativeEmbeddings(value.array()));
    setters.put("seeds", (b, value) -> b.seeds(value.longs()));
    setters.put("latents", (b, value) -> b.latents(value.array()));
    setters.put("promptAt", (b, value) -> value.texts().forEach(b::promptAt));
    setters.put("negativePromptAt", (b, value) -> value.texts().forEach(b::negativePromptAt));
    setters.put("window", (b, value) -> b.window(value.window()));
    setters.put("acceleration", (b, value) -> b.acceleration(value.acceleration()));
    setters.put("steps", (b, value) -> b.steps(value.integer()));
    setters.put("guidanceScale", (b, value) -> b.guidanceScale(value.number()));
    setters.put("guidanceRescale", (b, value) -> b.guidanceRescale(value.number()));
    setters.put("guidanceStart", (b, value) -> b.guidanceStart(value.number()));
    setters.put("guidanceStop", (b, value) -> b.guidanceStop(value.number()));
    setters.put(Provenance.FREE_U, (b, value) -> b.freeU(value.freeU()));
    setters.put(
        Provenance.TEMPORAL_ATTENTION_STRENGTH,
        (b, value) -> b.temporalAttentionStrength(value.number()));
    setters.put(
        Provenance.TEMPORAL_CONV_STRENGTH, (b, value) -> b.temporalConvStrength(value.number()));
    setters.put("eta", (b, value) -> b.eta(value.number()));
    setters.put("frames", (b, value) -> b.frames(value.integer()));
    setters.put("size", (b, value) -> b.size(value.integerAt(0, 2), value.integerAt(1, 2)));
    setters.put("initLatents", (b, value) -> b.initLatents(value.array()));
    setters.put("strength", (b, value) -> b.strength(value.number()));
    setters.put("clipSkip", (b, value) -> b.clipSkip(value.integer()));
    setters.put("framesPerSecond", (b, value) -> b.framesPerSecond(value.number()));
    setters.put(
        "pixelRounding", (b, value) -> b.pixelRounding(value.constant(PixelRounding.class)));
    setters.put("watermark", (b, value) -> b.watermark(value.hexadecimal()));
    return setters;
  }

  static Map<String, Object> of(GenerationRequest request) {
    checkState(
        request.plugInGuidance().isEmpty(),
        "the guidance %s was plugged in and has no plain values: set it after fromProperties",
        request.guidance().name());
    checkState(
        request.initVideos().isEmpty(),
        "initVideos are frames and have no plain values: set them on the request that is made of"
            + " the plain values of the others, or give initLatents");
    checkState(
        request.keyFrames().isEmpty(),
        "key frames are images and have no plain values: set them on the request that is made of"
            + " the plain values of the others");
    checkState(
        request.constraint().isEmpty(),
        "the constraint %s was plugged in and has no plain values: set it after fromProperties",
        request.constraint().map(LatentConstraint::name).orElse(""));
    return ofPlainSettings(request);
  }

  /** All but objects of the host: a guidance, and videos. */
  static Map<String, Object> ofPlainSettings(GenerationRequest request) {
    Map<String, Object> all = new LinkedHashMap<>();
    request
        .embeddings()
        .ifPresentOrElse(
            embeddings -> all.put(EMBEDDINGS, plain(embeddings)),
            () -> all.put(PROMPTS, request.prompts()));
    putUnless(all, "promptSyntax", request.promptSyntax().name(), PromptSyntax.PLAIN.name());
    putUnless(all, "negativePrompts", request.negativePrompts(), List.of());
    request.negativeEmbeddings().ifPresent(array -> all.put("negativeEmbeddings", plain(array)));
    putUnless(all, "seeds", request.seeds(), List.of());
    request.latents().ifPresent(array -> all.put("latents", plain(array)));
    putUnless(all, "promptAt", byFrame(request.promptsAt()), Map.of());
    putUnless(all, "negativePromptAt", byFrame(request.negativePromptsAt()), Map.of());
    request.window().ifPresent(window -> all.put("window", window.toProperties()));
    putUnless(
        all,
        "acceleration",
        request.acceleration().toProperties(),
        Acceleration.none().toProperties());
    putUnless(all, "steps", request.steps(), GenerationRequest.DEFAULT_STEPS);
    if (request.guidance() instanceof ClassifierFreeGuidance guidance) {
      putUnless(all, "guidanceScale", guidance.scale(), GenerationRequest.DEFAULT_GUIDANCE_SCALE);
      putUnless(all, "guidanceRescale", guidance.rescale(), 0.0);
      putUnless(all, "guidanceStart", guidance.start(), 0.0);
      putUnless(all, "guidanceStop", guidance.stop(), 1.0);
    }
    all.putAll(adjustments(request));
    putUnless(all, "eta", request.eta(), 0.0);
    request.initLatents().ifPresent(array -> all.put("initLatents", plain(array)));
    if (request.startsFromVideo()) {
      putUnless(all, "strength", request.strength(), GenerationRequest.DEFAULT_STRENGTH);
    }
    putUnless(all, "frames", request.frames(), GenerationRequest.DEFAULT_FRAMES);
    if (request.width().isPresent()) {
      all.put("size", List.of(request.width().orElseThrow(), request.height().orElseThrow()));
    }
    putUnless(all, "clipSkip", request.clipSkip(), 0);
    putUnless(
        all,
        "framesPerSecond",
        request.framesPerSecond(),
        GenerationRequest.DEFAULT_FRAMES_PER_SECOND);
    putUnless(all, "pixelRounding", request.pixelRounding().name(), PixelRounding.NEAREST.name());
    request.watermark().ifPresent(payload -> all.put("watermark", hexadecimal(payload)));
    return all;
  }

  /** FreeU and the strengths of layers, where they differ from the model itself. */
  static Map<String, Object> adjustments(GenerationRequest request) {
    Map<String, Object> all = new LinkedHashMap<>();
    request.freeU().ifPresent(freeU -> all.put(Provenance.FREE_U, plain(freeU)));
    putUnless(
        all, Provenance.TEMPORAL_ATTENTION_STRENGTH, request.temporalAttentionStrength(), 1.0);
    putUnless(all, Provenance.TEMPORAL_CONV_STRENGTH, request.temporalConvStrength(), 1.0);
    return all;
  }

  private static Map<String, Object> plain(FreeU freeU) {
    return ImmutableMap.of("b1", freeU.b1(), "b2", freeU.b2(), "s1", freeU.s1(), "s2", freeU.s2());
  }

  /** Digits, since numbers of JSON hold 53 bits in many programs. */
  static String hexadecimal(long bits) {
    return HexFormat.of().toHexDigits(bits);
  }

  /** Frames as strings, which JSON needs for keys. */
  static Map<String, Object> byFrame(Map<Integer, String> texts) {
    Map<String, Object> plain = new LinkedHashMap<>();
    texts.forEach((frame, text) -> plain.put(frame.toString(), text));
    return plain;
  }

  private static void putUnless(
      Map<String, Object> all, String name, Object value, Object otherwise) {
    if (!value.equals(otherwise)) {
      all.put(name, value);
    }
  }

  static GenerationRequest toRequest(Map<String, ?> properties) {
    checkArgument(
        properties.containsKey(PROMPTS) != properties.containsKey(EMBEDDINGS),
        "expected one of prompts and embeddings, got %s",
        new TreeSet<>(properties.keySet()));
    GenerationRequest.Builder builder =
        properties.containsKey(EMBEDDINGS)
            ? GenerationRequest.ofEmbeddings(property(properties, EMBEDDINGS).array())
            : ofPrompts(property(properties, PROMPTS).strings());
    Map<String, Object> settings = new LinkedHashMap<>(properties);
    settings.keySet().removeAll(List.of(PROMPTS, EMBEDDINGS));
    apply(settings, builder);
    return builder.build();
  }

  /** Sets all of them, which are neither prompts nor embeddings. */
  static void apply(Map<String, ?> properties, GenerationRequest.Builder builder) {
    for (String name : properties.keySet()) {
      BiConsumer<GenerationRequest.Builder, Property> setter = SETTERS.get(name);
      checkArgument(
          setter != null,
          "%s is no setting of a request, expected some of %s",
          name,
          SETTERS.keySet());
      setter.accept(builder, property(properties, name));
    }
  }

  /** The empty text alone stands for no prompt. */
  private static GenerationRequest.Builder ofPrompts(List<String> prompts) {
    return prompts.equals(List.of(""))
        ? GenerationRequest.unconditional()
        : GenerationRequest.builder(prompts);
  }

  private static Property property(Map<String, ?> properties, String name) {
    Object value = properties.get(name);
    checkArgument(value != null, "%s is null, expected a value", name);
    return new Property(name, value);
  }

  /** Little-endian float32 in base64: exact, and a third of the size of decimal numbers. */
  private static Map<String, Object> plain(NdArray array) {
    float[] values = array.values();
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return Map.of(
        SHAPE,
        LongStream.of(array.shape()).boxed().toList(),
        VALUES,
        Base64.getEncoder().encodeToString(bytes.array()));
  }

  /** One value, which knows its name for error messages. */
  private record Property(String name, Object value) {
    private <T> T as(Class<T> type, String expected) {
      checkArgument(type.isInstance(value), "%s is %s, expected %s", name, value, expected);
      return type.cast(value);
    }

    double number() {
      return as(Number.class, "a number").doubleValue();
    }

    long whole() {
      Number number = as(Number.class, "a whole number");
      checkArgument(
          number.longValue() == number.doubleValue(),
          "%s is %s, expected a whole number of at most 64 bits",
          name,
          value);
      return number.longValue();
    }

    int integer() {
      long whole = whole();
      checkArgument(
          whole == (int) whole, "%s is %s, expected at most %s", name, value, Integer.MAX_VALUE);
      return (int) whole;
    }

    long hexadecimal() {
      String digits = as(String.class, "a string of hexadecimal digits");
      try {
        return HexFormat.fromHexDigitsToLong(digits);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            name + " is " + digits + ", expected 1 to 16 hexadecimal digits", e);
      }
    }

    private List<Property> entries(String expected) {
      List<?> list = as(List.class, expected);
      return list.stream().map(this::entry).toList();
    }

    private Property entry(@Nullable Object entry) {
      checkArgument(entry != null, "%s has an entry that is null", name);
      return new Property("an entry of " + name, entry);
    }

    int integerAt(int index, int count) {
      List<Property> entries = entries("a list of " + count + " whole numbers");
      checkArgument(entries.size() == count, "%s is %s, expected %s entries", name, value, count);
      return entries.get(index).integer();
    }

    List<Long> longs() {
      return entries("a list of whole numbers").stream().map(Property::whole).toList();
    }

    List<String> strings() {
      return entries("a list of strings").stream()
          .map(entry -> entry.as(String.class, "a string"))
          .toList();
    }

    <E extends Enum<E>> E constant(Class<E> type) {
      String constant = as(String.class, "a string");
      return Enums.getIfPresent(type, constant)
          .toJavaUtil()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      name
                          + " is "
                          + constant
                          + ", expected "
                          + Joiner.on(" or ").join(type.getEnumConstants())));
    }

    private Map<String, Property> fields(String expected) {
      Map<String, Property> fields = new LinkedHashMap<>();
      Map<?, ?> map = as(Map.class, expected);
      map.forEach(
          (key, field) -> {
            checkArgument(field != null, "%s of %s is null, expected a value", key, name);
            fields.put(String.valueOf(key), new Property(key + " of " + name, field));
          });
      return fields;
    }

    /** Frame to text. */
    Map<Integer, String> texts() {
      Map<Integer, String> texts = new LinkedHashMap<>();
      fields("a map from frame to text")
          .forEach(
              (frame, text) -> {
                @Nullable Integer number = Ints.tryParse(frame);
                checkArgument(
                    number != null,
                    "%s has the key %s, expected the number of a frame",
                    name,
                    frame);
                texts.put(number, text.as(String.class, "a string"));
              });
      return texts;
    }

    FreeU freeU() {
      Map<String, Property> fields = fields("a map with b1, b2, s1 and s2");
      checkArgument(
          fields.keySet().equals(Set.of("b1", "b2", "s1", "s2")),
          "%s is %s, expected b1, b2, s1 and s2",
          name,
          value);
      double[] factors =
          Stream.of("b1", "b2", "s1", "s2")
              .mapToDouble(factor -> Objects.requireNonNull(fields.get(factor)).number())
              .toArray();
      return new FreeU(factors[0], factors[1], factors[2], factors[3]);
    }

    FrameWindow window() {
      Map<String, Property> fields = fields("a map with a length");
      Property length = fields.remove("length");
      checkArgument(length != null, "%s is %s, expected a length in it", name, value);
      FrameWindow window = FrameWindow.of(length.integer());
      for (Map.Entry<String, Property> field : fields.entrySet()) {
        window = field.getValue().changed(window, field.getKey());
      }
      return window;
    }

    private FrameWindow changed(FrameWindow window, String field) {
      return switch (field) {
        case "overlap" -> window.overlap(integer());
        case "weights" -> window.weights(constant(FrameWindow.Weights.class));
        case "shiftEachStep" -> window.shiftEachStep(truth());
        case "loop" -> window.loop(truth());
        case "correlatedNoise" -> window.correlatedNoise(truth());
        default ->
            throw new IllegalArgumentException(
                name
                    + " is no setting of a window, expected some of "
                    + window.toProperties().keySet());
      };
    }

    Acceleration acceleration() {
      Acceleration acceleration = Acceleration.none();
      for (Map.Entry<String, Property> field : fields("a map of settings").entrySet()) {
        acceleration = field.getValue().changed(acceleration, field.getKey());
      }
      return acceleration;
    }

    private Acceleration changed(Acceleration acceleration, String field) {
      return switch (field) {
        case "cacheInterval" -> acceleration.cacheSteps(integer());
        case "cacheDepth" -> acceleration.cacheDepth(integer());
        case "guidanceAgreement" -> acceleration.guidanceAgreement(number());
        case "alignSteps" -> acceleration.alignSteps(truth());
        default ->
            throw new IllegalArgumentException(
                name
                    + " is no setting of an acceleration, expected some of "
                    + acceleration.toProperties().keySet());
      };
    }

    private boolean truth() {
      return as(Boolean.class, "true or false");
    }

    NdArray array() {
      Map<?, ?> fields = as(Map.class, "a map with shape and values");
      checkArgument(
          fields.get(SHAPE) != null && fields.get(VALUES) instanceof String,
          "%s has the fields %s, expected a shape and values in base64",
          name,
          fields.keySet());
      long[] shape =
          new Property("shape of " + name, fields.get(SHAPE))
              .longs().stream().mapToLong(Long::longValue).toArray();
      ByteBuffer bytes = ByteBuffer.wrap(decode((String) fields.get(VALUES)));
      checkArgument(
          bytes.remaining() % Float.BYTES == 0,
          "values of %s are %s bytes, expected a multiple of 4",
          name,
          bytes.remaining());
      float[] values = new float[bytes.remaining() / Float.BYTES];
      bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      return NdArray.of(shape, values);
    }

    private byte[] decode(String text) {
      try {
        return Base64.getDecoder().decode(text);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("values of " + name + " are no base64", e);
      }
    }
  }
}
