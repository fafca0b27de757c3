package io.t2v.internal.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.autoencoder.AutoencoderKl;
import io.t2v.internal.clip.ClipTextEncoder;
import io.t2v.internal.unet3d.UnetDenoiser;
import io.t2v.internal.weights.Weights;
import io.t2v.testing.Golden;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checkpoints that are written from the lists of parameters have the names and shapes of the
 * reference's.
 */
class ParameterListsTest {
  @ParameterizedTest
  @ValueSource(strings = {"four-levels", "odd-latents", "one-level"})
  void namesAndShapesAreTheReferences(String model) {
    requireSame(model, "text_encoder", ClipTextEncoder::listParameters);
    requireSame(model, "unet", UnetDenoiser::listParameters);
    requireSame(model, "vae", AutoencoderKl::listParameters);
  }

  private static void requireSame(
      String model, String component, BiConsumer<JsonConfig, Weights.ParameterListener> list) {
    String folder = "models/" + model + "/";
    Map<String, List<Long>> listed = new TreeMap<>();

    list.accept(
        JsonConfig.of(component, Golden.json(folder + component + "/config")),
        (name, shape) -> listed.put(name, LongStream.of(shape).boxed().toList()));

    Map<String, List<Long>> expected = new TreeMap<>();
    Map<?, ?> components = (Map<?, ?>) Golden.json(folder + "manifest").get("components");
    ((Map<?, ?>) components.get(component))
        .forEach(
            (name, shape) ->
                expected.put(
                    (String) name,
                    ((List<?>) shape)
                        .stream().map(dimension -> ((Number) dimension).longValue()).toList()));
    assertThat(listed).as(model + " " + component).isEqualTo(expected);
  }
}
