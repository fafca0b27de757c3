package io.t2v.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.testing.FakeHub;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads from a hub that behaves like Hugging Face's, into the cache that Python shares. */
class HubDownloadTest {
  private static final String UNET = "unet/diffusion_pytorch_model.fp16.safetensors";
  private static final Set<String> FP16 =
      Set.of(
          "model_index.json",
          "README.md",
          "scheduler/scheduler_config.json",
          "tokenizer/vocab.json",
          "tokenizer/merges.txt",
          "tokenizer/special_tokens_map.json",
          "tokenizer/tokenizer_config.json",
          "text_encoder/config.json",
          "text_encoder/model.fp16.safetensors",
          "unet/config.json",
          UNET,
          "vae/config.json",
          "vae/diffusion_pytorch_model.fp16.safetensors");

  @TempDir Path cache;

  private final Map<String, byte[]> files = FakeHub.diffusersFiles();
  private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong clock = new AtomicLong();
  private FakeHub hub;
  private String commit;

  @BeforeEach
  void start() {
    hub = new FakeHub();
    commit = hub.branch("main", files);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private HubModel.Builder model() {
    return model(FakeHub.MODEL, Map.of());
  }

  private HubModel.Builder model(String name, Map<String, String> variables) {
    return HubModel.builder(name)
        .environment(new HubEnvironment(variables, cache))
        .endpoint(hub.endpoint())
        .cache(cache)
        .sleeper(
            time -> {
              pauses.add(time);
              Thread.yield();
            });
  }

  private Path repository() {
    return cache.resolve("models--org--tiny-model");
  }

  private Path snapshot() {
    return repository().resolve("snapshots").resolve(commit);
  }

  private static Set<String> filesIn(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .collect(Collectors.toSet());
    }
  }

  private Duration paused() {
    return pauses.stream().reduce(Duration.ZERO, Duration::plus);
  }

  private String blob(String file) {
    return FakeHub.sha256(files.get(file));
  }

  private HubException failure(HubModel model) {
    return org.assertj.core.api.Assertions.catchThrowableOfType(
        HubException.class, () -> model.download("fp16"));
  }

  @Test
  void bringsWhatIsNeededIntoPythonsLayout() throws IOException {
    HubSnapshot snapshot = model().build().download("fp16");

    assertThat(snapshot).isEqualTo(new HubSnapshot(FakeHub.MODEL, commit, snapshot()));
    assertThat(filesIn(snapshot())).isEqualTo(FP16);
    for (String file : FP16) {
      Path place = snapshot().resolve(file);
      boolean large = file.endsWith(".safetensors");
      String name = large ? blob(file) : FakeHub.gitSha1(files.get(file));
      String up = file.contains("/") ? "../../../blobs/" : "../../blobs/";
      assertThat(Files.readSymbolicLink(place)).hasToString(up + name);
      assertThat(place).hasBinaryContent(files.get(file));
    }
    assertThat(repository().resolve("refs/main")).hasContent(commit);
    assertThat(filesIn(repository().resolve("blobs"))).hasSize(FP16.size());
    assertThat(cache.resolve(".locks/models--org--tiny-model/" + blob(UNET) + ".lock")).exists();
  }

  @Test
  void takesThePlainWeightsWithoutVariant() throws IOException {
    model().build().download();
    assertThat(filesIn(snapshot()))
        .contains("unet/diffusion_pytorch_model.safetensors")
        .noneMatch(file -> file.contains("fp16") || file.endsWith(".bin"));
  }

  @Test
  void asksForTheRevisionAloneWhenAllIsThere() {
    model().build().download("fp16");
    hub.requests().clear();
    model().build().download("fp16");
    assertThat(hub.requests())
        .extracting(FakeHub.Request::path)
        .containsExactly("/api/models/org/tiny-model/revision/main");
  }

