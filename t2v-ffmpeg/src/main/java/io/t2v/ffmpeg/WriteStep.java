package io.t2v.ffmpeg;

import io.t2v.internal.io.FileErrors;
import java.io.IOException;

/** A step of writing a video, whose failures all become a {@link VideoWriteException}. */
interface WriteStep<T> {
  T run() throws FfmpegException, IOException;

  /**
   * Runs a step.
   *
   * @param failure the start of the message, such as "cannot write panda.mp4"
   * @throws VideoWriteException for everything that the step throws, unexpected errors of the
   *     native side included, with the original as its cause
   */
  static <T> T run(String failure, WriteStep<T> step) throws VideoWriteException {
    try {
      return step.run();
    } catch (VideoWriteException e) {
      throw e;
    } catch (FfmpegException e) {
      throw new VideoWriteException(failure + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new VideoWriteException(failure + ": " + FileErrors.reason(e), e);
    } catch (OutOfMemoryError e) {
      throw new VideoWriteException(
          failure
              + ": out of memory ("
              + e.getMessage()
              + "); allow more with -Xmx, or with -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 for"
              + " memory outside of the Java heap",
          e);
    } catch (RuntimeException | LinkageError e) {
      throw new VideoWriteException(failure + ": unexpected " + e, e);
    }
  }
}
