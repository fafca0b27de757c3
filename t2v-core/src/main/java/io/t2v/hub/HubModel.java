package io.t2v.hub;

import static com.google.common.base.Preconditions.checkArgument;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A model on a hub, by its name. It is taken from the cache that Python's library of that hub uses,
 * or downloaded into it: only the files that are needed, resumed after a broken connection, checked
 * by their digests.
 *
 * <pre>{@code
 * TextToVideoPipeline.builder()
 *     .checkpoint(HubModel.builder("ali-vilab/text-to-video-ms-1.7b")
 *         .revision("main")
 *         .onProgress(progress -> bar.update(progress.fraction()))
 *         .build())
 *     .variant("fp16")
 *     .build();
 * }</pre>
 *
 * <p>A connection that brings less than 1000 bytes a second for a minute is closed and opened
 * again, five times without progress at most; see {@link Builder#minimumSpeed}. A download as a
 * whole takes as long as it takes, unless {@link Builder#timeout} says otherwise.
 *
 * <p>What is not set comes from the environment variables that Python's libraries know:
 *
 * <table>
 * <caption>Environment variables</caption>
 * <tr><th></th><th>Hugging Face</th><th>ModelScope</th></tr>
 * <tr><td>cache</td><td>{@code HF_HUB_CACHE}, {@code HF_HOME}, {@code XDG_CACHE_HOME}</td>
 *     <td>{@code MODELSCOPE_CACHE}</td></tr>
 * <tr><td>token</td><td>{@code HF_TOKEN}, {@code HUGGING_FACE_HUB_TOKEN}, {@code HF_TOKEN_PATH}, the
 *     file that logging in leaves</td><td>{@code MODELSCOPE_API_TOKEN}</td></tr>
 * <tr><td>endpoint</td><td>{@code HF_ENDPOINT}</td><td>{@code MODELSCOPE_ENDPOINT}</td></tr>
 * <tr><td>offline</td><td>{@code HF_HUB_OFFLINE}</td><td></td></tr>
 * </table>
 *
 * <p>A proxy is taken from the JVM's own settings ({@code https.proxyHost}). Immutable, and safe
 * for use by many threads if its listener is.
 */
public final class HubModel {
  /** Two parts; each begins and ends with a letter or digit, or an underscore. */
  private static final Pattern NAME =
      Pattern.compile("\\w([\\w.-]{0,94}\\w)?/\\w([\\w.-]{0,94}\\w)?");

  private final String name;
  private final Builder settings;

  private HubModel(Builder settings) {
    this.name = settings.name;
    this.settings = settings;
  }

  /**
   * Names a model on Hugging Face's hub, at its main branch.
   *
   * @param name organisation and model, such as {@code ali-vilab/text-to-video-ms-1.7b}
   * @return the model, not looked for yet
   * @throws IllegalArgumentException if it is no such name
   */
  public static HubModel of(String name) {
    return builder(name).build();
  }

  /**
   * Starts to describe a model.
   *
   * @param name organisation and model, such as {@code ali-vilab/text-to-video-ms-1.7b}
   * @return a builder
   * @throws IllegalArgumentException if it is no such name
   */
  public static Builder builder(String name) {
    checkArgument(
        isName(name),
        "\"%s\" is no name of a model, expected organisation/model; a folder is given as"
            + " Path.of(...)",
        name);
    return new Builder(name);
  }

  /**
   * Tells whether a text has the form of a model's name.
   *
   * @param text any
   * @return true for two words with a slash between them
   */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches() && !text.contains("..") && !text.contains("--");
  }

  /**
   * Returns the model's name.
   *
   * @return organisation and model
   */
  public String name() {
    return name;
  }

  /**
   * Looks for the model in the cache, without asking the hub.
   *
   * @param variant word in the names of the weight files, such as {@code fp16}; null for none
   * @return the model as it was when the hub was asked last; empty if it is not there, or
   *     incomplete
   */
  public Optional<HubSnapshot> cached(@Nullable String variant) {
    try {
      return Optional.of(search(variant).cached());
    } catch (HubException e) {
      return Optional.empty();
    }
  }

  /**
   * Downloads the plain weights, as {@link #download(String)} does.
   *
   * @return where they are
   * @throws HubException if the model cannot be found, downloaded or stored
   * @throws java.util.concurrent.CancellationException if the download was cancelled, or the thread
   *     interrupted, whose flag stays set; the next download resumes this one
   */
  public HubSnapshot download() {
    return download(null);
  }

  /**
   * Asks the hub what the revision is now, and downloads what the cache lacks. The hub is not asked
   * for a commit that is in the cache, nor in offline mode.
   *
   * @param variant word in the names of the weight files, such as {@code fp16}; null for none
   * @return where it is
   * @throws HubException if the model cannot be found, downloaded or stored
   * @throws java.util.concurrent.CancellationException if the download was cancelled, or the thread
   *     interrupted, whose flag stays set; the next download resumes this one
   */
  public HubSnapshot download(@Nullable String variant) {
    if (isOffline()) {
      try {
        return search(variant).cached();
      } catch (HubException e) {
        throw new HubException(
            e.getMessage() + " The hub was not asked, in offline mode: download it once.", e);
      }
    }
    Optional<HubSnapshot> pinned =
        HuggingFaceCache.isCommit(revision()) ? cached(variant) : Optional.empty();
    if (pinned.isPresent()) {
      return pinned.get();
    }
    Connection hub = connect();
    return search(variant)
        .download(hub.repository, hub.client, settings.listener, hub.cancellation);
  }

  /**
   * Repairs the model in the cache: downloads what is missing, and every file whose content has not
   * the digest that the hub names. It reads the whole model, some seconds for each gigabyte.
   *
   * @param variant word in the names of the weight files, such as {@code fp16}; null for none
   * @return where the model is, and what was repaired
   * @throws HubException if a file cannot be downloaded or stored, or in offline mode
   * @throws java.util.concurrent.CancellationException if the download was cancelled, or the thread
   *     interrupted, whose flag stays set
   */
  public HubVerification verify(@Nullable String variant) {
    if (isOffline()) {
      throw new HubException(
          this
              + " cannot be verified in offline mode: the digests of its files come from the hub.");
    }
    Connection hub = connect();
    return search(variant).verify(hub.repository, hub.client, settings.listener, hub.cancellation);
  }

  private record Connection(HubClient client, Repository repository, Cancellation cancellation) {}

  private Connection connect() {
    Cancellation cancellation =
        new Cancellation(
            settings.cancelled,
            settings.sleeper,
            Deadline.in(Optional.ofNullable(settings.timeout), settings.nanoTime));
    URI endpoint = endpoint();
    HubClient client =
        new HubClient(
            endpoint, credentials(), name, settings.minimumSpeed, cancellation, settings.nanoTime);
    return new Connection(
        client,
        isHuggingFace()
            ? new HuggingFaceRepository(client, endpoint, name)
            : new ModelScopeRepository(client, endpoint, name),
        cancellation);
  }

  private SnapshotResolver search(@Nullable String variant) {
    return new SnapshotResolver(name, revision(), variant, cache());
  }

  private boolean isHuggingFace() {
    return settings.hub == Hub.HUGGING_FACE;
  }

  private String revision() {
    if (settings.revision != null) {
      return settings.revision;
    }
    return isHuggingFace() ? "main" : "master";
  }

  private boolean isOffline() {
    return settings.offline || (isHuggingFace() && settings.environment.huggingFaceOffline());
  }

  private LocalCache cache() {
    HubEnvironment environment = settings.environment;
    Path root = settings.cache;
    if (isHuggingFace()) {
      return new HuggingFaceCache(
          root == null ? environment.huggingFaceCache() : root, name, !environment.withoutLinks());
    }
    return new ModelScopeCache(root == null ? environment.modelScopeCache() : root, name);
  }

  private URI endpoint() {
    if (settings.endpoint != null) {
      return settings.endpoint;
    }
    return isHuggingFace()
        ? settings.environment.huggingFaceEndpoint()
        : settings.environment.modelScopeEndpoint();
  }

  private Map<String, String> credentials() {
    HubEnvironment environment = settings.environment;
    Optional<String> token = Optional.ofNullable(settings.token);
    if (isHuggingFace()) {
      return token
          .or(environment::huggingFaceToken)
          .map(text -> Map.of("Authorization", "Bearer " + text))
          .orElse(Map.of());
    }
    return token
        .or(environment::modelScopeToken)
        .map(text -> Map.of("Authorization", "Bearer " + text, "Cookie", "m_session_id=" + text))
        .orElse(Map.of());
  }

  @Override
  public String toString() {
    return name + (settings.revision == null ? "" : "@" + settings.revision);
  }

  /** Describes a model. Each setter checks its value at once. Not thread-safe. */
  public static final class Builder {
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]+");
    private static final Duration LONGEST = Duration.ofDays(365);

    private final String name;
    private Hub hub = Hub.HUGGING_FACE;
    private @Nullable String revision;
    private @Nullable String token;
    private @Nullable URI endpoint;
    private @Nullable Path cache;
    private boolean offline;
    private DownloadListener listener = progress -> {};
    private BooleanSupplier cancelled = () -> false;
    private HubEnvironment environment = HubEnvironment.ofProcess();
    private Sleeper sleeper = Sleeper.SYSTEM;
    private LongSupplier nanoTime = System::nanoTime;
    private MinimumSpeed minimumSpeed = MinimumSpeed.DEFAULT;
    private @Nullable Duration timeout;

    private Builder(String name) {
      this.name = name;
    }

    private Builder(Builder other) {
      name = other.name;
      hub = other.hub;
      revision = other.revision;
      token = other.token;
      endpoint = other.endpoint;
      cache = other.cache;
      offline = other.offline;
      listener = other.listener;
      cancelled = other.cancelled;
      environment = other.environment;
      sleeper = other.sleeper;
      nanoTime = other.nanoTime;
      minimumSpeed = other.minimumSpeed;
      timeout = other.timeout;
    }

    /**
     * Sets where the model is published. Default: on Hugging Face's hub.
     *
     * @param hub one of two
     * @return this builder
     */
    public Builder hub(Hub hub) {
      this.hub = hub;
      return this;
    }

    /**
     * Sets which version to take. Default: the main branch.
     *
     * @param revision a branch, a tag, a commit (40 hexadecimal digits), or on Hugging Face's hub a
     *     pull request such as {@code refs/pr/1}
     * @return this builder
     * @throws IllegalArgumentException if no revision can have this name
     */
    public Builder revision(String revision) {
      checkArgument(
          RepositoryPaths.isSafe(revision),
          "revision is \"%s\", expected a branch, a tag or a commit",
          revision);
      this.revision = revision;
      return this;
    }

    /**
     * Sets the token for private models. It goes to the hub's own server and to no other. Default:
     * the one that the user logged in with, if any.
     *
     * @param token of the user's account on the hub
     * @return this builder
     * @throws IllegalArgumentException if it holds other characters than tokens do
     */
    public Builder token(String token) {
      // Not shown: a token is a secret.
      checkArgument(
          TOKEN.matcher(token).matches(), "the token is empty, or holds blanks or line ends");
      this.token = token;
      return this;
    }

    /**
     * Sets the hub's address, for mirrors. Default: the hub's own.
     *
     * @param endpoint such as {@code https://huggingface.co}
     * @return this builder
     * @throws IllegalArgumentException if it is no address of a web server
     */
    public Builder endpoint(URI endpoint) {
      this.endpoint = Urls.endpoint(endpoint);
      return this;
    }

    /**
     * Sets the folder of the cache. Default: the one that Python's library uses.
     *
     * @param cache the folder that holds, among others, {@code models--org--name} (Hugging Face) or
     *     {@code models} (ModelScope)
     * @return this builder
     */
    public Builder cache(Path cache) {
      this.cache = cache;
      return this;
    }

    /**
     * Sets whether to take what is in the cache, and never to ask the hub. Default: what the
     * environment says, or false.
     *
     * @param offline true to stay offline
     * @return this builder
     */
    public Builder offline(boolean offline) {
      this.offline = offline;
      return this;
    }

    /**
     * Sets who is told how far a download is.
     *
     * @param listener called on the thread that downloads
     * @return this builder
     */
    public Builder onProgress(DownloadListener listener) {
      this.listener = listener;
      return this;
    }

    /**
     * Sets what stops a download, within a tenth of a second. (Interrupting its thread does so as
     * well.)
     *
     * @param cancelled asked again and again, such as {@code token::isCancelled}
     * @return this builder
     */
    public Builder cancelledBy(BooleanSupplier cancelled) {
      this.cancelled = cancelled;
      return this;
    }

    /**
     * Sets how slow a connection may be. One that is slower is closed, and the download resumed on
     * another; after five such connections without progress it fails. Default: 1000 bytes a second,
     * on average over 60 seconds.
     *
     * @param bytesPerSecond at least 1
     * @param window over which to average, at least a second
     * @return this builder
     * @throws IllegalArgumentException if either is less
     */
    public Builder minimumSpeed(long bytesPerSecond, Duration window) {
      checkArgument(
          bytesPerSecond >= 1, "bytesPerSecond is %s, expected at least 1", bytesPerSecond);
      checkArgument(
          window.compareTo(Duration.ofSeconds(1)) >= 0 && window.compareTo(LONGEST) <= 0,
          "window is %s, expected 1 second to 365 days",
          window);
      this.minimumSpeed = new MinimumSpeed(bytesPerSecond, window);
      return this;
    }

    /**
     * Sets how long a download may take as a whole, waits between attempts included. Default: no
     * limit.
     *
     * @param timeout more than zero
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder timeout(Duration timeout) {
      checkArgument(
          timeout.compareTo(Duration.ZERO) > 0 && timeout.compareTo(LONGEST) <= 0,
          "timeout is %s, expected more than zero and at most 365 days",
          timeout);
      this.timeout = timeout;
      return this;
    }

    Builder environment(HubEnvironment environment) {
      this.environment = environment;
      return this;
    }

    Builder sleeper(Sleeper sleeper) {
      this.sleeper = sleeper;
      return this;
    }

    Builder nanoTime(LongSupplier nanoTime) {
      this.nanoTime = nanoTime;
      return this;
    }

    /**
     * Makes the model.
     *
     * @return the model, not looked for yet
     */
    public HubModel build() {
      return new HubModel(new Builder(this));
    }
  }
}
