package io.t2v;

import static io.t2v.offload.Component.DENOISER;
import static io.t2v.offload.Component.TEXT_ENCODER;
import static io.t2v.offload.Component.VAE_DECODER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.device.ComputeDevice;
import io.t2v.device.DeviceUnavailableException;
import io.t2v.device.Precision;
import io.t2v.internal.torch.CpuBfloat16;
import io.t2v.offload.OffloadPolicy;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.TinyPipeline;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the numbers in which weights wait change, and what not. */
class PrecisionTest {
  private static final GenerationRequest REQUEST = TinyPipeline.request().steps(2).build();

  @TempDir Path folder;

  @Test
  void weightsOfTheFilesOwnNumbersGiveTheSameBits() {
    Path half = GoldenModel.write("one-level", folder.resolve("half"), "F16");
    assertThat(latents(half, builder -> builder.precision(Precision.FLOAT16)))
        .isEqualTo(latents(half, builder -> builder));
  }

  @Test
  void theOffloadPolicyChangesNothing() {
    Path model = GoldenModel.write("one-level", folder.resolve("model"));
    float[] kept = latents(model, builder -> builder.precision(Precision.INT8));
    for (OffloadPolicy policy :
        new OffloadPolicy[] {OffloadPolicy.component(), OffloadPolicy.disk()}) {
      assertThat(latents(model, builder -> builder.precision(Precision.INT8).offload(policy)))
          .isEqualTo(kept);
    }
    assertThat(latents(model, builder -> builder)).isNotEqualTo(kept);
  }

  @Test
  void oneNetworkMayDiffer() {
    Path model = GoldenModel.write("one-level", folder.resolve("model"));
    UnaryOperator<PipelineBuilder> all = builder -> builder.precision(Precision.INT8);
    UnaryOperator<PipelineBuilder> decoderAside =
        builder -> all.apply(builder).precision(VAE_DECODER, Precision.FLOAT32);
    assertThat(latents(model, decoderAside)).isEqualTo(latents(model, all));
    try (TextToVideoPipeline pipeline = open(model, decoderAside)) {
      assertThat(pipeline.generate(REQUEST).provenance().properties())
          .containsEntry(Provenance.DTYPE, "int8, vae_decoder float32")
          .doesNotContainKey(Provenance.DTYPE_REASON)
          .containsEntry(Provenance.DEVICE, "cpu");
    }
    try (TextToVideoPipeline pipeline =
        open(
            model,
            builder ->
                builder
                    .precision(TEXT_ENCODER, Precision.INT8)
                    .precision(DENOISER, Precision.FLOAT16))) {
      assertThat(pipeline.generate(REQUEST).provenance().properties())
          .containsEntry(
              Provenance.DTYPE,
              "float16, text_encoder int8, vae_encoder float32, vae_decoder float32");
    }
  }

  /** Where the CPU computes in bfloat16, auto does; elsewhere it is float32, to the bit. */
  @Test
  void autoComputesInBfloat16WhereTheCpuDoes() {
    Path model = GoldenModel.write("four-levels", folder.resolve("model"));
    float[] exact = latents(model, builder -> builder);
    float[] auto = latents(model, builder -> builder.precision(Precision.auto()));
    try (TextToVideoPipeline plain = open(model, builder -> builder);
        TextToVideoPipeline chosen = open(model, builder -> builder.precision(Precision.auto()))) {
      Map<String, Object> made = chosen.generate(REQUEST).provenance().properties();
      String why = made.get(Provenance.DTYPE_REASON).toString();
      long bytes = chosen.plan(REQUEST).shares().get(1).keptBytes();
      long whole = plain.plan(REQUEST).shares().get(1).keptBytes();
      if (CpuBfloat16.ofThisMachine().supported()) {
        assertThat(made).containsEntry(Provenance.DTYPE, "bfloat16, text_encoder float32");
        assertThat(why).startsWith("the CPU has ");
        assertThat(auto).isNotEqualTo(exact);
        Golden.assertClose("two guided steps", auto, exact, 0.1);
        assertThat(bytes).isBetween(whole * 2 / 5, whole / 2);
      } else {
        assertThat(made).containsEntry(Provenance.DTYPE, "float32");
        assertThat(why).isNotBlank();
        assertThat(auto).isEqualTo(exact);
        assertThat(bytes).isEqualTo(whole);
        assertThatExceptionOfType(DeviceUnavailableException.class)
            .isThrownBy(() -> open(model, builder -> builder.precision(Precision.BFLOAT16)));
      }
    }
  }

  @Test
  void eightBitsTakeLessMemoryAndLeaveNothingBehind() {
    Path model = GoldenModel.write("four-levels", folder.resolve("model"));
    try (TextToVideoPipeline plain = open(model, builder -> builder);
        TextToVideoPipeline small = open(model, builder -> builder.precision(Precision.INT8))) {
      long whole = plain.plan(REQUEST).shares().get(1).keptBytes();
      assertThat(small.plan(REQUEST).shares().get(1).keptBytes()).isBetween(whole / 5, whole / 3);
      NativeObjects objects = NativeObjects.count();
      small.generate(REQUEST);
      assertThat(small.plan(REQUEST).loadedBytes())
          .isEqualTo(small.plan(REQUEST).shares().get(1).keptBytes());
      small.close();
      objects.assertNoMore();
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                TextToVideoPipeline.builder()
                    .precision(DENOISER, Precision.INT8)
                    .precision(DENOISER, Precision.INT8))
        .withMessage("precision of DENOISER was already set to int8, now to int8");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                TextToVideoPipeline.builder()
                    .device(ComputeDevice.cpu())
                    .device(ComputeDevice.cpu()))
        .withMessage("device was already set to cpu, now to cpu");
  }

  private static float[] latents(Path model, UnaryOperator<PipelineBuilder> settings) {
    try (TextToVideoPipeline pipeline = open(model, settings)) {
      return pipeline.prepare(REQUEST).toLatents().values();
    }
  }

  private static TextToVideoPipeline open(Path model, UnaryOperator<PipelineBuilder> settings) {
    return settings.apply(TextToVideoPipeline.builder().checkpoint(model).threads(1)).build();
  }
}
