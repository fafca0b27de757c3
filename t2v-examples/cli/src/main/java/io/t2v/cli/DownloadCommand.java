package io.t2v.cli;

import io.t2v.hub.HubSnapshot;
import io.t2v.hub.HubVerification;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code t2v download}: a model by name, without using it yet. */
@Command(
    name = "download",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = T2v.Version.class,
    description = {
      "Brings a model by its name into the cache that Python's libraries use, and prints its"
          + " folder.",
      "",
      "Only what is needed is downloaded: one file of weights a network. A broken download goes on"
          + " where it stopped."
    },
    footer = {"", "For example:", "  t2v download ali-vilab/text-to-video-ms-1.7b --variant fp16"})
final class DownloadCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @ParentCommand
  @SuppressWarnings("NullAway.Init")
  private T2v t2v;

  @Parameters(paramLabel = "NAME", description = "Organisation and model, as on the hub.")
  @SuppressWarnings("NullAway.Init")
  private String name;

  @Option(
      names = "--variant",
      paramLabel = "NAME",
      description = "Weights to take where a model has several, such as fp16.")
  private @Nullable String variant;

  @Option(
      names = "--verify",
      description =
          "Compare the files in the cache with the hub's digests, and download again what does not"
              + " match.")
  private boolean verify;

  @Mixin private final HubOptions hub = new HubOptions();

  @Mixin private final ProgressOptions progress = new ProgressOptions();

  @Override
  public Integer call() {
    var model = hub.model(name);
    try (CtrlC ctrlC = CtrlC.listen()) {
      if (verify) {
        HubVerification verified =
            model.cancelledBy(ctrlC.token()::isCancelled).build().verify(variant);
        verified
            .repaired()
            .forEach(file -> spec.commandLine().getErr().println("repaired " + file));
        spec.commandLine().getErr().flush();
      }
      HubSnapshot snapshot =
          Downloads.bring(
              model, variant, ctrlC, progress, t2v.streams(), spec.commandLine().getErr());
      spec.commandLine().getOut().println(snapshot.folder());
      spec.commandLine().getOut().flush();
    }
    return 0;
  }
}
