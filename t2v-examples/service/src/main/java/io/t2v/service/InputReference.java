package io.t2v.service;

import io.t2v.Video;
import io.t2v.ffmpeg.Fit;
import io.t2v.ffmpeg.VideoReadException;
import io.t2v.ffmpeg.VideoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.springframework.web.multipart.MultipartFile;

/**
 * A picture or a video that a client sent for its video to start from. It is read from a temporary
 * file with a name of its own; addresses are never fetched.
 */
@FunctionalInterface
interface InputReference {
  /** The parameter's name. */
  String NAME = "input_reference";

  /** Writes the bytes that the client sent. */
  void writeTo(Path file) throws IOException;

  static InputReference of(MultipartFile file) {
    return target -> file.transferTo(target);
  }

  /** Takes a data URL, as OpenAI's {@code image_url} may be. */
  static InputReference ofUrl(String url) {
    int comma = url.indexOf(',');
    if (!url.startsWith("data:") || comma < 0 || !url.substring(0, comma).endsWith(";base64")) {
      throw ApiException.invalid(
          NAME, "input_reference is fetched from nowhere: send a file, or a data URL in base64.");
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(url.substring(comma + 1));
      return target -> Files.write(target, bytes);
    } catch (IllegalArgumentException e) {
      throw ApiException.invalid(NAME, "The data URL of input_reference is not valid base64.");
    }
  }

  /**
   * Reads the first frames, cropped and scaled to a size.
   *
   * @return one frame if it is a picture
   */
  default Video read(VideoParameters.FrameSize size, int frames) throws IOException {
    Path file = Files.createTempFile("t2v-input-", "");
    try {
      writeTo(file);
      return VideoReader.create()
          .withSize(size.width(), size.height(), Fit.CROP)
          .withFrames(frames)
          .read(file);
    } catch (VideoReadException e) {
      String reason = String.valueOf(e.getMessage()).replace(file.toString(), NAME);
      throw ApiException.invalid(NAME, reason);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
