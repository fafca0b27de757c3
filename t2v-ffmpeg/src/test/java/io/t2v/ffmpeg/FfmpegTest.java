package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.Video;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FfmpegTest {
  @Test
  void missingEncoderIsNamedWithThoseThatAreThere() throws Exception {
    Ffmpeg.load();

    assertThatExceptionOfType(FfmpegException.class)
        .isThrownBy(() -> Ffmpeg.encoder("libx264"))
        .withMessageContaining("no encoder named libx264")
        .withMessageContaining("libopenh264,")
        .withMessageContaining("gif,");
  }

  /** JavaCPP reads them once, so a generation after it would have no more than a small heap's. */
  @Test
  void liftsTheLimitsOfJavaCppWhenItIsLoadedFirst() throws Exception {
    Ffmpeg.load();

    assertThat(System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes")).isEqualTo("0");
    assertThat(System.getProperty("org.bytedeco.javacpp.maxBytes")).isEqualTo("0");
  }

  @Test
  void errorsOfFfmpegAreInWords() {
    assertThatExceptionOfType(FfmpegException.class)
        .isThrownBy(() -> Ffmpeg.check(-28, "write a frame"))
        .withMessage("could not write a frame: No space left on device (-28)");
  }

  @Test
  void missingNativesAreNamedAsDependencies() throws Exception {
    List<URL> path = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (!entry.contains(Loader.getPlatform())) {
        path.add(Path.of(entry).toUri().toURL());
      }
    }
    try (URLClassLoader bare =
        new URLClassLoader(path.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
      // The first attempt fails to link, later ones find classes that failed to load.
      for (int attempt = 0; attempt < 3; attempt++) {
        Throwable thrown = attempt == 1 ? encodeIn(bare) : probeIn(bare);
        assertThat(thrown)
            .isInstanceOf(IOException.class)
            .hasMessageMatching(
                "cannot (encode the video|write MP4):"
                    + " .*org.bytedeco:ffmpeg:\\d.*org.bytedeco:javacpp:\\d.*classifier "
                    + Loader.getPlatform()
                    + " .*");
      }
    }
  }

  @Test
  void memoryLimitIsNamedAsSetting() throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(Limited.class, List.of("-Dorg.bytedeco.javacpp.maxPhysicalBytes=1"));

    assertThat(result.output()).contains("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    assertThat(result.exitCode()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"false, 0", "true, 1"})
  void ffmpegSaysNothingByItselfUnlessTheApplicationSetsALevel(boolean set, int lines)
      throws Exception {
    ChildJvm.Result result = ChildJvm.run(Broken.class, List.of(), Boolean.toString(set));

    assertThat(result.output().lines().filter(line -> line.startsWith("["))).hasSize(lines);
    assertThat(result.output()).contains("cannot read").doesNotContain("\tat ");
  }

  @Test
  void ffmpegGoesOnSayingWhatItSaysWhereSettingsOfTheProcessAreKept() throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(Broken.class, List.of("-Dio.t2v.keepProcessSettings=true"), "false");

    assertThat(result.output().lines()).anyMatch(line -> line.startsWith("["));
  }

  /** Reads a playlist in disguise, and writes an animation of one frame. */
  static final class Broken {
    public static void main(String[] arguments) throws IOException {
      if (Boolean.parseBoolean(arguments[0])) {
        avutil.av_log_set_level(avutil.AV_LOG_WARNING);
      }
      Path file = Files.createTempFile("t2v-", ".mp4");
      try {
        VideoWriter.apng().toBytes(Clips.flat(0, 32, 32, 1));
        VideoReader.create().read(Files.writeString(file, "ffconcat version 1.0\nfile a.mp4\n"));
      } catch (VideoReadException e) {
        System.out.println(e.getMessage());
      } finally {
        Files.delete(file);
      }
    }
  }

  /** Runs in a process whose memory limit is below what it has at its start. */
  static final class Limited {
    public static void main(String[] arguments) {
      try {
        VideoWriter.mp4().toBytes(Clips.flat(0, 32, 32, 1));
      } catch (VideoWriteException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static Throwable probeIn(ClassLoader loader) throws ReflectiveOperationException {
    Class<?> type = loader.loadClass(VideoWriter.class.getName());
    Object writer = type.getMethod("mp4").invoke(null);
    try {
      type.getMethod("requireAvailable").invoke(writer);
      throw new AssertionError("available without natives");
    } catch (InvocationTargetException e) {
      return e.getCause();
    }
  }

  private static Throwable encodeIn(ClassLoader loader) throws ReflectiveOperationException {
    Class<?> clips = loader.loadClass(Clips.class.getName());
    var flat = clips.getDeclaredMethod("flat", int.class, int.class, int.class, int.class);
    flat.setAccessible(true);
    Object video = flat.invoke(null, 0, 32, 32, 1);
    Class<?> type = loader.loadClass(VideoWriter.class.getName());
    Object writer = type.getMethod("mp4").invoke(null);
    try {
      type.getMethod("toBytes", loader.loadClass(Video.class.getName())).invoke(writer, video);
      throw new AssertionError("encoded without natives");
    } catch (InvocationTargetException e) {
      return e.getCause();
    }
  }
}
