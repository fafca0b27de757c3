package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.Video;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrentReadingTest {
  private static final int THREADS = 8;

  @TempDir Path folder;

  @Test
  void manyThreadsReadFilesOfAllKindsAtOnce() throws Exception {
    Video video = Clips.gradients(64, 64, 4, 8);
    List<Path> files = new ArrayList<>();
    for (VideoFormat format :
        List.of(VideoFormat.MP4, VideoFormat.WEBM, VideoFormat.GIF, VideoFormat.MKV)) {
      files.add(Files.write(folder.resolve(format.name()), VideoWriter.of(format).toBytes(video)));
    }
    Path av1 = folder.resolve("av1");
    VideoWriter.mp4().withEncoder(VideoEncoder.LIBSVTAV1).write(video, av1);
    files.add(av1);
    List<byte[]> alone = new ArrayList<>();
    for (Path file : files) {
      alone.add(VideoReader.create().read(file).rgb());
    }

    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Callable<byte[]>> readings = new ArrayList<>();
      for (int i = 0; i < 8 * files.size(); i++) {
        Path file = files.get(i % files.size());
        readings.add(() -> VideoReader.create().read(file).rgb());
      }
      List<Future<byte[]>> read = threads.invokeAll(readings);
      for (int i = 0; i < read.size(); i++) {
        assertThat(read.get(i).get()).isEqualTo(alone.get(i % files.size()));
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
