package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.checkpoint.CheckpointSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts together what a checkpoint's files say about it, as far as they can be read. */
public final class CheckpointInspector {
  private static final String DIFFUSERS_INDEX = "model_index.json";
  private static final String MODEL_SCOPE_INDEX = "configuration.json";

  /** ModelScope's own pipeline writes its videos so, and its layout is that pipeline's. */
  private static final double MODEL_SCOPE_FRAMES_PER_SECOND = 8;

  private static final Pattern VARIANT =
      Pattern.compile(
          "diffusion_pytorch_model"
              + "(?:\\.(?<single>\\w+)(?:-\\d{5}-of-\\d{5})?\\.(?:safetensors|bin)"
              + "|-\\d{5}-of-\\d{5}\\.(?<shard>\\w+)\\.(?:safetensors|bin))");

  private static final Pattern PLAIN =
      Pattern.compile("diffusion_pytorch_model(?:-\\d{5}-of-\\d{5})?\\.(?:safetensors|bin)");

  private CheckpointInspector() {}

  public static CheckpointSummary inspect(Path folder, @Nullable String variant) {
    boolean diffusers =
        Files.exists(folder.resolve(DIFFUSERS_INDEX))
            || !Files.exists(folder.resolve(MODEL_SCOPE_INDEX));
    List<String> files = diffusers ? filesIn(folder.resolve("unet")) : List.of();
    Set<String> variants = variants(files);
    boolean onlyVariants = files.stream().noneMatch(file -> PLAIN.matcher(file).matches());
    String chosen =
        variant == null && onlyVariants ? variants.stream().findFirst().orElse(null) : variant;
    CheckpointFiles checkpoint = CheckpointFiles.open(folder, chosen);
    JsonConfig index =
        JsonConfig.read(folder.resolve(diffusers ? DIFFUSERS_INDEX : MODEL_SCOPE_INDEX));
    Optional<JsonConfig> scheduler = readable(checkpoint::schedulerConfig);
    Optional<int[]> size = size(readable(checkpoint::unetConfig), readable(checkpoint::vaeConfig));
    OptionalInt frames = diffusers ? OptionalInt.empty() : modelScopeFrames(index);
    return new CheckpointSummary(
        folder,
        diffusers ? "diffusers" : "ModelScope",
        diffusers ? text(index.raw("_class_name")) : modelScopeType(index),
        Optional.ofNullable(chosen),
        variants,
        List.of(
            component("text_encoder", checkpoint::textEncoderWeights),
            component("unet", checkpoint::unetWeights),
            component("vae", checkpoint::vaeWeights)),
        size.isPresent() ? OptionalInt.of(size.get()[1]) : OptionalInt.empty(),
        size.isPresent() ? OptionalInt.of(size.get()[0]) : OptionalInt.empty(),
        frames,
        frames.isPresent()
            ? OptionalDouble.of(MODEL_SCOPE_FRAMES_PER_SECOND)
            : OptionalDouble.empty(),
        scheduler.map(config -> text(config.raw("_class_name"))).filter(name -> !name.isEmpty()),
        scheduler.map(
            config ->
                config.has("prediction_type") ? text(config.raw("prediction_type")) : "epsilon"),
        ModelLicence.of(folder));
  }

  private static List<String> filesIn(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    } catch (IOException e) {
      // Each part that misses it says so.
      return List.of();
    }
  }

  private static Set<String> variants(List<String> files) {
    Set<String> variants = new TreeSet<>();
    for (String file : files) {
      Matcher matcher = VARIANT.matcher(file);
      if (matcher.matches()) {
        String single = matcher.group("single");
        variants.add(single == null ? text(matcher.group("shard")) : single);
      }
    }
    return variants;
  }

  private static CheckpointSummary.Component component(String name, Supplier<TensorFiles> opener) {
    try {
      TensorFiles weights = opener.get();
      return new CheckpointSummary.Component(
          name, OptionalLong.of(weights.parameters()), weights.dtypes(), Optional.empty());
    } catch (CheckpointException e) {
      return new CheckpointSummary.Component(
          name, OptionalLong.empty(), Set.of(), Optional.of(text(e.getMessage())));
    }
  }

  private static <T> Optional<T> readable(Supplier<T> opener) {
    try {
      return Optional.of(opener.get());
    } catch (CheckpointException e) {
      return Optional.empty();
    }
  }

  /**
   * Height and width of the frames: those of the latents, times what the autoencoder makes of it.
   */
  private static Optional<int[]> size(Optional<JsonConfig> unet, Optional<JsonConfig> vae) {
    Optional<List<?>> latents = unet.flatMap(config -> edges(config.raw("sample_size")));
    Optional<Integer> levels =
        vae.map(config -> config.raw("block_out_channels"))
            .flatMap(
                channels ->
                    channels instanceof List<?> list ? Optional.of(list.size()) : Optional.empty());
    if (latents.isEmpty() || levels.isEmpty()) {
      return Optional.empty();
    }
    int factor = 1 << (levels.get() - 1);
    return Optional.of(latents.get().stream().mapToInt(edge -> (Integer) edge * factor).toArray());
  }

  private static Optional<List<?>> edges(@Nullable Object size) {
    List<?> edges =
        size instanceof List<?> list ? list : size == null ? List.of() : List.of(size, size);
    boolean right = edges.size() == 2 && edges.stream().allMatch(Integer.class::isInstance);
    return right ? Optional.of(edges) : Optional.empty();
  }

  private static String modelScopeType(JsonConfig index) {
    return inModel(index, model -> model.get("type")) instanceof String type ? type : "";
  }

  private static OptionalInt modelScopeFrames(JsonConfig index) {
    Object frames =
        inModel(
            index,
            model ->
                model.get("model_args") instanceof Map<?, ?> arguments
                    ? arguments.get("max_frames")
                    : null);
    return frames instanceof Integer count ? OptionalInt.of(count) : OptionalInt.empty();
  }

  private static @Nullable Object inModel(
      JsonConfig index, Function<Map<?, ?>, @Nullable Object> reader) {
    return index.raw("model") instanceof Map<?, ?> model ? reader.apply(model) : null;
  }

  private static String text(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }
}
