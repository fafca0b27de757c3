package io.t2v.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.VideoInfo;
import io.t2v.Watermark;
import io.t2v.ffmpeg.VideoReader;
import io.t2v.ffmpeg.VideoSettings;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a video file says of how it was made. */
final class VideoInspection {
  private VideoInspection() {}

  /** Whether this is a video rather than a checkpoint: a file, or a folder of PNG files. */
  static boolean isVideo(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return Files.isRegularFile(path);
    }
    // A download from a hub may hold pictures beside the model.
    if (Files.exists(path.resolve("model_index.json"))
        || Files.exists(path.resolve("configuration.json"))) {
      return false;
    }
    try (DirectoryStream<Path> pictures = Files.newDirectoryStream(path, "*.png")) {
      return pictures.iterator().hasNext();
    }
  }

  /**
   * Describes a video file.
   *
   * @return JSON
   * @throws FailureException if the file says nothing of how it was made
   */
  static String describe(Path file) throws IOException {
    VideoInfo clip = settings(file);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file", file.toString());
    fields.put("width", clip.width());
    fields.put("height", clip.height());
    fields.put("frames", clip.frames());
    fields.put("framesPerSecond", clip.framesPerSecond());
    fields.putAll(clip.provenance().properties());
    return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(fields);
  }

  /**
   * Reads the number that the pictures of a video carry.
   *
   * @return 16 hexadecimal digits
   * @throws FailureException if there is none
   */
  static String watermark(Path file) throws IOException {
    return Watermark.read(VideoReader.create().read(file)).stream()
        .mapToObj(HexFormat.of()::toHexDigits)
        .findFirst()
        .orElseThrow(() -> new FailureException("No watermark was found in " + file + "."));
  }

  /** Reads the settings that are expected in a file. */
  static VideoInfo settings(Path file) throws IOException {
    Optional<VideoInfo> settings = VideoSettings.read(file);
    if (settings.isEmpty()) {
      VideoReader.create().withFrames(1).read(file); // says so if it is no video at all
      throw new FailureException(
          file
              + " does not say how it was made: expected a file that t2v wrote, without"
              + " --no-settings.");
    }
    return settings.get();
  }
}
