package io.t2v.minimodel;

import io.t2v.GenerationRequest;
import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.scheduler.DpmSolverMultistepScheduler;
import io.t2v.scheduler.SchedulerFactory;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A complete model of 4 million parameters, for demonstrations and for the tests of applications:
 * clips of coloured shapes in motion, 64 × 64 pixels, 8 frames, made in a second or two on one CPU
 * core.
 *
 * <pre>{@code
 * try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
 *   Video video = pipeline.generate(MiniModel.request("a red circle moving right").seed(1).build());
 * }
 * }</pre>
 *
 * <p>A prompt is a color (red, green, blue, yellow, white, purple, orange, cyan), a shape (circle,
 * square, triangle), a motion (moving right, left, up or down, growing, shrinking) and, if wanted,
 * a background: {@code an orange square growing on a navy background} (black, gray, navy). Other
 * words mean nothing to it. At the default settings it shows what such a prompt says; above a
 * guidance scale of 1.5, circles and squares are mixed up at times.
 *
 * <p>A checkpoint is a folder of files, so the model is unpacked once, into {@code t2v/} in the
 * user's cache folder ({@code $XDG_CACHE_HOME} or {@code ~/.cache}, {@code ~/Library/Caches},
 * {@code %LOCALAPPDATA%}). This class has no state; all of it may be used by many threads.
 */
public final class MiniModel {
  /** The number of frames that the model was trained on. */
  public static final int FRAMES = 8;

  /** The number of steps that DPM-Solver++ needs. */
  public static final int STEPS = 25;

  /** The guidance scale at which colors, motions and shapes are right. */
  public static final double GUIDANCE_SCALE = 1.5;

  /**
   * The number of threads for a model of this size: more of them wait for each other longer than
   * they compute, above all where other programs keep the CPU busy.
   */
  public static final int THREADS = 1;

  /** DPM-Solver++, on the model's noise schedule. */
  public static final SchedulerFactory SCHEDULER = DpmSolverMultistepScheduler::fromConfig;

  private static final String RESOURCES = "model/";
  private static final String INDEX = "model.files";

  private MiniModel() {}

  /** A file of the model. */
  private record Entry(String sha256, long size, String name) {
    static Entry parse(String line) {
      String[] fields = line.split(" ", 3);
      return new Entry(fields[0], Long.parseLong(fields[1]), fields[2]);
    }
  }

  /**
   * Returns the model's folder, after unpacking it if that was not done before.
   *
   * <p>Files are checked by their digests, and damaged ones are replaced. Many threads and
   * processes may do this at the same time. If the cache folder cannot be written, a temporary
   * folder is used, which is deleted when the JVM ends.
   *
   * @return a checkpoint in diffusers layout; not to be changed
   * @throws UncheckedIOException if there is no space for its 17 MB
   */
  public static Path folder() {
    try {
      return unpack(cacheRoot(System.getenv(), System.getProperty("os.name", "")));
    } catch (IOException inCache) {
      try {
        return unpackTemporarily();
      } catch (IOException e) {
        e.addSuppressed(inCache);
        throw new UncheckedIOException("Could not unpack the bundled model: " + e.getMessage(), e);
      }
    }
  }

  /**
   * Starts a pipeline on this model, with the scheduler and the number of threads that suit it.
   *
   * @return a builder
   */
  public static PipelineBuilder pipeline() {
    return TextToVideoPipeline.builder().checkpoint(folder()).scheduler(SCHEDULER).threads(THREADS);
  }

  /**
   * Starts a request with the settings that suit this model.
   *
   * @param prompts such as {@code a red circle moving right}
   * @return a builder whose settings may be changed
   * @throws IllegalArgumentException if there is no prompt, or one is blank
   */
  public static GenerationRequest.Builder request(String... prompts) {
    return GenerationRequest.builder(List.of(prompts))
        .frames(FRAMES)
        .steps(STEPS)
        .guidanceScale(GUIDANCE_SCALE)
        .build()
        .toBuilder();
  }

  /** The folder for what programs can make again, where this system has it. */
  static Path cacheRoot(Map<String, String> environment, String system) {
    String os = system.toLowerCase(Locale.ROOT);
    Path home = Path.of(System.getProperty("user.home", ""));
    if (os.contains("win")) {
      String local = environment.getOrDefault("LOCALAPPDATA", "");
      return (local.isEmpty() ? home.resolve("AppData").resolve("Local") : Path.of(local))
          .resolve("t2v")
          .resolve("cache");
    }
    if (os.contains("mac")) {
      return home.resolve("Library").resolve("Caches").resolve("t2v");
    }
    // The specification of XDG asks to ignore relative paths.
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    return (xdg.startsWith("/") ? Path.of(xdg) : home.resolve(".cache")).resolve("t2v");
  }

  /** Unpacks below a folder, under a name that changes with the model. */
  static Path unpack(Path root) throws IOException {
    byte[] index = resource(INDEX);
    Path folder = root.resolve("mini-model-" + sha256(index).substring(0, 16));
    for (Entry entry : entries(index)) {
      unpack(entry, folder.resolve(entry.name()));
    }
    return folder;
  }

  private static Path unpackTemporarily() throws IOException {
    Path root = Files.createTempDirectory("t2v-");
    Path folder = unpack(root);
    // Deleted in reverse order: files are registered last.
    root.toFile().deleteOnExit();
    folder.toFile().deleteOnExit();
    List<Entry> entries = entries(resource(INDEX));
    for (Entry entry : entries) {
      Path parent = folder.resolve(entry.name()).getParent();
      if (parent != null) {
        parent.toFile().deleteOnExit();
      }
    }
    entries.forEach(entry -> folder.resolve(entry.name()).toFile().deleteOnExit());
    return folder;
  }

  /**
   * A file appears complete or not at all: whoever unpacks at the same time writes the same content
   * under another name, and the last one replaces what the first one made.
   */
  private static void unpack(Entry entry, Path file) throws IOException {
    if (isIntact(entry, file)) {
      return;
    }
    Path parent = file.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    Path temporary = Files.createTempFile(parent, "." + file.getFileName(), ".part");
    try {
      Files.write(temporary, resource(RESOURCES + entry.name()));
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      // Windows does not replace a file that is in use; another process made it then.
      if (!isIntact(entry, file)) {
        throw e;
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static boolean isIntact(Entry entry, Path file) throws IOException {
    return Files.isRegularFile(file)
        && Files.size(file) == entry.size()
        && sha256(Files.readAllBytes(file)).equals(entry.sha256());
  }

  private static List<Entry> entries(byte[] index) {
    return new String(index, StandardCharsets.UTF_8).lines().map(Entry::parse).toList();
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = MiniModel.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException("the resource " + name + " is missing");
      }
      return in.readAllBytes();
    }
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
