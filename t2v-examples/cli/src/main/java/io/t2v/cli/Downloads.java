package io.t2v.cli;

import io.t2v.hub.DownloadProgress;
import io.t2v.hub.HubModel;
import io.t2v.hub.HubSnapshot;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Brings a named model onto this machine, and shows how far that is. */
final class Downloads {
  private static final double GB = 1e9;

  private Downloads() {}

  /** Downloads what is missing; nothing is shown if nothing is. */
  static HubSnapshot bring(
      HubModel.Builder model,
      @Nullable String variant,
      CtrlC ctrlC,
      ProgressOptions progressOptions,
      StandardStreams streams,
      PrintWriter err) {
    // Opened with the first byte: most often everything is there.
    ProgressDisplay[] display = new ProgressDisplay[1];
    try {
      return model
          .cancelledBy(ctrlC.token()::isCancelled)
          .onProgress(
              progress -> {
                if (display[0] == null) {
                  display[0] = progressOptions.open("download", streams, err);
                }
                display[0].show(progress.fraction(), describe(progress));
              })
          .build()
          .download(variant);
    } finally {
      if (display[0] != null) {
        display[0].close();
      }
    }
  }

  private static String describe(DownloadProgress progress) {
    return String.format(
        Locale.ROOT,
        "%.2f of %.2f GB, %s",
        progress.bytes() / GB,
        progress.totalBytes() / GB,
        progress.file());
  }
}
