package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.jr.ob.JSON;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Sets;
import io.t2v.internal.io.Json;
import io.t2v.internal.pipeline.PipelineComponents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that decides what a run computes, as plain values for the file of a saved run: the request,
 * the record of each video, and digests of weights and of what a request holds beside text and
 * numbers.
 *
 * @param values as JSON has them
 */
record RunSettings(Map<String, @Nullable Object> values) {
  private static final String REQUEST = "request";
  private static final String DIGESTS = "digests";
  private static final String VIDEOS = "videos";
  private static final String WEIGHTS = "weights";
  private static final String COMPONENTS = "components";
  private static final String CONTENT_FILTER = "contentFilter";

  private static final String SEEDS = "seeds";
  private static final String WIDTH = "width";
  private static final String HEIGHT = "height";
  private static final String FRAMES = "frames";
  private static final String FRAMES_PER_SECOND = "framesPerSecond";
  private static final String PROVENANCE = "provenance";

  /** Settings of a request that are arrays: their digests take their place. */
  private static final List<String> ARRAYS =
      List.of("embeddings", "negativeEmbeddings", "latents", "initLatents");

  /** What a record says of objects that plain settings do not hold. */
  private static final List<String> OBJECTS =
      List.of(
          Provenance.INIT_VIDEO, Provenance.KEY_FRAMES, Provenance.CONSTRAINT, Provenance.GUIDANCE);

  /**
   * Where weights and adapters lie does not matter: the digest of the weights counts both. Nor does
   * why a number type was chosen. Seeds are compared by themselves, learned words by their digests.
   */
  private static final Set<String> NOT_COMPARED =
      Set.of(
          Provenance.CHECKPOINT,
          Provenance.VARIANT,
          Provenance.VAE_SOURCE,
          Provenance.UNET_WEIGHTS,
          Provenance.ADAPTERS,
          Provenance.DTYPE_REASON,
          Provenance.SEED);

  /** Collects the settings of a run. */
  static RunSettings of(
      GenerationRequest request,
      VideoInfo clip,
      List<Long> seeds,
      PipelineComponents components,
      Map<String, Object> origin,
      Optional<String> contentFilter) {
    Map<String, Object> plain = new LinkedHashMap<>(RequestProperties.ofPlainSettings(request));
    plain.keySet().removeAll(ARRAYS);
    plain.remove(SEEDS);
    List<Map<String, Object>> videos = new ArrayList<>();
    List<String> untruncated = Collections.nCopies(request.videos(), "");
    for (int i = 0; i < request.videos(); i++) {
      Map<String, Object> record =
          ProvenanceProperties.of(
              request, i, seeds.get(i), untruncated, components.scheduler(), origin);
      videos.add(
          ImmutableMap.of(
              WIDTH, clip.width(),
              HEIGHT, clip.height(),
              FRAMES, clip.frames(),
              FRAMES_PER_SECOND, clip.framesPerSecond(),
              PROVENANCE, record));
    }
    Map<String, Object> values = new LinkedHashMap<>();
    values.put(REQUEST, plain);
    values.put(DIGESTS, digests(request));
    values.put(VIDEOS, videos);
    values.put(WEIGHTS, components.weightsDigest().get());
    values.put(COMPONENTS, components.classNames());
    contentFilter.ifPresent(name -> values.put(CONTENT_FILTER, name));
    return new RunSettings(asRead(values));
  }

  private static Map<String, Object> digests(GenerationRequest request) {
    Map<String, Object> digests = new LinkedHashMap<>();
    request.embeddings().ifPresent(array -> digests.put("embeddings", ContentHash.of(array)));
    request
        .negativeEmbeddings()
        .ifPresent(array -> digests.put("negativeEmbeddings", ContentHash.of(array)));
    request.latents().ifPresent(array -> digests.put("latents", ContentHash.of(array)));
    request.initLatents().ifPresent(array -> digests.put("initLatents", ContentHash.of(array)));
    return digests;
  }

  /** As it comes out of a file, for comparison: numbers have the types that JSON tells apart. */
  private static Map<String, @Nullable Object> asRead(Map<String, Object> values) {
    try {
      return Json.parseObject(
          JSON.std.asString(values).getBytes(StandardCharsets.UTF_8), "settings of a run");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes what a file holds. */
  static RunSettings read(Map<?, ?> values) {
    return new RunSettings(map(values));
  }

  private static Map<String, @Nullable Object> map(@Nullable Object value) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> fields) {
      fields.forEach((name, field) -> map.put(String.valueOf(name), field));
    }
    return map;
  }

  /** The plain settings, without seeds. */
  Map<String, @Nullable Object> request() {
    return map(values.get(REQUEST));
  }

