package io.t2v.minimodel;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.GenerationRequest;
import io.t2v.NdArray;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
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
  private static final String MOVING = "a blue square moving left on a black background";
  private static final String PINK = "a <pink> circle moving right on a black background";

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

  private static Measured measured(TextToVideoPipeline pipeline, String prompt) {
    return measured(pipeline, request(prompt));
  }

  private static Measured measured(
      TextToVideoPipeline pipeline, GenerationRequest.Builder request) {
    return Measured.of(pipeline.generate(request.build()), "black");
  }

  @Test
  void withTheLoraAShapeJumps() {
    Measured without = measured(plain, JUMPING);
    assertThat(without.shows("jumping")).as(without.toString()).isFalse();
    Measured with = measured(jumping, JUMPING);
    assertThat(with.shows("jumping")).as(with.toString()).isTrue();
    assertThat(with.color()).isEqualTo("red");
  }

  /** One jumps, and the other moves as it does without the LoRA. */
  @Test
  void inABatchEachVideoShowsItsPrompt() {
    List<Video> videos = jumping.generateAll(request(JUMPING, MOVING).build());
    Measured first = Measured.of(videos.get(0), "black");
    assertThat(first.shows("jumping")).as(first.toString()).isTrue();
    Measured second = Measured.of(videos.get(1), "black");
    assertThat(second.shows("moving left")).as(second.toString()).isTrue();
    assertThat(second.shows("jumping")).as(second.toString()).isFalse();
    assertThat(second.color()).isEqualTo("blue");
  }

  @Test
  void atScaleZeroNoBitIsChanged() {
    GenerationRequest request = request(JUMPING).steps(3).build();
    try (TextToVideoPipeline off = plain.withAdapters(List.of(LORA.scale(0)))) {
      assertThat(off.generate(request).rgb()).isEqualTo(plain.generate(request).rgb());
    }
    assertThat(jumping.generate(request).rgb()).isNotEqualTo(plain.generate(request).rgb());
  }

  /** Without its file the word is a few letters, which mean a color as chance has it. */
  @Test
  void theWordIsAColor() {
    Measured pink = measured(plain, MiniModel.request(PINK).seed(0));
    assertThat(pink.color()).as(pink.toString()).isEqualTo("pink");
    assertThat(pink.shows("moving right")).as(pink.toString()).isTrue();
    try (TextToVideoPipeline without = MiniModel.pipeline().build()) {
      assertThat(measured(without, MiniModel.request(PINK).seed(0)).color()).isEqualTo("yellow");
    }
  }

  @Test
  void theWordGoesWithTheLora() {
    Measured both = measured(jumping, "a <pink> square jumping on a black background");
    assertThat(both.color()).as(both.toString()).isEqualTo("pink");
    assertThat(both.shows("jumping")).as(both.toString()).isTrue();
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