  @Test
  void asksNothingAboutACommitThatIsThere() {
    model().revision(commit).build().download("fp16");
    assertThat(repository().resolve("refs")).doesNotExist();
    hub.requests().clear();
    assertThat(model().revision(commit).build().download("fp16").revision()).isEqualTo(commit);
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void aNewCommitSharesContentsWithTheOldOne() throws IOException {
    model().build().download("fp16");
    Map<String, byte[]> changed = new TreeMap<>(files);
    changed.put("unet/config.json", FakeHub.text("{}"));
    String newCommit = hub.branch("main", changed);
    hub.requests().clear();

    assertThat(model().build().download("fp16").revision()).isEqualTo(newCommit);
    assertThat(hub.downloads()).isEmpty();
    assertThat(repository().resolve("refs/main")).hasContent(newCommit);
    assertThat(repository().resolve("snapshots/" + newCommit + "/unet/config.json"))
        .hasContent("{}");
    assertThat(filesIn(repository().resolve("blobs"))).hasSize(FP16.size() + 1);
    assertThat(snapshot().resolve("unet/config.json"))
        .hasBinaryContent(files.get("unet/config.json"));
  }

  @Test
  void takesTagsAndPullRequests() {
    String other = hub.branch("refs/pr/1", files);
    HubSnapshot snapshot = model().revision("refs/pr/1").build().download("fp16");
    assertThat(snapshot.revision()).isEqualTo(other);
    assertThat(repository().resolve("refs/refs/pr/1")).hasContent(other);
    assertThat(hub.requests().get(0).path()).endsWith("/revision/refs%2Fpr%2F1");
  }

  @Test
  void theTokenGoesToTheHubAlone() {
    model().token("hf_secret").build().download("fp16");
    assertThat(hub.requests())
        .allSatisfy(
            request -> {
              assertThat(request.header("Accept-Encoding")).isEqualTo("identity");
              assertThat(request.header("Authorization"))
                  .isEqualTo(request.server().equals("hub") ? "Bearer hf_secret" : "");
            });
    assertThat(hub.downloads()).hasSize(3);
  }

  @Test
  void followsTheHubToARenamedModel() {
    HubModel renamed = model("old/name", Map.of()).build();
    // What the listing says is found; files of another name are not served by this hub.
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> renamed.download("fp16"))
        .withMessageContaining("old/name has no file model_index.json");
    assertThat(hub.requests())
        .extracting(FakeHub.Request::path)
        .contains("/api/models/org/tiny-model/revision/main");
  }

  @Test
  void doesNotBelieveListingsOfOtherServers() {
    hub.redirectListings();
    assertThat(failure(model().token("hf_secret").build()))
        .hasMessageContaining("redirects to http://127.0.0.1:")
        .hasMessageContaining("set that as the endpoint");
    assertThat(hub.downloads()).isEmpty();
  }

