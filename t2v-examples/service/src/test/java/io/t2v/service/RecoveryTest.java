package io.t2v.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.t2v.GenerationRequest;
import io.t2v.service.JobRecord.JobError;
import io.t2v.service.JobRecord.Status;
import io.t2v.spring.LoraChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.json.JsonMapper;

/** Jobs of a process that was killed, and jobs that cannot be saved, without a web server. */
final class RecoveryTest {
  private static final VideoSettings SETTINGS =
      new VideoSettings(
          "a boat", "blur", 64, 32, 5, 8, 3, 2.5, 7, List.of(LoraChoice.of("motion")), false);

  @TempDir private Path folder;
  private FolderStore store;

  @BeforeEach
  void open() throws IOException {
    store = new FolderStore(properties(), JsonMapper.builder().build());
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private ServiceProperties properties() {
    return new ServiceProperties(
        folder,
        Duration.ofHours(1),
        2,
        1,
        null,
        List.of(),
        null,
        null,
        null,
        8,
        null,
        200,
        64,
        1 << 20,
        4000,
        DataSize.ofMegabytes(1),
        Duration.ZERO);
  }

  /** The digit is that of its id, and of its time. */
  private static JobRecord queued(int digit, VideoSettings settings) {
    return JobRecord.queued("video_" + String.valueOf(digit).repeat(32), settings, digit);
  }

  private VideoJobs recovered() throws IOException {
    JobQueue queue = new JobQueue(runner(), properties(), new SimpleMeterRegistry());
    return new VideoJobs(store, queue, Clock.systemUTC(), properties());
  }

  private JobRunner runner() {
    return new JobRunner(null, store, properties());
  }

  @Test
  void jobsThatHadNotBegunWaitAgainInTheirOrder() throws Exception {
    store.save(queued(2, SETTINGS));
    store.save(queued(3, SETTINGS).started(4));
    store.save(queued(1, SETTINGS));
    store.save(queued(4, SETTINGS));
    VideoJobs jobs = recovered();
    List<VideoJob> all = jobs.list(true, null);
    assertThat(all)
        .extracting(job -> job.record().status())
        .as("the third had begun, and two may wait")
        .containsExactly(Status.QUEUED, Status.QUEUED, Status.FAILED, Status.FAILED);
    assertThat(all).extracting(jobs::queuePosition).containsExactly(0, 1, 0, 0);
    assertThat(all.get(3).record().error()).isEqualTo(JobError.INTERRUPTED);
    assertThat(store.load())
        .extracting(JobRecord::status)
        .containsExactly(Status.QUEUED, Status.QUEUED, Status.FAILED, Status.FAILED);
    assertThat(all.get(0).begin())
        .isEqualTo(
            GenerationRequest.builder("a boat")
                .negativePrompt("blur")
                .size(64, 32)
                .frames(5)
                .framesPerSecond(8)
                .steps(3)
                .guidanceScale(2.5)
                .seed(7)
                .build());
    assertThat(all.get(0).record().settings().loras()).containsExactly(LoraChoice.of("motion"));
  }

  @Test
  void jobsWhoseRequestIsNotThereAnyMoreAreFailed() throws Exception {
    VideoSettings fromPicture =
        new VideoSettings("a boat", null, 64, 32, 5, 8, 3, 2.5, 7, List.of(), true);
    store.save(queued(1, fromPicture));
    store.save(queued(2, SETTINGS));
    Path record = folder.resolve(queued(2, SETTINGS).id()).resolve("job.json");
    Files.writeString(record, Files.readString(record).replace("\"frames\":5", "\"frames\":0"));
    assertThat(recovered().list(true, null))
        .extracting(job -> job.record().error())
        .containsExactly(JobError.INTERRUPTED, JobError.INTERRUPTED);
  }

  @Test
  void aJobWhoseStateCannotBeSavedIsFailedWithTheReason() throws Exception {
    JobRecord record = queued(1, SETTINGS);
    VideoJob job =
        VideoJob.create(
            record.id(),
            SETTINGS,
            SETTINGS.toRequest(),
            store,
            Clock.systemUTC(),
            Duration.ofHours(1));
    Files.createDirectory(folder.resolve(record.id()).resolve("job.json.tmp"));
    runner().run(job);
    assertThat(job.record().status()).isEqualTo(Status.FAILED);
    assertThat(job.record().error())
        .isEqualTo(new JobError("storage_failed", "The job could not be saved; see the log."));
    assertThat(job.events().after(0))
        .extracting(JobEvents.Event::kind)
        .endsWith(JobEvents.Kind.FAILED);
    assertThat(job.begin()).as("what is generated after that").isNull();
  }

  @Test
  void aStopLeavesJobsThatWaitForTheNextProcess() throws Exception {
    JobQueue queue = new JobQueue(runner(), properties(), new SimpleMeterRegistry());
    VideoJobs jobs = new VideoJobs(store, queue, Clock.systemUTC(), properties());
    VideoJob job = jobs.create(SETTINGS, SETTINGS.toRequest());
    queue.stop();
    assertThat(store.load()).extracting(JobRecord::status).containsExactly(Status.QUEUED);
    job.interrupt();
    assertThat(job.begin()).as("what is generated after the stop").isNull();
    assertThat(store.load()).extracting(JobRecord::status).containsExactly(Status.QUEUED);
  }
}
