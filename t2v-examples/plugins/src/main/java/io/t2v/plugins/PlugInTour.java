package io.t2v.plugins;

import io.t2v.ContentRefusedException;
import io.t2v.GenerationRequest;
import io.t2v.NdArray;
import io.t2v.PipelineBuilder;
import io.t2v.Provenance;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.device.Precision;
import io.t2v.offload.ResidencyEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Generates with each of the plug-ins of this module, on a checkpoint of any size, and prints what
 * they did.
 *
 * <pre>{@code
 * java --add-modules ALL-MODULE-PATH -p MODULE-PATH -m io.t2v.plugins/io.t2v.plugins.PlugInTour FOLDER
 * }</pre>
 */
public final class PlugInTour {
  private static final int FRAMES = 2;

  private final Path checkpoint;

  private PlugInTour(Path checkpoint) {
    this.checkpoint = checkpoint;
  }

  /**
   * Runs it.
   *
   * @param arguments the folder of a checkpoint
   */
  public static void main(String[] arguments) {
    PlugInTour tour = new PlugInTour(Path.of(arguments[0]));
    tour.wrapTheDenoiser();
    tour.encodeWords();
    tour.changeTheText();
    tour.guideWithMomentum();
    tour.holdAFrame();
    tour.startFromAVideo();
    tour.filterPrompts();
  }

  private PipelineBuilder builder() {
    return TextToVideoPipeline.builder().checkpoint(checkpoint).threads(1);
  }

  private static GenerationRequest.Builder request(String prompt) {
    return GenerationRequest.builder(prompt).steps(2).frames(FRAMES).seed(1);
  }

  /** Memory plan, offload policy and precision are those of the checkpoint's own denoiser. */
  private void wrapTheDenoiser() {
    AtomicInteger calls = new AtomicInteger();
    List<ResidencyEvent> moves = new ArrayList<>();
    List<ResidencyEvent> movesWithout = new ArrayList<>();
    GenerationRequest request = request("a red circle").build();
    try (TextToVideoPipeline pipeline =
            builder()
                .precision(Precision.INT8)
                .offload(new TracedPolicy(moves::add))
                .denoiser(own -> new CountingDenoiser(own, calls))
                .build();
        TextToVideoPipeline without =
            builder()
                .precision(Precision.INT8)
                .offload(new TracedPolicy(movesWithout::add))
                .build()) {
      boolean samePlan = pipeline.plan(request).shares().equals(without.plan(request).shares());
      boolean sameFrames =
          Arrays.equals(pipeline.generate(request).rgb(), without.generate(request).rgb());
      System.out.println(
          "denoiser: %s calls, same plan %s, same frames %s, same moves %s"
              .formatted(calls, samePlan, sameFrames, moves.equals(movesWithout)));
    }
  }

  /** One word more than fit, which are about twice as many as the checkpoint's own takes. */
  private void encodeWords() {
    String prompt = String.join(" ", Collections.nCopies(149, "panda"));
    try (TextToVideoPipeline pipeline =
        builder().textEncoder(own -> new WordTextEncoder(own.width())).build()) {
      Provenance provenance = pipeline.generate(request(prompt).build()).provenance();
      System.out.println(
          "text encoder: cut off \""
              + provenance.properties().getOrDefault(Provenance.TRUNCATED_TEXT, "")
              + "\"");
    }
  }

  /** Each frame has a text of its own. */
  private void changeTheText() {
    try (TextToVideoPipeline pipeline = builder().build()) {
      byte[] one = pipeline.generate(request("a red circle").build()).rgb();
      byte[] two = pipeline.generate(request("a red circle").promptAt(1, "a dog").build()).rgb();
      System.out.println("text of each frame: changes frames " + !Arrays.equals(one, two));
    }
  }

  /** What a run remembers is gone when the next one starts. */
  private void guideWithMomentum() {
    try (TextToVideoPipeline pipeline = builder().build()) {
      GenerationRequest with =
          request("a red circle").guidance(new MomentumGuidance(9, -0.5)).build();
      GenerationRequest without =
          request("a red circle").guidance(new MomentumGuidance(9, 0)).build();
      byte[] first = pipeline.generate(with).rgb();
      System.out.println(
          "guidance: repeats "
              + Arrays.equals(pipeline.generate(with).rgb(), first)
              + ", changes frames "
              + !Arrays.equals(pipeline.generate(without).rgb(), first));
    }
  }

  /** The first frame of one video in another one. */
  private void holdAFrame() {
    try (TextToVideoPipeline pipeline = builder().build()) {
      NdArray other = pipeline.prepare(request("a dog").build()).toLatents();
      NdArray frame = frame(other, 0);
      GenerationRequest request =
          request("a red circle").constraint(new HeldFirstFrame(frame)).build();
      NdArray held = pipeline.prepare(request).toLatents();
      System.out.println(
          "constraint: first frame held "
              + frame(held, 0).equals(frame)
              + ", second free "
              + !frame(held, 1).equals(frame(other, 1)));
    }
  }

  /** [channels, height, width] of latents [1, channels, frames, height, width]. */
  private static NdArray frame(NdArray latents, int index) {
    long[] shape = latents.shape();
    int channels = Math.toIntExact(shape[1]);
    int pixels = Math.toIntExact(shape[3] * shape[4]);
    float[] values = new float[channels * pixels];
    for (int channel = 0; channel < channels; channel++) {
      int from = (channel * FRAMES + index) * pixels;
      System.arraycopy(latents.values(), from, values, channel * pixels, pixels);
    }
    return NdArray.of(new long[] {channels, shape[3], shape[4]}, values);
  }

  /** With a strength of 0 the video goes through encoder and decoder alone. */
  private void startFromAVideo() {
    try (TextToVideoPipeline pipeline =
        builder().vaeDecoder(new PixelDecoder()).vaeEncoder(new PixelEncoder()).build()) {
      Video video = pipeline.generate(request("a red circle").build());
      GenerationRequest request =
          GenerationRequest.builder("a dog").steps(2).initVideo(video).strength(0).seed(1).build();
      System.out.println(
          "encoder: gives the video back "
              + Arrays.equals(pipeline.generate(request).rgb(), video.rgb()));
    }
  }

  private void filterPrompts() {
    try (TextToVideoPipeline pipeline =
        builder().contentFilter(new WordFilter(Set.of("war"))).build()) {
      pipeline.generate(request("a war").build());
    } catch (ContentRefusedException e) {
      System.out.println("filter: " + e.getMessage());
    }
  }
}