  /** The class of the filter that returned the texts of the request. */
  Optional<String> contentFilter() {
    return Optional.ofNullable(values.get(CONTENT_FILTER)).map(String::valueOf);
  }

  /** Names of what the request holds and the file does not. */
  Set<String> given() {
    Set<String> given = new LinkedHashSet<>(map(values.get(DIGESTS)).keySet());
    for (Object video : list(values.get(VIDEOS))) {
      Set<String> recorded = map(map(video).get(PROVENANCE)).keySet();
      given.addAll(OBJECTS.stream().filter(recorded::contains).toList());
    }
    return given;
  }

  private static List<?> list(@Nullable Object value) {
    return value instanceof List<?> list ? list : List.of();
  }

  /** What is known of the videos. */
  List<VideoInfo> videos() {
    List<VideoInfo> videos = new ArrayList<>();
    for (Object video : list(values.get(VIDEOS))) {
      Map<String, @Nullable Object> fields = map(video);
      Map<String, Object> record = new LinkedHashMap<>();
      map(fields.get(PROVENANCE))
          .forEach(
              (name, value) -> {
                checkArgument(value != null, "%s of a video is null, expected a value", name);
                record.put(name, value);
              });
      record.computeIfPresent(Provenance.SEED, RunSettings::whole);
      videos.add(
          new VideoInfo(
              size(fields, WIDTH),
              size(fields, HEIGHT),
              size(fields, FRAMES),
              number(fields, FRAMES_PER_SECOND).doubleValue(),
              new Provenance(record, Map.of())));
    }
    return videos;
  }

  private static int size(Map<String, @Nullable Object> fields, String name) {
    long size = whole(name, fields.get(name));
    checkArgument(
        size == (int) size, "%s is %s, expected at most %s", name, size, Integer.MAX_VALUE);
    return (int) size;
  }

  private static Number number(Map<String, @Nullable Object> fields, String name) {
    Object value = fields.get(name);
    checkArgument(value instanceof Number, "%s is %s, expected a number", name, value);
    return (Number) value;
  }

  /** A whole number of 64 bits; the reader of JSON makes those that are longer another type. */
  static long whole(String name, @Nullable Object value) {
    checkArgument(
        value instanceof Integer || value instanceof Long,
        "%s is %s, expected a whole number",
        name,
        value);
    return ((Number) value).longValue();
  }

  /** Names what differs, with both values; empty if nothing does. */
  String differenceTo(RunSettings now) {
    Map<String, String> before = flat(values);
    Map<String, String> after = flat(now.values);
    return Sets.union(before.keySet(), after.keySet()).stream()
        .filter(name -> !Objects.equals(before.get(name), after.get(name)))
        .map(
            name ->
                "%s is %s, but was %s"
                    .formatted(
                        name,
                        after.getOrDefault(name, "absent"),
                        before.getOrDefault(name, "absent")))
        .collect(Collectors.joining("; "));
  }

  private static Map<String, String> flat(Map<String, @Nullable Object> values) {
    Map<String, String> flat = new TreeMap<>();
    flatten("", values.get(REQUEST), flat);
    for (String name : List.of(DIGESTS, WEIGHTS, COMPONENTS)) {
      flatten(name, values.get(name), flat);
    }
    // The record of a video says what the request says, and more.
    flatten("", values.get(VIDEOS), flat);
    return flat;
  }

  private static String nested(String prefix, String name) {
    if (name.equals(PROVENANCE)) {
      return prefix;
    }
    return prefix.isEmpty() ? name : prefix + "." + name;
  }

  /** The digests of recorded files, which may lie elsewhere by now. */
  private static List<String> contentOf(@Nullable Object files) {
    return list(files).stream().map(file -> String.valueOf(map(file).get("sha256"))).toList();
  }

  /** Gives each plain value a name of its own, such as {@code window.overlap}. */
  private static void flatten(String prefix, @Nullable Object value, Map<String, String> into) {
    if (value instanceof Map<?, ?> fields) {
      map(fields)
          .forEach(
              (name, field) -> {
                if (!NOT_COMPARED.contains(name)) {
                  Object compared =
                      name.equals(Provenance.LEARNED_WORDS) ? contentOf(field) : field;
                  flatten(nested(prefix, name), compared, into);
                }
              });
    } else if (value instanceof List<?> entries
        && entries.stream().allMatch(Map.class::isInstance)) {
      for (int i = 0; i < entries.size(); i++) {
        flatten(i == 0 ? prefix : prefix + "[" + i + "]", entries.get(i), into);
      }
    } else {
      into.put(prefix, String.valueOf(value));
    }
  }
}
