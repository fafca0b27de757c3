package io.t2v.cli;

import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.Precision;
import io.t2v.offload.Component;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Numbers to compute with: for all networks, for some, or both. */
record PrecisionChoice(@Nullable Precision all, Map<Component, Precision> some) {
  private static final Map<String, Component> COMPONENTS =
      Map.of(
          "text", Component.TEXT_ENCODER,
          "unet", Component.DENOISER,
          "vae", Component.VAE_DECODER);

  void applyTo(PipelineBuilder builder) {
    if (all != null) {
      builder.precision(all);
    }
    some.forEach(builder::precision);
  }

  /** Reads {@code float16}, or {@code float16,vae=float32}. */
  static final class Converter implements ITypeConverter<PrecisionChoice> {
    @Override
    public PrecisionChoice convert(String value) {
      Precision all = null;
      Map<Component, Precision> some = new EnumMap<>(Component.class);
      for (String part : value.split(",", -1)) {
        int equals = part.indexOf('=');
        Precision precision = precision(part.substring(equals + 1));
        boolean repeated =
            equals < 0
                ? all != null
                : some.putIfAbsent(component(part.substring(0, equals)), precision) != null;
        if (repeated) {
          throw new TypeConversionException("'" + part + "' comes after another for the same");
        }
        if (equals < 0) {
          all = precision;
        }
      }
      return new PrecisionChoice(all, some);
    }

    private static Precision precision(String name) {
      return Arrays.stream(Precision.values())
          .filter(precision -> precision.toString().equals(name.toLowerCase(Locale.ROOT)))
          .findAny()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "there is no precision '"
                          + name
                          + "', expected one of "
                          + Arrays.stream(Precision.values())
                              .map(Precision::toString)
                              .collect(Collectors.joining(", "))));
    }

    private static Component component(String name) {
      Component component = COMPONENTS.get(name.toLowerCase(Locale.ROOT));
      if (component == null) {
        throw new TypeConversionException(
            "there is no network '" + name + "', expected text, unet or vae");
      }
      return component;
    }
  }
}