  @Test
  void goesOnAfterACut() {
    hub.cut(blob(UNET), 100_000);
    hub.cut(blob(UNET), 100_000);
    model().build().download("fp16");
    assertThat(snapshot().resolve(UNET)).hasBinaryContent(files.get(UNET));
    List<FakeHub.Request> parts =
        hub.downloads().stream().filter(request -> request.path().contains(blob(UNET))).toList();
    assertThat(parts)
        .extracting(request -> request.header("Range"))
        .containsExactly("", "bytes=100000-", "bytes=200000-");
    assertThat(parts).extracting(request -> request.header("If-Range")).endsWith("\"stored\"");
    // Both failures came after progress.
    assertThat(paused()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void goesOnWhereAFailedDownloadStopped() throws IOException {
    hub.cut(blob(UNET), 100_000);
    for (int i = 0; i < 4; i++) {
      hub.fail(blob(UNET), 503, Map.of());
    }
    assertThat(failure(model().build()))
        .hasMessageContaining("Downloading " + UNET)
        .hasMessageContaining("failed 5 times")
        .hasMessageContaining("answered 503");
    assertThat(paused()).isEqualTo(Duration.ofSeconds(1 + 2 + 4 + 8));
    assertThat(filesIn(repository().resolve("blobs")))
        .filteredOn(name -> name.endsWith(".incomplete"))
        .hasSize(1);
    assertThat(repository().resolve("refs")).doesNotExist();
    hub.requests().clear();

    List<Long> bytes = new ArrayList<>();
    model().onProgress(progress -> bytes.add(progress.bytes())).build().download("fp16");
    assertThat(hub.downloads().get(0).header("Range")).isEqualTo("bytes=100000-");
    assertThat(snapshot().resolve(UNET)).hasBinaryContent(files.get(UNET));
    assertThat(filesIn(repository().resolve("blobs"))).hasSize(FP16.size());
    assertThat(bytes).isSorted().endsWith(600_000L);
  }

  @Test
  void startsOverWhenWhatWasLeftIsDamaged() throws IOException {
    Path blobs = Files.createDirectories(repository().resolve("blobs"));
    Files.write(blobs.resolve(blob(UNET) + ".t2v-1.incomplete"), new byte[1000]);
    model().build().download("fp16");
    assertThat(snapshot().resolve(UNET)).hasBinaryContent(files.get(UNET));
    assertThat(filesIn(blobs)).hasSize(FP16.size());
  }

  @Test
  void leavesPythonsTemporaryFilesAlone() throws IOException {
    Path blobs = Files.createDirectories(repository().resolve("blobs"));
    Path pythons = Files.write(blobs.resolve(blob(UNET) + ".1a2b3c4d.incomplete"), new byte[1000]);
    model().build().download("fp16");
    assertThat(pythons).hasSize(1000);
  }

  @Test
  void replacesABlobOfTheWrongSize() throws IOException {
    Path blobs = Files.createDirectories(repository().resolve("blobs"));
    Files.write(blobs.resolve(blob(UNET)), new byte[10]);
    model().build().download("fp16");
    assertThat(snapshot().resolve(UNET)).hasBinaryContent(files.get(UNET));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesDamagedContent(boolean large) throws IOException {
    String file = large ? UNET : "unet/config.json";
    String name = large ? blob(file) : FakeHub.gitSha1(files.get(file));
    if (large) {
      hub.damage(name);
    } else {
      // The HEAD request is the first one for a small file.
      hub.cut("resolve/" + commit + "/" + file, 0);
      hub.damage("resolve/" + commit + "/" + file);
    }
    assertThat(failure(model().build()))
        .hasMessageContaining(file + " arrived damaged")
        .hasMessageContaining(name);
    assertThat(snapshot().resolve(file)).doesNotExist();
    assertThat(repository().resolve("blobs").resolve(name)).doesNotExist();
    assertThat(filesIn(repository().resolve("blobs")))
        .noneMatch(blob -> blob.endsWith(".incomplete"));
    model().build().download("fp16");
    assertThat(snapshot().resolve(file)).hasBinaryContent(files.get(file));
  }

  @Test
  void waitsAsLongAsTheHubAsks() {
    hub.fail("/api/models/", 429, Map.of("Retry-After", "7"));
    model().build().download("fp16");
    assertThat(paused()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void doesNotWaitForLong() {
    hub.fail("/api/models/", 429, Map.of("Retry-After", "3600"));
    assertThat(failure(model().build())).hasMessageContaining("asks to wait 3600 s");
    assertThat(pauses).isEmpty();
  }

  @Test
  void givesUpInTheEnd() {
    for (int i = 0; i < 5; i++) {
      hub.fail("/api/models/", 500, Map.of());
    }
    assertThat(failure(model().build()))
        .hasMessageContaining("failed 5 times")
        .hasMessageContaining("answered 500");
    assertThat(hub.requests()).hasSize(5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | RepoNotFound | has no model org/tiny-model, or it is private",
        "401 | GatedRepo    | agreed to its terms",
        "403 | GatedRepo    | agreed to its terms",
        "403 | Other        | forbids access",
        "404 | RevisionNotFound | no such branch, tag or commit",
        "404 | EntryNotFound | has no file",
        "404 | Other | check the name and the revision",
        "410 | Other | answered 410"
      })
  void saysWhyAccessIsRefused(int status, String code, String message) {
    hub.fail("/api/models/", status, Map.of("X-Error-Code", code, "X-Error-Message", "Sorry."));
    assertThat(failure(model().build()))
        .isNotInstanceOf(HubException.Unreachable.class)
        .hasMessageContaining(message)
        .hasMessageContaining("org/tiny-model")
        .hasMessageContaining("The hub says: Sorry.");
    assertThat(hub.requests()).hasSize(1);
    assertThat(cache).isEmptyDirectory();
  }

  @Test
  void errorsNeverShowTheToken() {
    hub.fail("/api/models/", 401, Map.of());
    assertThat(failure(model().token("hf_secret").build()))
        .hasMessageContaining("refused the token")
        .hasMessageNotContaining("hf_secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../evil.json", "unet/../../evil", "/etc/evil", "a\\..\\b", "c:evil"})
  void refusesNamesThatLeadOut(String name) {
    hub.listAlso(name);
    assertThat(failure(model().build()))
        .hasMessageContaining("lists a file named " + name)
        .hasMessageContaining("nothing of this model is downloaded");
    assertThat(cache).isEmptyDirectory();
  }

  @Test
  void twoDownloadsAtTheSameTimeBringEachFileOnce() throws Exception {
    var threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<HubSnapshot>> futures = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        futures.add(threads.submit(() -> model().build().download("fp16")));
      }
      for (Future<HubSnapshot> future : futures) {
        assertThat(future.get().folder()).isEqualTo(snapshot());
      }
    } finally {
      threads.shutdown();
    }
    assertThat(filesIn(snapshot())).isEqualTo(FP16);
    assertThat(filesIn(repository().resolve("blobs"))).hasSize(FP16.size());
    assertThat(hub.downloads()).hasSize(3);
  }

  @Test
  void offlineTakesTheCacheAndAsksNobody() {
    model().build().download("fp16");
    hub.requests().clear();
    assertThat(model().offline(true).build().download("fp16").folder()).isEqualTo(snapshot());
    assertThat(
            model(FakeHub.MODEL, Map.of("HF_HUB_OFFLINE", "1")).build().download("fp16").folder())
        .isEqualTo(snapshot());
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void offlineSaysWhatIsMissing() throws IOException {
    HubModel offline = model().offline(true).build();
    assertThat(failure(offline))
        .hasMessageContaining("org/tiny-model at revision main is not in the cache")
        .hasMessageContaining("offline mode");
    model().build().download("fp16");
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(offline::download)
        .withMessageContaining("no plain weights in ");
    Files.delete(snapshot().resolve(UNET));
    Files.delete(snapshot().resolve("unet/config.json"));
    assertThat(failure(offline)).hasMessageContaining("lacks [unet]");
    assertThat(offline.cached("fp16")).isEmpty();
  }

  @Test
  void takesTheCacheWhenTheHubIsOutOfReach() {
    model().build().download("fp16");
    hub.close();
    assertThat(model().build().download("fp16").folder()).isEqualTo(snapshot());
    assertThat(pauses).isEmpty();
  }

  @Test
  void failsWhenTheHubIsOutOfReachAndNothingIsCached() {
    hub.close();
    assertThat(failure(model().build()))
        .isInstanceOf(HubException.Unreachable.class)
        .hasMessageContaining(hub.endpoint().toString());
  }

  @Test
  void readsACacheThatPythonMade() throws IOException {
    Path blobs = Files.createDirectories(repository().resolve("blobs"));
    for (String file : FP16) {
      byte[] content = files.get(file);
      String name =
          file.endsWith(".safetensors") ? FakeHub.sha256(content) : FakeHub.gitSha1(content);
      Files.write(blobs.resolve(name), content);
      Path place = snapshot().resolve(file);
      Files.createDirectories(place.getParent());
      String up = file.contains("/") ? "../../../blobs/" : "../../blobs/";
      Files.createSymbolicLink(place, Path.of(up + name));
    }
    Files.createDirectories(repository().resolve("refs"));
    Files.writeString(repository().resolve("refs/main"), commit);

    assertThat(model().build().cached("fp16"))
        .contains(new HubSnapshot(FakeHub.MODEL, commit, snapshot()));
    model().build().download("fp16");
    assertThat(hub.requests()).hasSize(1);
  }

  @Test
  void mendsALinkThatLeadsNowhere() throws IOException {
    model().build().download("fp16");
    Files.delete(repository().resolve("blobs").resolve(blob(UNET)));
    hub.requests().clear();
    model().build().download("fp16");
    assertThat(snapshot().resolve(UNET)).hasBinaryContent(files.get(UNET));
    assertThat(hub.downloads()).hasSize(1);
  }

  @Test
  void withoutLinksSnapshotsHoldTheFiles() throws IOException {
    Map<String, String> variables = Map.of("HF_HUB_DISABLE_SYMLINKS", "1");
    model(FakeHub.MODEL, variables).build().download("fp16");
    assertThat(filesIn(snapshot())).isEqualTo(FP16);
    assertThat(snapshot().resolve(UNET)).isRegularFile().hasBinaryContent(files.get(UNET));
    assertThat(Files.isSymbolicLink(snapshot().resolve(UNET))).isFalse();
    assertThat(repository().resolve("blobs")).isEmptyDirectory();
  }

  @Test
  void reportsProgress() {
    List<DownloadProgress> seen = new ArrayList<>();
    model().onProgress(seen::add).build().download("fp16");
    long total =
        FP16.stream()
            .filter(file -> !file.equals("model_index.json"))
            .mapToLong(file -> files.get(file).length)
            .sum();
    assertThat(seen).allMatch(progress -> progress.totalBytes() == total);
    assertThat(seen).extracting(DownloadProgress::bytes).isSorted().endsWith(total);
    assertThat(seen.get(seen.size() - 1).fraction()).isEqualTo(1);
    assertThat(seen).extracting(DownloadProgress::file).contains(UNET, "unet/config.json");
  }

  @Test
  void canBeCancelledAndGoesOnLater() throws IOException {
    AtomicBoolean cancelled = new AtomicBoolean();
    HubModel model =
        model()
            .onProgress(progress -> cancelled.set(progress.file().equals(UNET)))
            .cancelledBy(cancelled::get)
            .build();
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> model.download("fp16"))
        .withMessage("the download was cancelled");
    assertThat(snapshot().resolve("text_encoder/model.fp16.safetensors")).exists();
    assertThat(snapshot().resolve(UNET)).doesNotExist();
    model().build().download("fp16");
    assertThat(filesIn(snapshot())).isEqualTo(FP16);
  }

  @Test
  void stopsWhenItsThreadIsInterrupted() {
    Thread.currentThread().interrupt();
    try {
      assertThatExceptionOfType(CancellationException.class)
          .isThrownBy(() -> model().build().download("fp16"));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void refusesAModelOfAnotherKind() {
    hub.branch("main", Map.of("config.json", FakeHub.text("{}")));
    assertThat(failure(model().build())).hasMessageContaining("no text-to-video checkpoint");
  }

  @Test
  void refusesARefThatIsNone() throws IOException {
    Files.createDirectories(repository().resolve("refs"));
    Files.write(repository().resolve("refs/main"), "../../x".getBytes(StandardCharsets.UTF_8));
    assertThat(failure(model().offline(true).build()))
        .hasMessageContaining("expected a commit of 40 hexadecimal digits");
  }

  /** A minute passes with each look at the clock while the hub stalls, and no time otherwise. */
  private long clockThatRunsInStalls() {
    return hub.isStalling() ? clock.addAndGet(Duration.ofMinutes(1).toNanos()) : clock.get();
  }

  @Test
  void resumesOnAnotherConnectionAfterAStall() {
    hub.stall(blob(UNET), 100_000);
    model().nanoTime(this::clockThatRunsInStalls).build().download("fp16");
    assertThat(snapshot().resolve(UNET)).hasBinaryContent(files.get(UNET));
    assertThat(hub.downloads())
        .filteredOn(request -> request.path().contains(blob(UNET)))
        .hasSize(2);
  }

  @Test
  void givesUpOnAHubThatStallsAgainAndAgain() {
    for (int i = 0; i < 5; i++) {
      hub.stall(blob(UNET), 10);
    }
    assertThat(failure(model().nanoTime(this::clockThatRunsInStalls).build()))
        .isInstanceOf(HubException.Unreachable.class)
        .hasMessageContaining("Downloading " + UNET)
        .hasMessageContaining("failed 5 times")
        .hasMessageContaining("expected at least 1,000 bytes a second");
  }

  @Test
  void aFewBytesAConnectionAreNoProgress() {
    for (int i = 0; i < 5; i++) {
      hub.cut(blob(UNET), 10);
    }
    assertThat(failure(model().build())).hasMessageContaining("failed 5 times");
    assertThat(paused()).isEqualTo(Duration.ofSeconds(1 + 2 + 4 + 8));
  }

  @Test
  void endsWhenItsTimeIsOver() {
    hub.stall(blob(UNET), 10);
    HubModel model =
        model()
            .nanoTime(this::clockThatRunsInStalls)
            .minimumSpeed(1, Duration.ofDays(1))
            .timeout(Duration.ofMinutes(10))
            .build();
    assertThat(failure(model))
        .isNotInstanceOf(HubException.Unreachable.class)
        .hasMessageContaining("longer than the 600 s that it was given");
    model().build().download("fp16");
    assertThat(snapshot().resolve(UNET)).hasBinaryContent(files.get(UNET));
  }

  @Test
  void verifyingReplacesWhatIsDamaged() throws IOException {
    Path folder = model().build().download("fp16").folder();
    damage(folder.resolve(UNET), 300_000);
    damage(folder.resolve("model_index.json"), 10);
    Files.delete(folder.resolve("vae/config.json"));
    hub.requests().clear();

    HubVerification verified = model().build().verify("fp16");

    assertThat(verified.snapshot()).isEqualTo(new HubSnapshot(FakeHub.MODEL, commit, folder));
    assertThat(verified.repaired()).containsExactly("model_index.json", UNET);
    assertThat(filesIn(folder)).isEqualTo(FP16);
    for (String file : FP16) {
      assertThat(folder.resolve(file)).hasBinaryContent(files.get(file));
    }
    assertThat(hub.downloads()).hasSize(1);
    assertThat(model().build().verify("fp16").repaired()).isEmpty();
  }

  @Test
  void verifyingChecksContentThatNoFileNamed() throws IOException {
    model().build().download("fp16");
    damage(snapshot().resolve(UNET), 300_000);
    Files.delete(snapshot().resolve(UNET));
    assertThat(model().build().verify("fp16").repaired()).containsExactly(UNET);
    assertThat(snapshot().resolve(UNET)).hasBinaryContent(files.get(UNET));
  }

  @Test
  void verifyingReplacesPlainFilesWhereThereAreNoLinks() throws IOException {
    Map<String, String> variables = Map.of("HF_HUB_DISABLE_SYMLINKS", "1");
    model(FakeHub.MODEL, variables).build().download("fp16");
    damage(snapshot().resolve(UNET), 10);
    assertThat(model(FakeHub.MODEL, variables).build().verify("fp16").repaired())
        .containsExactly(UNET);
    assertThat(snapshot().resolve(UNET)).hasBinaryContent(files.get(UNET));
  }

  private static void damage(Path file, int size) throws IOException {
    // Through the link, as a bad disk would.
    Files.write(file.toRealPath(), new byte[size]);
  }

  @Test
  void verifyingNeedsTheHub() {
    model().build().download("fp16");
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> model().offline(true).build().verify("fp16"))
        .withMessageContaining("offline mode");
    hub.close();
    assertThatExceptionOfType(HubException.Unreachable.class)
        .isThrownBy(() -> model().build().verify("fp16"));
  }

  @Test
  void saysHowToRepairADamagedIndex() throws IOException {
    model().build().download("fp16");
    damage(snapshot().resolve("model_index.json"), 10);
    assertThat(failure(model().offline(true).build()))
        .hasMessageContaining("model_index.json: expected a JSON object")
        .hasMessageContaining("t2v download org/tiny-model --verify");
  }

  @Test
  void interruptionWhileAFileIsWrittenIsCancellation() throws IOException {
    HubModel model =
        model()
            .onProgress(
                progress -> {
                  if (progress.file().equals(UNET)) {
                    Thread.currentThread().interrupt();
                  }
                })
            .build();
    try {
      assertThatExceptionOfType(CancellationException.class)
          .isThrownBy(() -> model.download("fp16"))
          .withMessage("the thread of the download was interrupted");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    model().build().download("fp16");
    assertThat(filesIn(snapshot())).isEqualTo(FP16);
  }

  @Test
  void logsWhatIsDownloaded() {
    List<String> logged = Collections.synchronizedList(new ArrayList<>());
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            logged.add(line.getLevel() + " " + line.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(SnapshotResolver.class.getName());
    logger.addHandler(handler);
    try {
      model().build().download("fp16");
      model().build().download("fp16");
    } finally {
      logger.removeHandler(handler);
    }
    assertThat(logged)
        .singleElement()
        .satisfies(
            line ->
                assertThat(line)
                    .startsWith("INFO Downloading org/tiny-model at revision main: 900,")
                    .endsWith(" bytes in 12 files to " + snapshot()));
  }
}
