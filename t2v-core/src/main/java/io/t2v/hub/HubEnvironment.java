package io.t2v.hub;

import io.t2v.internal.io.SmallFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads URLs, folders and tokens from the environment variables of Python's libraries. An empty
 * variable counts as absent. No other class reads the environment.
 *
 * @param variables of the process
 * @param home the user's folder
 */
record HubEnvironment(Map<String, String> variables, Path home) {
  private static final int MAX_TOKEN_BYTES = 1 << 16;
  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

  HubEnvironment {
    variables = Map.copyOf(variables);
  }

  static HubEnvironment ofProcess() {
    return new HubEnvironment(System.getenv(), Path.of(System.getProperty("user.home", "")));
  }

  Path huggingFaceCache() {
    return path("HF_HUB_CACHE")
        .or(() -> path("HUGGINGFACE_HUB_CACHE"))
        .orElseGet(() -> huggingFaceHome().resolve("hub"));
  }

  URI huggingFaceEndpoint() {
    return endpoint("HF_ENDPOINT", text("HF_ENDPOINT").orElse("https://huggingface.co"));
  }

  /** The user's token, unless the user said that it is not to be sent without being asked for. */
  Optional<String> huggingFaceToken() {
    if (isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
      return Optional.empty();
    }
    return text("HF_TOKEN")
        .or(() -> text("HUGGING_FACE_HUB_TOKEN"))
        .or(
            () ->
                content(path("HF_TOKEN_PATH").orElseGet(() -> huggingFaceHome().resolve("token"))));
  }

  boolean huggingFaceOffline() {
    return isTrue("HF_HUB_OFFLINE") || isTrue("TRANSFORMERS_OFFLINE");
  }

  /** Whether cached files are to be plain files, as on file systems without symbolic links. */
  boolean withoutLinks() {
    return isTrue("HF_HUB_DISABLE_SYMLINKS");
  }

  private Path huggingFaceHome() {
    return path("HF_HOME")
        .orElseGet(
            () ->
                path("XDG_CACHE_HOME")
                    .orElseGet(() -> home.resolve(".cache"))
                    .resolve("huggingface"));
  }

  Path modelScopeCache() {
    return path("MODELSCOPE_CACHE").orElseGet(() -> home.resolve(".cache").resolve("modelscope"));
  }

  URI modelScopeEndpoint() {
    return endpoint(
        "MODELSCOPE_ENDPOINT",
        text("MODELSCOPE_ENDPOINT")
            .or(() -> text("MODELSCOPE_DOMAIN"))
            .map(address -> address.contains("://") ? address : "https://" + address)
            .orElse("https://www.modelscope.cn"));
  }

  /** Python keeps ModelScope's token in a pickle, which is not read here. */
  Optional<String> modelScopeToken() {
    return text("MODELSCOPE_API_TOKEN");
  }

  private Optional<String> text(String variable) {
    return Optional.ofNullable(variables.get(variable))
        .map(String::strip)
        .filter(value -> !value.isEmpty());
  }

  private Optional<Path> path(String variable) {
    return text(variable)
        .map(
            value ->
                value.equals("~") || value.startsWith("~/")
                    ? home.resolve(value.substring(Math.min(2, value.length())))
                    : Path.of(value));
  }

  private boolean isTrue(String variable) {
    return text(variable).map(value -> TRUE.contains(value.toUpperCase(Locale.ROOT))).orElse(false);
  }

  private static URI endpoint(String variable, String address) {
    try {
      return Urls.endpoint(URI.create(address));
    } catch (IllegalArgumentException e) {
      throw new HubException(
          "The environment variable " + variable + " is not usable: " + e.getMessage(), e);
    }
  }

  private static Optional<String> content(Path file) {
    try {
      return Optional.of(SmallFile.readText(file, MAX_TOKEN_BYTES).strip())
          .filter(token -> !token.isEmpty());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
