package io.t2v.ffmpeg;

import java.io.IOException;
import java.util.OptionalDouble;

/**
 * Compares what was read of a file with what the file announced: a number of frames, a duration, or
 * an end.
 *
 * @param input the file, read to its end
 * @param packets the frames that were read
 * @param start the file's own time of the first frame, in seconds
 */
record Completeness(InputFile input, long packets, double start) {
  private static final double SAME_TIME = 1e-6;

  /**
   * Returns where the last frame ends. A file that is whole tells it in its header; the last
   * frame's own duration is often missing, or that of another frame.
   *
   * @param begin of the last frame, in seconds from the first
   * @param end as the frame itself says
   */
  double end(double begin, double end) throws IOException {
    OptionalDouble declared = input.declaredSeconds(start);
    return declared.isPresent() && declared.getAsDouble() > begin + SAME_TIME && isWhole()
        ? declared.getAsDouble()
        : end;
  }

  /**
   * Checks that nothing is missing.
   *
   * @param end of the last frame, in seconds from the first
   * @throws FfmpegException if something is
   */
  void require(double end) throws FfmpegException, IOException {
    if (input.format().equals("gif") && !endsAsGif()) {
      throw new FfmpegException("it has no end: it was cut off");
    }
    OptionalDouble declared = input.declaredSeconds(start);
    double reached = end + 0.5 / input.framesPerSecond();
    boolean lastsAsDeclared = declared.isPresent() && reached >= declared.getAsDouble();
    if (lastsAsDeclared || isWhole()) {
      return;
    }
    long frames = input.stream().nb_frames();
    if (packets < frames) {
      throw new FfmpegException(
          "it ends after " + packets + " of " + frames + " frames: it was cut off");
    }
    if (declared.isPresent()) {
      throw new FfmpegException(
          "it ends after %s of %s seconds: it was cut off"
              .formatted(Text.seconds(end), Text.seconds(declared.getAsDouble())));
    }
  }

  private boolean isWhole() throws IOException {
    long frames = input.stream().nb_frames();
    return (frames > 0 && packets >= frames)
        || (input.format().startsWith("matroska") && MatroskaSegment.isWhole(input.file()));
  }

  private boolean endsAsGif() throws IOException {
    try (ByteSource bytes = ByteSource.open(input.file())) {
      return bytes.read(bytes.size() - 1, 1)[0] == ';';
    }
  }
}
