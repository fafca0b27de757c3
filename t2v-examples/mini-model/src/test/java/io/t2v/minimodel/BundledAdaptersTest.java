package io.t2v.minimodel;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.GenerationRequest;
import io.t2v.NdArray;
import io.t2v.TextToVideoPipeline;
import io.t2v.adapter.Adapter;
import io.t2v.adapter.AdapterSummary;
import io.t2v.device.Precision;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the bundled LoRA and the bundled word change in a video, and what they leave. */
class BundledAdaptersTest {
  private static final String JUMPING = "a red circle jumping on a black background";
  private static final String PINK = "a <pink> square moving left on a black background";

  /** Half of the default, which is as clear and takes half of the time. */
  private static final int STEPS = 12;

  /** What the weights of eight bits are tested with everywhere: of the largest magnitude. */
  private static final double TOLERANCE_OF_EIGHT_BITS = 0.04;

  private static final Adapter LORA = Adapter.load(MiniModel.jumpingLora());

  private static TextToVideoPipeline plain;
  private static TextToVideoPipeline jumping;

  @BeforeAll
  static void open() {
    plain = MiniModel.pipeline().learnedWords(MiniModel.pinkWord()).build();
    jumping = plain.withAdapters(List.of(LORA));
  }

  @AfterAll
  static void close() {
    jumping.close();
    plain.close();
  }

  private static GenerationRequest.Builder request(String... prompts) {
    return MiniModel.request(prompts).seed(2);
  }

  private static List<Measured> measured(TextToVideoPipeline pipeline, String... prompts) {
    return pipeline.generateAll(request(prompts).steps(STEPS).build()).stream()
        .map(video -> Measured.of(video, "black"))
        .toList();
  }

  /** In a batch each video shows its prompt: one jumps, the other moves as without the LoRA. */
  @Test
  void withTheLoraAndTheWord() {
    List<Measured> videos = measured(jumping, JUMPING, PINK);
    Measured first = videos.get(0);
    assertThat(first.shows("jumping")).as(first.toString()).isTrue();
    assertThat(first.color()).as(first.toString()).isEqualTo("red");
    Measured second = videos.get(1);
    assertThat(second.shows("moving left")).as(second.toString()).isTrue();
    assertThat(second.shows("jumping")).as(second.toString()).isFalse();
    assertThat(second.color()).as(second.toString()).isEqualTo("pink");
  }

  @Test
  void withTheWordAlone() {
    List<Measured> videos = measured(plain, JUMPING, PINK);
    Measured first = videos.get(0);
    assertThat(first.shows("jumping")).as(first.toString()).isFalse();
    Measured second = videos.get(1);
    assertThat(second.shows("moving left")).as(second.toString()).isTrue();
    assertThat(second.color()).as(second.toString()).isEqualTo("pink");
  }

  /** Without its file the word is a few letters, which mean a color as chance has it. */
  @Test
  void withoutItsFileTheWordIsNoColor() {
    try (TextToVideoPipeline without = MiniModel.pipeline().build()) {
      Measured video = measured(without, PINK).get(0);
      assertThat(video.color()).as(video.toString()).isNotEqualTo("pink");
    }
  }

  @Test
  void atScaleZeroNoBitIsChanged() {
    GenerationRequest request = request(JUMPING).steps(2).build();
    try (TextToVideoPipeline off = plain.withAdapters(List.of(LORA.scale(0)))) {
      assertThat(off.generate(request).rgb()).isEqualTo(plain.generate(request).rgb());
    }
  }

  /** Of a change as large as training makes it: the bound is that of the model without it. */
  @Test
  void inEightBitsTheErrorIsBoundedAsWithoutTheLora() {
    try (TextToVideoPipeline small = MiniModel.pipeline().precision(Precision.INT8).build();
        TextToVideoPipeline smallAndJumping = small.withAdapters(List.of(LORA))) {
      assertThat(error(small, plain)).isBetween(1e-4, TOLERANCE_OF_EIGHT_BITS);
      assertThat(error(smallAndJumping, jumping)).isBetween(1e-4, TOLERANCE_OF_EIGHT_BITS);
      assertThat(error(jumping, plain)).as("what the LoRA changes").isGreaterThan(0.1);
    }
  }

  /** The largest difference after one step, a linear function of the prediction. */
  private static double error(TextToVideoPipeline actual, TextToVideoPipeline expected) {
    GenerationRequest request = request(JUMPING).steps(1).guidanceScale(1).build();
    NdArray exact = expected.prepare(request).toLatents();
    float[] values = actual.prepare(request).toLatents().values();
    double largest = 0;
    double worst = 0;
    for (int i = 0; i < values.length; i++) {
      largest = Math.max(largest, Math.abs(exact.values()[i]));
      worst = Math.max(worst, Math.abs(exact.values()[i] - values[i]));
    }
    return worst / largest;
  }

  @Test
  void theLoraSaysWhatItIs() {
    AdapterSummary summary = LORA.summary();
    assertThat(summary.format()).isEqualTo("PEFT");
    assertThat(summary.unetLayers()).hasValue(72);
    assertThat(summary.textEncoderLayers()).hasValue(8);
    assertThat(summary.notes())
        .containsEntry("license", "Apache-2.0")
        .containsEntry("trained_words", "jumping");
  }
}
