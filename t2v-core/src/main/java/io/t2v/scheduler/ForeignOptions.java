package io.t2v.scheduler;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Options of a configuration that the scheduler which reads it does not have.
 *
 * <p>Those of the library's other schedulers are ignored: a configuration may have been written for
 * another class. Those that no scheduler here has would change the result if they were left out, so
 * they are refused, unless their value is the one at which they change nothing. Newer releases of
 * the reference write such values for options that this library cannot know yet: they are ignored
 * with a warning, as the reference does with all that it does not know.
 */
final class ForeignOptions {
  private static final System.Logger LOG = System.getLogger(ForeignOptions.class.getName());

  /** Options that the library's schedulers, or the reference's of the same names, have. */
  private static final ImmutableSet<String> FAMILY =
      ImmutableSet.of(
          "algorithm_type",
          "beta_end",
          "beta_schedule",
          "beta_start",
          "clip_sample",
          "clip_sample_range",
          "corrector_order",
          "disable_corrector",
          "dynamic_thresholding_ratio",
          "euler_at_final",
          "final_sigmas_type",
          "flow_shift",
          "integer_skipping_step",
          "interpolation_type",
          "lambda_min_clipped",
          "lower_order_final",
          "noise_sampler_seed",
          "num_train_timesteps",
          "original_inference_steps",
          "predict_x0",
          "prediction_type",
          "predictor_order",
          "rescale_betas_zero_snr",
          "rho",
          "sample_max_value",
          "set_alpha_to_one",
          "set_alpha_to_zero",
          "shift_terminal",
          "sigma_data",
          "sigma_max",
          "sigma_min",
          "sigma_schedule",
          "skip_prk_steps",
          "snr_shift_scale",
          "solver_order",
          "solver_p",
          "solver_type",
          "steps_offset",
          "tau_func",
          "thresholding",
          "time_shift_type",
          "timestep_scaling",
          "timestep_spacing",
          "timestep_type",
          "trained_betas",
          "use_beta_sigmas",
          "use_dynamic_shifting",
          "use_exponential_sigmas",
          "use_flow_sigmas",
          "use_karras_sigmas",
          "use_lu_lambdas",
          "variance_type");

  /** Options that no scheduler here has, with the value at which each changes nothing. */
  private static final Properties NEUTRAL = load("neutral-options.properties");

  private ForeignOptions() {}

  /**
   * Looks at every option that a scheduler does not have.
   *
   * @param config what was read
   * @param scheduler the scheduler that reads it, for messages
   * @param own its options
   * @throws RuntimeException {@linkplain SchedulerConfig#invalid for the first option} that cannot
   *     be ignored
   */
  static void check(SchedulerConfig config, String scheduler, Set<String> own) {
    List<String> ignored = new ArrayList<>();
    for (Map.Entry<String, @Nullable Object> option : config.options().entrySet()) {
      String name = option.getKey();
      @Nullable Object value = option.getValue();
      if (own.contains(name)) {
        continue;
      }
      boolean neutral = isNeutral(name, value);
      if (FAMILY.contains(name)) {
        if (NEUTRAL.containsKey(name) && !neutral) {
          throw config.invalid(
              String.format(
                  "%s is %s, expected %s: it belongs to flow-matching models, which no scheduler"
                      + " here is for",
                  name, value, NEUTRAL.getProperty(name)));
        }
      } else if (neutral && !config.strict()) {
        ignored.add(name + " = " + value);
      } else {
        throw config.invalid(
            String.format(
                "%s is %s, but no scheduler has such an option; %s has %s, and ignores those of"
                    + " others",
                name, value, scheduler, String.join(", ", own)));
      }
    }
    if (!ignored.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}{1} ignores options that it does not know: {2}",
          config.origin().isEmpty() ? "" : config.origin() + ": ",
          scheduler,
          ignored);
    }
  }

  private static boolean isNeutral(String name, @Nullable Object value) {
    if (value == null || Boolean.FALSE.equals(value)) {
      return true;
    }
    String written =
        value instanceof Number number ? Double.toString(number.doubleValue()) : value.toString();
    return written.equals(NEUTRAL.getProperty(name));
  }

  private static Properties load(String resource) {
    Properties properties = new Properties();
    try (InputStream in = ForeignOptions.class.getResourceAsStream(resource)) {
      properties.load(new InputStreamReader(requireNonNull(in, resource), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
