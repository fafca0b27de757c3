package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.Video;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Codecs that are used by many threads at once; a crash takes only a process of its own along. */
class ConcurrentCodecsTest {
  private static final int THREADS = 8;

  @TempDir Path folder;

  @Test
  void everyEncoderAndDecoderServesManyThreads() throws Exception {
    ChildJvm.Result result = ChildJvm.run(AllCodecs.class, List.of(), folder.toString());

    assertThat(result.output()).contains("all right");
    assertThat(result.exitCode()).isZero();
  }

  /** Each encoder and decoder on all threads at the same time, from the first use on. */
  static final class AllCodecs {
    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      List<Video> videos = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        videos.add(Clips.gradients(64 + 32 * i, 64 + 16 * i, 2, 8));
      }
      for (VideoFormat format : VideoFormat.values()) {
        for (VideoEncoder encoder : format.encoders()) {
          if (!format.isFolder() && !encoder.isHardware()) {
            VideoWriter writer = VideoWriter.of(format).withEncoder(encoder);
            check(writer, videos, encoder == VideoEncoder.LIBSVTAV1 ? 24 : 2);
            if (format != VideoFormat.WEBP) { // these natives do not decode it
              checkDecoder(writer, videos.get(0), folder.resolve(encoder + "-" + format));
            }
          }
        }
      }
      System.out.println("all right");
    }

    private static void check(VideoWriter writer, List<Video> videos, int rounds) throws Exception {
      List<byte[]> written = together(rounds, i -> writer.toBytes(videos.get(i % videos.size())));
      for (int i = 0; i < written.size(); i++) {
        requireEqual(written.get(i), writer.toBytes(videos.get(i % videos.size())), writer);
      }
    }

    private static void checkDecoder(VideoWriter writer, Video video, Path file) throws Exception {
      Files.write(file, writer.toBytes(video));
      byte[] expected = VideoReader.create().read(file).rgb();
      for (byte[] read : together(2, i -> VideoReader.create().read(file).rgb())) {
        requireEqual(read, expected, writer);
      }
    }

    private static void requireEqual(byte[] actual, byte[] expected, VideoWriter writer) {
      if (!Arrays.equals(actual, expected)) {
        throw new AssertionError("another result by many threads: " + writer);
      }
    }

    private interface Task {
      byte[] run(int index) throws Exception;
    }

    /** Runs a task on all threads at the same moment, several times. */
    private static List<byte[]> together(int rounds, Task task) throws Exception {
      ExecutorService threads = Executors.newFixedThreadPool(THREADS);
      CyclicBarrier start = new CyclicBarrier(THREADS);
      try {
        List<Future<byte[]>> running = new ArrayList<>();
        for (int i = 0; i < rounds * THREADS; i++) {
          int index = i;
          Callable<byte[]> started =
              () -> {
                start.await();
                return task.run(index);
              };
          running.add(threads.submit(started));
        }
        List<byte[]> results = new ArrayList<>();
        for (Future<byte[]> one : running) {
          results.add(one.get());
        }
        return results;
      } finally {
        threads.shutdownNow();
      }
    }
  }
}
