package io.t2v.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What outlives the process; a token; memory that is not there; results that expire. */
final class RestartTest {
  private static final String PROMPT = "a blue square growing";

  @TempDir private Path folder;

  @Test
  void findsWhatWasFinishedAndNothingHalfWritten() throws Exception {
    String finished;
    String running;
    String queued;
    try (RunningService service = RunningService.start(folder)) {
      finished = service.create(PROMPT, 1);
      service.await(finished);
      running = service.create(PROMPT, 200);
      service.awaitStart(running);
      queued = service.create(PROMPT, 1);
      assertThatThrownBy(() -> RunningService.start(folder, tomcat()))
          .hasStackTraceContaining("in use by another service");
    }
    // As a process leaves it that was killed: the record of a running job, parts of its results,
    // and a job that was being deleted.
    Path half = folder.resolve(running);
    Files.writeString(
        half.resolve("job.json"),
        Files.readString(half.resolve("job.json")).replace("\"failed\"", "\"in_progress\""));
    Files.writeString(half.resolve("video.mp4"), "half");
    Files.writeString(half.resolve("thumbnail.jpg.tmp"), "half");
    Files.createDirectory(folder.resolve(".deleted-video_" + "1".repeat(32)));
    Files.createDirectory(folder.resolve("video_" + "0".repeat(32)));

    try (RunningService service =
        RunningService.start(
            folder,
            "--t2v.service.token=secret",
            "--t2v.service.time-to-live=0s",
            "--t2v.memory-limit=400MB")) {
      assertThat(service.get("/v1/videos").statusCode()).isEqualTo(401);
      assertThat(
              service
                  .send(service.request("/v1/videos").header("Authorization", "Bearer wrong"))
                  .statusCode())
          .isEqualTo(401);
      assertThat(service.get("/").statusCode()).isEqualTo(200);
      assertThat(login(service, "wrong").statusCode()).isEqualTo(401);
      HttpResponse<String> login = login(service, "secret");
      String cookie = login.headers().firstValue("Set-Cookie").orElseThrow();
      assertThat(cookie).contains("HttpOnly", "SameSite=Strict").doesNotContain("secret");

      HttpResponse<String> list =
          service.send(
              service
                  .request("/v1/videos?order=asc")
                  .header("Cookie", cookie.substring(0, cookie.indexOf(';'))));
      assertThat(RunningService.json(list).at("/data").values())
          .filteredOn(video -> !video.get("id").asString().equals(queued))
          .extracting(video -> video.get("id").asString(), video -> video.get("status").asString())
          .containsExactly(tuple(finished, "completed"), tuple(running, "failed"));
      assertThat(RunningService.json(list).at("/data/1/error/code").asString())
          .isEqualTo("interrupted");
      assertThat(files(half)).containsExactly("job.json");
      assertThat(files(folder.resolve(finished)))
          .containsExactlyInAnyOrder("job.json", "video.mp4", "thumbnail.jpg", "spritesheet.jpg");

      // What had not begun is made now.
      HttpResponse<String> events =
          service.send(
              service
                  .request("/v1/videos/" + queued + "/events")
                  .header("Authorization", "Bearer secret"));
      assertThat(events.body()).contains("event:completed");

      HttpResponse<String> tooLarge =
          service.send(
              service
                  .request("/v1/videos")
                  .header("Authorization", "Bearer secret")
                  .header("Content-Type", "application/json")
                  .POST(
                      BodyPublishers.ofString(
                          "{\"prompt\": \"x\", \"size\": \"512x512\", \"num_frames\": 32}")));
      assertThat(tooLarge.statusCode()).isEqualTo(422);
      assertThat(tooLarge.body()).contains("insufficient_memory");

      // The jobs that ended after this start expired at once; the finished one has a day left.
      service.bean(VideoJobs.class).expire();
      assertThat(files(folder)).contains(finished).doesNotContain(running);
    }
  }

  @Test
  void doesNotListenToOtherMachinesWithoutAToken() {
    assertThatThrownBy(() -> RunningService.start(folder, tomcat(), "--server.address=0.0.0.0"))
        .hasStackTraceContaining("there is no t2v.service.token");
  }

  /** A folder for Tomcat, which leaves its own one behind where the start fails. */
  private String tomcat() {
    return "--server.tomcat.basedir=" + folder.resolve("tomcat");
  }

  private static HttpResponse<String> login(RunningService service, String token) {
    return service.send(
        service
            .request("/session")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"token\": \"" + token + "\"}")));
  }

  private static List<String> files(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
