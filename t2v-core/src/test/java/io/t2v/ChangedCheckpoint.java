package io.t2v;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.device.Precision;
import io.t2v.offload.OffloadPolicy;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A process whose checkpoints are changed between two generations. It prints one line for each
 * folder: its name, and a hash of the second video, or the error.
 */
final class ChangedCheckpoint {
  private static final long FLIPPED_AT = 64;

  private ChangedCheckpoint() {}

  /** arguments: the way to keep weights, and a folder of folders named after what happens. */
  public static void main(String[] arguments) throws IOException {
    try (Stream<Path> folders = Files.list(Path.of(arguments[1]))) {
      for (Path folder : folders.sorted().toList()) {
        System.out.println(folder.getFileName() + " " + outcome(arguments[0], folder));
      }
    }
  }

  private static String outcome(String way, Path folder) throws IOException {
    try (TextToVideoPipeline pipeline = open(way, folder)) {
      video(pipeline, "a red circle");
      for (Path weights : weightFiles(folder)) {
        change(weights, folder);
      }
      return video(pipeline, "a blue square");
    } catch (CheckpointException e) {
      return "CheckpointException: " + e.getMessage();
    }
  }

  private static TextToVideoPipeline open(String way, Path folder) {
    return TextToVideoPipeline.builder()
        .checkpoint(folder)
        .threads(1)
        .offload(
            switch (way) {
              case "component" -> OffloadPolicy.component();
              case "disk" -> OffloadPolicy.disk();
              default -> OffloadPolicy.none();
            })
        .precision(way.equals("int8") ? Precision.INT8 : Precision.FLOAT32)
        .build();
  }

  /** A hash of the video's frames. */
  private static String video(TextToVideoPipeline pipeline, String prompt) {
    GenerationRequest request =
        GenerationRequest.builder(prompt).steps(1).frames(2).seed(1).build();
    return "frames " + Arrays.hashCode(pipeline.generate(request).rgb());
  }

  private static List<Path> weightFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).toList();
    }
  }

  private static void change(Path weights, Path folder) throws IOException {
    switch (folder.getFileName().toString()) {
      case "shrinks" -> setLength(weights, 4096);
      case "grows" -> setLength(weights, Files.size(weights) + 4096);
      case "is-rewritten" -> {
        try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
          file.seek(file.length() - FLIPPED_AT);
          file.write(new byte[16]);
        }
      }
      case "is-replaced" -> {
        Path other = weights.resolveSibling("other");
        Files.write(other, new byte[(int) Files.size(weights)], StandardOpenOption.CREATE_NEW);
        Files.move(other, weights, StandardCopyOption.ATOMIC_MOVE);
      }
      case "vanishes" -> {
        if (Files.exists(folder)) {
          delete(folder);
        }
      }
      default -> {}
    }
  }

  private static void setLength(Path path, long length) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(length);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
