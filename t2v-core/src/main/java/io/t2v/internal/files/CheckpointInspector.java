package io.t2v.internal.files;

import com.google.common.primitives.Ints;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.checkpoint.CheckpointSummary;
import io.t2v.internal.io.WeightFileNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts together what a checkpoint's files say about it, as far as they can be read. */
public final class CheckpointInspector {
  /** ModelScope's own pipeline writes its videos so, and its layout is that pipeline's. */
  private static final double MODEL_SCOPE_FRAMES_PER_SECOND = 8;

  private static final List<List<String>> TOKENIZER_FILES =
      List.of(List.of("vocab.json", "merges.txt"), List.of("tokenizer.json"));

  private CheckpointInspector() {}

  public static CheckpointSummary inspect(Path folder, @Nullable String variant) {
    boolean diffusers =
        Files.exists(folder.resolve(WeightFileNames.MODEL_INDEX))
            || !Files.exists(folder.resolve(WeightFileNames.MODEL_SCOPE_CONFIGURATION));
    List<String> files = diffusers ? filesIn(folder.resolve("unet")) : List.of();
    Set<String> variants = WeightFileNames.DIFFUSERS.variants(files);
    boolean onlyVariants = !WeightFileNames.DIFFUSERS.hasPlain(files);
    String chosen =
        variant == null && onlyVariants ? variants.stream().findFirst().orElse(null) : variant;
    CheckpointFiles checkpoint = CheckpointFiles.open(folder, chosen);
    JsonConfig index =
        JsonConfig.read(
            folder.resolve(
                diffusers
                    ? WeightFileNames.MODEL_INDEX
                    : WeightFileNames.MODEL_SCOPE_CONFIGURATION));
    Set<String> problems = new LinkedHashSet<>();
    List<CheckpointSummary.Component> components =
        List.of(
            component("text_encoder", checkpoint::textEncoderWeights),
            component("unet", checkpoint::unetWeights),
            component("vae", checkpoint::vaeWeights));
    components.forEach(component -> component.problem().ifPresent(problems::add));
    Optional<JsonConfig> scheduler = readable(checkpoint::schedulerConfig, problems);
    Optional<JsonConfig> unet = readable(checkpoint::unetConfig, problems);
    Optional<JsonConfig> vae = readable(checkpoint::vaeConfig, problems);
    Optional<int[]> size = size(unet, vae);
    if (readable(checkpoint::textEncoderConfig, problems).isPresent()) {
      readable(checkpoint::tokenizerFolder, problems)
          .flatMap(tokenizer -> tokenizer)
          .flatMap(CheckpointInspector::tokenizerProblem)
          .ifPresent(problems::add);
    }
    OptionalInt frames = diffusers ? OptionalInt.empty() : modelScopeFrames(index);
    return new CheckpointSummary(
        folder,
        diffusers ? "diffusers" : "ModelScope",
        diffusers ? text(index.raw("_class_name")) : modelScopeType(index),
        Optional.ofNullable(chosen),
        variants,
        components,
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
        ModelLicence.of(folder),
        List.copyOf(problems));
  }

  private static List<String> filesIn(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    } catch (IOException e) {
      // Each part that misses it says so.
      return List.of();
    }
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

  private static <T> Optional<T> readable(Supplier<T> opener, Set<String> problems) {
    try {
      return Optional.of(opener.get());
    } catch (CheckpointException e) {
      problems.add(text(e.getMessage()));
      return Optional.empty();
    }
  }

  /** A tokenizer is one file, or vocabulary and merges; pipes and devices are none. */
  private static Optional<String> tokenizerProblem(Path folder) {
    for (List<String> names : TOKENIZER_FILES) {
      if (names.stream().map(folder::resolve).allMatch(Files::isRegularFile)) {
        return Optional.empty();
      }
    }
    return Optional.of(
        folder + " holds no tokenizer: expected vocab.json and merges.txt, or tokenizer.json.");
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
                    channels instanceof List<?> list
                            && !list.isEmpty()
                            && list.size() < Integer.SIZE
                        ? Optional.of(list.size())
                        : Optional.empty());
    if (latents.isEmpty() || levels.isEmpty()) {
      return Optional.empty();
    }
    long factor = 1L << (levels.get() - 1);
    return Optional.of(
        latents.get().stream()
            .mapToInt(edge -> Ints.saturatedCast((Integer) edge * factor))
            .toArray());
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
