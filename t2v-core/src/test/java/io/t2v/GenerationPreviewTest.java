package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.scheduler.EulerDiscreteScheduler;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubScheduler;
import io.t2v.testing.StubTextEncoder;
import io.t2v.testing.TinyPipeline;
import io.t2v.unet.LatentSize;
import io.t2v.vae.VaeDecoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is seen of a generation before it is done: previews, and frames as they are decoded. */
class GenerationPreviewTest {
  @TempDir static Path folder;
  private static TextToVideoPipeline pipeline;

  @BeforeAll
  static void open() {
    pipeline = TinyPipeline.open(folder);
  }

  @AfterAll
  static void close() {
    pipeline.close();
  }

  /** Notes what comes. */
  private static class Notes implements FrameSink {
    final List<String> calls = new ArrayList<>();
    final List<byte[]> frames = new ArrayList<>();
    final List<VideoInfo> clips = new ArrayList<>();

    @Override
    public void begin(VideoInfo clip) throws IOException {
      calls.add("begin");
      clips.add(clip);
    }

    @Override
    public void frame(byte[] rgb) throws IOException {
      calls.add("frame");
      frames.add(rgb);
    }

    @Override
    public void end() throws IOException {
      calls.add("end");
    }
  }

  private static GenerationRequest two() {
    return GenerationRequest.builder(List.of("a red circle", "a blue square"))
        .steps(3)
        .frames(2)
        .seeds(List.of(1L, 2L))
        .build();
  }

  @Test
  void framesComeOneByOneAndAreThoseOfTheVideos() throws IOException {
    List<Video> videos = pipeline.generateAll(two());
    Notes notes = new Notes();

    pipeline.prepare(two()).toFrames(notes);

    assertThat(notes.calls)
        .containsExactly("begin", "frame", "frame", "end", "begin", "frame", "frame", "end");
    for (int i = 0; i < 4; i++) {
      assertThat(notes.frames.get(i)).isEqualTo(videos.get(i / 2).rgb(i % 2));
    }
    VideoInfo clip = notes.clips.get(1);
    assertThat(clip.width()).isEqualTo(videos.get(1).width());
    assertThat(clip.frames()).isEqualTo(2);
    assertThat(clip.provenance().properties())
        .isEqualTo(videos.get(1).provenance().properties())
        .containsEntry(Provenance.SEED, 2L);
    assertThat(pipeline.prepare(two()).videoInfo().width()).isEqualTo(clip.width());
  }

  @Test
  void aThousandFramesAreNeverHeld() throws IOException {
    int frames = 1000;
    AtomicInteger decoded = new AtomicInteger();
    try (TextToVideoPipeline counting =
        TextToVideoPipeline.builder()
            .textEncoder(new StubTextEncoder(6))
            .denoiser(new StubDenoiser(6, new LatentSize(2, 3)))
            .vaeDecoder(new CountingDecoder(decoded))
            .scheduler(new StubScheduler())
            .build()) {
      Notes notes = new Notes();
      List<Long> nativeObjects = new ArrayList<>();
      List<VideoInfo> told =
          counting
              .prepare(GenerationRequest.builder("a panda").steps(1).frames(frames).build())
              .toFrames(
                  new FrameSink() {
                    @Override
                    public void begin(VideoInfo clip) {
                      notes.clips.add(clip);
                    }

                    @Override
                    public void frame(byte[] rgb) {
                      nativeObjects.add(Pointer.totalCount());
                      assertThat(decoded)
                          .as("decoded when it comes")
                          .hasValue(nativeObjects.size());
                    }

                    @Override
                    public void end() {}
                  });
      assertThat(nativeObjects).hasSize(frames);
      assertThat(nativeObjects.get(frames - 1))
          .as("native objects")
          .isLessThan(nativeObjects.get(9) + 10);
      assertThat(told.get(0).provenance().properties())
          .isEqualTo(notes.clips.get(0).provenance().properties());
      assertThat(told.get(0).provenance().timings()).containsKey("decode");
    }
  }

