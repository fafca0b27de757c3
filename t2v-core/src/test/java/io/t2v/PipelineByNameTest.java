package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.hub.DownloadProgress;
import io.t2v.hub.HubException;
import io.t2v.hub.HubModel;
import io.t2v.testing.FakeHub;
import io.t2v.testing.GoldenModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that are given by name. */
class PipelineByNameTest {
  @TempDir Path temporary;

  @Test
  void downloadsAndOpens() throws IOException {
    Path model = GoldenModel.write("one-level", temporary.resolve("model"));
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(model)) {
      for (Path file : (Iterable<Path>) walk.filter(Files::isRegularFile)::iterator) {
        files.put(model.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    List<DownloadProgress> seen = new ArrayList<>();
    try (FakeHub hub = new FakeHub()) {
      String commit = hub.branch("main", files);
      HubModel named =
          HubModel.builder(FakeHub.MODEL)
              .endpoint(hub.endpoint())
              .cache(temporary.resolve("cache"))
              .onProgress(seen::add)
              .build();
      try (TextToVideoPipeline pipeline =
          TextToVideoPipeline.builder().checkpoint(named).threads(1).build()) {
        Video video =
            pipeline.generate(GenerationRequest.builder("x").steps(1).frames(1).seed(1).build());
        assertThat(video.provenance().properties())
            .containsEntry(Provenance.CHECKPOINT, FakeHub.MODEL + "@" + commit);
      }
      assertThat(seen).isNotEmpty();
      assertThatExceptionOfType(HubException.class)
          .isThrownBy(() -> TextToVideoPipeline.builder().checkpoint(named).variant("fp16").build())
          .withMessageContaining("no fp16 weights");
    }
  }

  @Test
  void saysHowToRepairADamagedSnapshot() throws IOException {
    try (FakeHub hub = new FakeHub()) {
      hub.branch("main", FakeHub.diffusersFiles());
      HubModel named =
          HubModel.builder(FakeHub.MODEL)
              .endpoint(hub.endpoint())
              .cache(temporary.resolve("cache"))
              .build();
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> TextToVideoPipeline.builder().checkpoint(named).threads(1).build())
          .withMessageContaining("t2v download " + FakeHub.MODEL + " --verify")
          .withCauseInstanceOf(CheckpointException.class);
    }
  }

  @Test
  void refusesPathsAsNames() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextToVideoPipeline.builder().checkpoint("./models/ms"))
        .withMessageContaining("a folder is given as Path.of(...)");
  }

  @Test
  void takesOneCheckpoint() {
    assertThatIllegalStateException()
        .isThrownBy(
            () -> TextToVideoPipeline.builder().checkpoint(temporary).checkpoint("org/model"))
        .withMessage("checkpoint was already set to " + temporary + ", now to org/model");
    assertThatIllegalStateException()
        .isThrownBy(
            () -> TextToVideoPipeline.builder().checkpoint("org/model").checkpoint(temporary));
  }
}
