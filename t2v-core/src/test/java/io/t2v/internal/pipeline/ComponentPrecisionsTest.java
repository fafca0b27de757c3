package io.t2v.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.device.ComputeDevice;
import io.t2v.device.DeviceUnavailableException;
import io.t2v.device.Precision;
import io.t2v.internal.torch.CpuBfloat16;
import io.t2v.offload.Component;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is chosen for each network, and refused, on CPUs that compute in bfloat16 or do not. */
class ComponentPrecisionsTest {
  private static final CpuBfloat16 ABLE = new CpuBfloat16(true, "the CPU has amx_bf16");
  private static final CpuBfloat16 UNABLE = new CpuBfloat16(false, "the CPU has none of these");

  @Test
  void autoTakesBfloat16WhereTheCpuComputesInIt() {
    ComponentPrecisions chosen =
        ComponentPrecisions.of(all(Precision.AUTO), ComputeDevice.cpu(), () -> ABLE);
    assertThat(chosen.of(Component.DENOISER)).isEqualTo(Precision.BFLOAT16);
    assertThat(chosen.of(Component.VAE_DECODER)).isEqualTo(Precision.BFLOAT16);
    assertThat(chosen.of(Component.TEXT_ENCODER)).isEqualTo(Precision.FLOAT32);
    assertThat(chosen)
        .hasToString("bfloat16, text_encoder float32")
        .extracting(ComponentPrecisions::reason)
        .isEqualTo(
            "the CPU has amx_bf16; the text encoder runs once a prompt, and its error would enter"
                + " each step");
  }

  @Test
  void autoIsTheDefaultEverywhereElse() {
    assertThat(ComponentPrecisions.of(all(Precision.AUTO), ComputeDevice.cpu(), () -> UNABLE))
        .hasToString("float32")
        .extracting(ComponentPrecisions::reason)
        .isEqualTo("the CPU has none of these");
    assertThat(
            ComponentPrecisions.of(
                all(Precision.AUTO), ComputeDevice.cuda(0), ComponentPrecisionsTest::unasked))
        .hasToString("float16")
        .extracting(ComponentPrecisions::reason)
        .isEqualTo("the default on cuda:0");
  }

  @Test
  void bfloat16IsRefusedWithTheReasonAndTheCure() {
    Map<Component, Precision> decoderAlone = all(Precision.FLOAT32);
    decoderAlone.put(Component.VAE_DECODER, Precision.BFLOAT16);
    assertThatExceptionOfType(DeviceUnavailableException.class)
        .isThrownBy(() -> ComponentPrecisions.of(decoderAlone, ComputeDevice.cpu(), () -> UNABLE))
        .withMessage(
            "The precision of the vae_decoder is bfloat16, but this machine does not compute in it:"
                + " the CPU has none of these. Use FLOAT32; or FLOAT16, which stores weights in 16"
                + " bits and computes in float32.");
    assertThat(ComponentPrecisions.of(decoderAlone, ComputeDevice.cpu(), () -> ABLE))
        .hasToString("float32, vae_decoder bfloat16");
  }

  @Test
  void otherPrecisionsAskNothing() {
    for (Precision precision :
        new Precision[] {Precision.FLOAT32, Precision.FLOAT16, Precision.INT8}) {
      assertThat(
              ComponentPrecisions.of(
                  all(precision), ComputeDevice.cpu(), ComponentPrecisionsTest::unasked))
          .hasToString(precision.toString());
    }
    assertThat(
            ComponentPrecisions.of(
                all(Precision.BFLOAT16), ComputeDevice.cuda(0), ComponentPrecisionsTest::unasked))
        .hasToString("bfloat16");
  }

  private static CpuBfloat16 unasked() {
    throw new AssertionError("the CPU was asked");
  }

  private static Map<Component, Precision> all(Precision precision) {
    Map<Component, Precision> all = new EnumMap<>(Component.class);
    for (Component component : Component.values()) {
      all.put(component, precision);
    }
    return all;
  }
}