  /** Counts the frames that it decodes. */
  private static final class CountingDecoder implements VaeDecoder {
    private final VaeDecoder decoder = new StubDecoder(4);
    private final AtomicInteger count;

    CountingDecoder(AtomicInteger count) {
      this.count = count;
    }

    @Override
    public int latentChannels() {
      return decoder.latentChannels();
    }

    @Override
    public int scaleFactor() {
      return decoder.scaleFactor();
    }

    @Override
    public Tensor decode(Tensor latents) {
      count.incrementAndGet();
      return decoder.decode(latents);
    }

    @Override
    public void close() {
      decoder.close();
    }
  }

  @Test
  void aSinkThatFailsEndsTheGeneration() {
    IOException full = new IOException("full");
    NativeObjects objects = NativeObjects.count();
    Notes failing =
        new Notes() {
          @Override
          public void frame(byte[] rgb) throws IOException {
            throw full;
          }
        };

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> pipeline.prepare(two()).toFrames(failing))
        .isSameAs(full);
    assertThat(failing.calls).containsExactly("begin");
    objects.assertNoMore();
  }

  private static List<Progress> events(PreviewMode mode) {
    List<Progress> events = new ArrayList<>();
    pipeline.prepare(two()).previews(mode).onProgress(events::add).toVideos();
    return events;
  }

  private static List<Preview> previews(PreviewMode mode) {
    return events(mode).stream().flatMap(event -> event.preview().stream()).toList();
  }

  @Test
  void nobodyIsShownAnythingUnasked() {
    assertThat(previews(PreviewMode.NONE)).isEmpty();
  }

  @Test
  void eachStepShowsLatentsInColour() {
    List<Video> videos = pipeline.generateAll(two());
    List<Preview> previews = previews(PreviewMode.COLOURS);

    assertThat(previews).extracting(Preview::step).containsExactly(1, 2, 3);
    assertThat(previews)
        .allSatisfy(
            preview -> {
              assertThat(preview.steps()).isEqualTo(3);
              assertThat(preview.videos()).hasSize(2);
              Video shown = preview.videos().get(1);
              assertThat(shown.frameCount()).isEqualTo(2);
              assertThat(shown.width()).isLessThanOrEqualTo(videos.get(0).width());
            });
  }

  /** Euler's last step ends at what its prediction says of the clean latents. */
  @Test
  void aPreviewShowsTheCleanLatentsThatAPredictionMeans() {
    try (TextToVideoPipeline euler =
        TextToVideoPipeline.builder()
            .checkpoint(GoldenModel.write("one-level", folder.resolve("euler")))
            .scheduler(EulerDiscreteScheduler::fromConfig)
            .threads(1)
            .build()) {
      List<Preview> previews = new ArrayList<>();
      List<Video> videos =
          euler
              .prepare(two())
              .previews(PreviewMode.DECODED)
              .onProgress(progress -> progress.preview().ifPresent(previews::add))
              .toVideos();
      assertThat(previews).hasSize(3);
      for (int i = 0; i < 2; i++) {
        byte[] made = videos.get(i).rgb();
        double last = meanDifference(previews.get(2).videos().get(i).rgb(), made);
        assertThat(last).isLessThan(0.5);
        assertThat(meanDifference(previews.get(0).videos().get(i).rgb(), made)).isGreaterThan(last);
      }
    }
  }

  private static double meanDifference(byte[] a, byte[] b) {
    assertThat(a).hasSameSizeAs(b);
    long sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs((a[i] & 0xff) - (b[i] & 0xff));
    }
    return (double) sum / a.length;
  }

  @Test
  void previewsChangeNothingAndLeaveNothing() {
    List<Video> videos = pipeline.generateAll(two());
    events(PreviewMode.COLOURS);
    NativeObjects objects = NativeObjects.count();
    for (PreviewMode mode : PreviewMode.values()) {
      List<Video> shown =
          pipeline.prepare(two()).previews(mode).onProgress(progress -> {}).toVideos();

      assertThat(shown.get(1).rgb()).isEqualTo(videos.get(1).rgb());
    }
    objects.assertNoMore();
  }
}
