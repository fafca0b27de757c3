package io.t2v.cli;

import io.t2v.GenerationRequest;
import io.t2v.unet.FreeU;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Options that change how the network computes, without other weights. */
final class AdjustmentOptions {
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--freeu",
      arity = "0..1",
      paramLabel = "B1,B2,S1,S2",
      fallbackValue = FreeUConverter.RECOMMENDED,
      converter = FreeUConverter.class,
      description = {
        "Cleaner textures for next to no time: factors of the backbone and of the skip connections"
            + " in the two innermost levels. Default: off; 1.2,1.4,0.9,0.2 if only --freeu is given."
      })
  private @Nullable FreeU freeU;

  @Option(
      names = "--temporal-attention-strength",
      paramLabel = "X",
      description = "How much attention from frame to frame counts. Default: 1; 0 skips it.")
  private @Nullable Double temporalAttentionStrength;

  @Option(
      names = "--temporal-conv-strength",
      paramLabel = "X",
      description = "How much convolutions along frames count. Default: 1; 0 skips them.")
  private @Nullable Double temporalConvStrength;

  /** Sets what was given. */
  void applyTo(GenerationRequest.Builder builder) {
    Usage.check(spec, "--freeu", freeU, builder::freeU);
    Usage.check(
        spec,
        "--temporal-attention-strength",
        temporalAttentionStrength,
        builder::temporalAttentionStrength);
    Usage.check(
        spec, "--temporal-conv-strength", temporalConvStrength, builder::temporalConvStrength);
  }

  /** Reads {@code 1.2,1.4,0.9,0.2}. */
  static final class FreeUConverter implements ITypeConverter<FreeU> {
    static final String RECOMMENDED = "recommended";
    private static final Pattern COMMA = Pattern.compile(",");

    @Override
    public FreeU convert(String value) {
      if (value.equals(RECOMMENDED)) {
        return FreeU.recommended();
      }
      try {
        double[] factors = COMMA.splitAsStream(value).mapToDouble(Double::parseDouble).toArray();
        if (factors.length == 4) {
          return new FreeU(factors[0], factors[1], factors[2], factors[3]);
        }
      } catch (NumberFormatException e) {
        // the same message as for another number of factors
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
      throw new TypeConversionException(
          "'" + value + "' is no setting of FreeU, expected four numbers such as 1.2,1.4,0.9,0.2");
    }
  }
}
