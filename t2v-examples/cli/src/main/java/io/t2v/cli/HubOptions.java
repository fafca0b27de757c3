package io.t2v.cli;

import io.t2v.hub.Hub;
import io.t2v.hub.HubModel;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options for models that are given by name. */
final class HubOptions {
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  /** Hubs, as they are typed. */
  enum Name {
    HUGGINGFACE(Hub.HUGGING_FACE),
    MODELSCOPE(Hub.MODEL_SCOPE);

    private final Hub hub;

    Name(Hub hub) {
      this.hub = hub;
    }
  }

  @Option(
      names = "--hub",
      paramLabel = "HUB",
      description = "Where a named model is: huggingface or modelscope. Default: huggingface.")
  private Name hub = Name.HUGGINGFACE;

  @Option(
      names = "--revision",
      paramLabel = "NAME",
      description = "Branch, tag or commit of a named model. Default: its main branch.")
  private @Nullable String revision;

  @Option(
      names = "--offline",
      description = "Take a named model as it is in the cache, and do not ask the hub.")
  private boolean offline;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description = "Folder for named models. Default: the one that the hub's Python library uses.")
  private @Nullable Path cache;

  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      description = "Address of the hub, for mirrors. Default: the hub's own.")
  private @Nullable URI endpoint;

  /** Takes a revision if none was given. */
  void completeRevision(@Nullable String recorded) {
    if (revision == null) {
      revision = recorded;
    }
  }

  /** Starts to describe a model, with the options that were given. */
  HubModel.Builder model(String name) {
    HubModel.Builder[] model = new HubModel.Builder[1];
    Usage.check(spec, "NAME", name, value -> model[0] = HubModel.builder(value));
    HubModel.Builder builder = model[0].hub(hub.hub).offline(offline);
    Usage.check(spec, "--revision", revision, builder::revision);
    Usage.check(spec, "--cache", cache, builder::cache);
    Usage.check(spec, "--endpoint", endpoint, builder::endpoint);
    return builder;
  }

  /** The same model as it is in the cache now. */
  HubModel cached(String name, String foundRevision) {
    return model(name).revision(foundRevision).offline(true).build();
  }
}
