package io.t2v.hub;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that all files which a checkpoint needs are in the cache.
 *
 * @param model with its organisation
 * @param revision branch, tag or commit
 * @param variant such as {@code fp16}; null for the plain weights
 * @param cache the model's place on this machine
 */
record SnapshotDownload(String model, String revision, @Nullable String variant, LocalCache cache) {
  private static final System.Logger LOG = System.getLogger(SnapshotDownload.class.getName());

  /**
   * Looks into the cache.
   *
   * @throws HubException if the model is not there, or not whole; the message says what is missing
   */
  HubSnapshot cached() {
    String found =
        cache
            .find(revision)
            .orElseThrow(
                () ->
                    new HubException(
                        "%s at revision %s is not in the cache: there is no %s."
                            .formatted(model, revision, cache.folder(revision))));
    List<String> files = cache.files(found);
    String index =
        FileChoice.index(files)
            .orElseThrow(
                () ->
                    new HubException(
                        "What the cache holds of %s has no index: %s is not whole."
                            .formatted(model, cache.folder(found))));
    FileChoice choice = choose(files, found, index);
    if (!choice.absent().isEmpty()) {
      throw new HubException(
          "What the cache holds of %s lacks %s: %s is not whole."
              .formatted(model, choice.absent(), cache.folder(found)));
    }
    return snapshot(found);
  }

  private HubSnapshot snapshot(String found) {
    return new HubSnapshot(model, found, cache.folder(found));
  }

  /**
   * Asks the hub what the revision is now, and downloads what is missing. If the hub is out of
   * reach, what is in the cache does.
   *
   * @throws HubException if the model cannot be had
   */
  HubSnapshot fromHub(
      Remote remote, HubHttp http, DownloadListener listener, Cancellation cancellation) {
    Optional<HubSnapshot> here = cachedIfWhole();
    Listing listing;
    try {
      listing = remote.list(revision, here.isPresent() ? 1 : Retries.USUAL);
    } catch (HubException.Unreachable e) {
      if (here.isEmpty()) {
        throw e;
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} Taking {1} from the cache, as it was when the hub was asked last.",
          e.getMessage(),
          here.get());
      return here.get();
    }
    try {
      return fill(listing, http, listener, cancellation);
    } catch (IOException e) {
      throw new HubException(
          "Could not write " + model + " to " + cache.folder(listing.revision()) + ": " + e, e);
    }
  }

  private Optional<HubSnapshot> cachedIfWhole() {
    try {
      return Optional.of(cached());
    } catch (HubException e) {
      return Optional.empty();
    }
  }

  private HubSnapshot fill(
      Listing listing, HubHttp http, DownloadListener listener, Cancellation cancellation)
      throws IOException {
    String index =
        FileChoice.index(listing.files())
            .orElseThrow(
                () ->
                    new HubException(
                        model
                            + " is no text-to-video checkpoint: it has neither model_index.json nor"
                            + " configuration.json."));
    fill(List.of(index), listing, http, progress -> {}, cancellation);
    FileChoice choice = choose(listing.files(), listing.revision(), index);
    fill(choice.files(), listing, http, listener, cancellation);
    cache.remember(revision, listing.revision());
    return snapshot(listing.revision());
  }

  private FileChoice choose(Collection<String> files, String found, String index) {
    Path file = cache.place(found, index);
    Map<String, Object> content;
    try {
      content = JSON.std.mapFrom(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new HubException(file + " cannot be read, or holds no JSON object: " + e, e);
    }
    try {
      return FileChoice.of(files, index, content, variant);
    } catch (HubException e) {
      throw new HubException(model + " at revision " + revision + ": " + e.getMessage(), e);
    }
  }

  private void fill(
      List<String> files,
      Listing listing,
      HubHttp http,
      DownloadListener listener,
      Cancellation cancellation)
      throws IOException {
    List<RemoteFile> missing = new ArrayList<>();
    for (String file : files) {
      cancellation.check();
      if (!cache.has(listing, file)) {
        missing.add(listing.describe(file));
      }
    }
    long total = missing.stream().mapToLong(RemoteFile::size).sum();
    DownloadCount count = new DownloadCount(total, listener);
    for (RemoteFile file : missing) {
      Transfer transfer = new Transfer(http, file, count, cancellation);
      cache.store(listing.revision(), file, transfer::into, cancellation);
    }
  }
}
