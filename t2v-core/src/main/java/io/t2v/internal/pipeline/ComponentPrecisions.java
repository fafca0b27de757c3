package io.t2v.internal.pipeline;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Ascii;
import com.google.common.collect.Maps;
import io.t2v.device.ComputeDevice;
import io.t2v.device.DeviceUnavailableException;
import io.t2v.device.Precision;
import io.t2v.internal.torch.CpuBfloat16;
import io.t2v.offload.Component;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The precision of every network.
 *
 * @param byComponent none of them {@link Precision#AUTO}
 * @param reason why they were chosen, for people; empty if the user chose them
 */
public record ComponentPrecisions(Map<Component, Precision> byComponent, String reason) {
  public ComponentPrecisions {
    byComponent = Maps.immutableEnumMap(byComponent);
  }

  /**
   * Decides where the user leaves it open, and checks the rest against the device.
   *
   * @param wanted of every component
   * @param device a real one
   * @param cpu asked only if the answer matters
   * @throws DeviceUnavailableException if the device does not compute in a precision
   */
  public static ComponentPrecisions of(
      Map<Component, Precision> wanted, ComputeDevice device, Supplier<CpuBfloat16> cpu) {
    Map<Component, Precision> chosen = new EnumMap<>(wanted);
    if (!device.isCpu()) {
      chosen.replaceAll((component, precision) -> settled(precision, device));
      return new ComponentPrecisions(chosen, reason(wanted, "the default on " + device));
    }
    if (!wanted.containsValue(Precision.AUTO) && !wanted.containsValue(Precision.BFLOAT16)) {
      return new ComponentPrecisions(chosen, "");
    }
    CpuBfloat16 bfloat16 = cpu.get();
    wanted.forEach(
        (component, precision) -> {
          if (precision == Precision.BFLOAT16 && !bfloat16.supported()) {
            throw refusal(component, bfloat16);
          }
        });
    chosen.replaceAll(
        (component, precision) ->
            precision == Precision.AUTO
                    && bfloat16.supported()
                    && component != Component.TEXT_ENCODER
                ? Precision.BFLOAT16
                : settled(precision, device));
    return new ComponentPrecisions(
        chosen,
        reason(
            wanted,
            bfloat16.reason()
                + (bfloat16.supported()
                    ? "; the text encoder runs once a prompt, and its error would enter each step"
                    : "")));
  }

  private static Precision settled(Precision wanted, ComputeDevice device) {
    return wanted == Precision.AUTO ? Precision.defaultFor(device) : wanted;
  }

  private static String reason(Map<Component, Precision> wanted, String why) {
    return wanted.containsValue(Precision.AUTO) ? why : "";
  }

  private static DeviceUnavailableException refusal(Component component, CpuBfloat16 cpu) {
    return new DeviceUnavailableException(
        "The precision of the "
            + name(component)
            + " is bfloat16, but this machine does not compute in it: "
            + cpu.reason()
            + ". Use FLOAT32; or FLOAT16, which stores weights in 16 bits and computes in float32.");
  }

  /** The precision of a component. */
  public Precision of(Component component) {
    return requireNonNull(byComponent.get(component));
  }

  /** Such as {@code float32}, or {@code float16, vae_decoder float32}. */
  @Override
  public String toString() {
    Precision main = of(Component.DENOISER);
    StringBuilder names = new StringBuilder(main.toString());
    byComponent.forEach(
        (component, own) -> {
          if (own != main) {
            names.append(", ").append(name(component)).append(' ').append(own);
          }
        });
    return names.toString();
  }

  private static String name(Component component) {
    return Ascii.toLowerCase(component.name());
  }
}
