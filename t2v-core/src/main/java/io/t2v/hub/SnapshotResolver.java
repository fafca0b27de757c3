package io.t2v.hub;

import io.t2v.internal.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds a model's files in the cache, and downloads those that are missing.
 *
 * @param model with its organisation
 * @param revision branch, tag or commit
 * @param variant such as {@code fp16}; null for the plain weights
 * @param cache of this model
 */
record SnapshotResolver(String model, String revision, @Nullable String variant, LocalCache cache) {
  private static final System.Logger LOG = System.getLogger(SnapshotResolver.class.getName());
  private static final int MAX_INDEX_BYTES = 1 << 20;

  /**
   * Looks into the cache alone.
   *
   * @throws HubException if the model is not there, or incomplete; the message says what is missing
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
        RequiredFiles.index(files)
            .orElseThrow(
                () ->
                    new HubException(
                        "What the cache holds of %s has no index: %s is incomplete."
                            .formatted(model, cache.folder(found))));
    RequiredFiles required = required(files, found, index);
    if (!required.missing().isEmpty()) {
      throw new HubException(
          "What the cache holds of %s lacks %s: %s is incomplete."
              .formatted(model, required.missing(), cache.folder(found)));
    }
    return snapshot(found);
  }

  private HubSnapshot snapshot(String found) {
    return new HubSnapshot(model, found, cache.folder(found));
  }

  /**
   * Asks the hub what the revision is now, and downloads what is missing. If the hub is
   * unreachable, takes what the cache holds.
   *
   * @throws HubException if the model cannot be found, downloaded or stored
   */
  HubSnapshot download(
      Repository repository,
      HubClient client,
      DownloadListener listener,
      Cancellation cancellation) {
    Optional<HubSnapshot> cached = cachedIfComplete();
    FileListing listing;
    try {
      listing = repository.list(revision, cached.isPresent() ? 1 : Backoff.DEFAULT_ATTEMPTS);
    } catch (HubException.Unreachable e) {
      if (cached.isEmpty()) {
        throw e;
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} Taking {1} from the cache, as it was when the hub was asked last.",
          e.getMessage(),
          cached.get());
      return cached.get();
    }
    return new Session(listing, client, listener, cancellation).download();
  }

  /**
   * Downloads what is missing, and everything whose digest is not the one that the hub names.
   *
   * @throws HubException if the hub is unreachable, or a file cannot be downloaded or stored
   */
  HubVerification verify(
      Repository repository,
      HubClient client,
      DownloadListener listener,
      Cancellation cancellation) {
    FileListing listing = repository.list(revision, Backoff.DEFAULT_ATTEMPTS);
    return new Session(listing, client, listener, cancellation).verify();
  }

  private Optional<HubSnapshot> cachedIfComplete() {
    try {
      return Optional.of(cached());
    } catch (HubException e) {
      return Optional.empty();
    }
  }

  private RequiredFiles required(Collection<String> files, String found, String index) {
    Path file = cache.place(found, index);
    Map<String, @Nullable Object> content;
    try {
      content = Json.readObject(file, MAX_INDEX_BYTES);
    } catch (IOException e) {
      throw new HubException(
          "The index of "
              + model
              + " cannot be read. "
              + e.getMessage()
              + ". "
              + snapshot(found).repairHint(),
          e);
    }
    try {
      return RequiredFiles.of(files, index, content, variant);
    } catch (HubException e) {
      throw new HubException(model + " at revision " + revision + ": " + e.getMessage(), e);
    }
  }

  /** One pass over the files that a hub lists. */
  private final class Session {
    private final FileListing listing;
    private final HubClient client;
    private final DownloadListener listener;
    private final Cancellation cancellation;

    Session(
        FileListing listing,
        HubClient client,
        DownloadListener listener,
        Cancellation cancellation) {
      this.listing = listing;
      this.client = client;
      this.listener = listener;
      this.cancellation = cancellation;
    }

    HubSnapshot download() {
      try {
        downloadMissing(required(), listener);
        cache.remember(revision, listing.revision());
        return snapshot(listing.revision());
      } catch (IOException e) {
        throw notWritten(e);
      }
    }

    HubVerification verify() {
      try {
        Set<String> damaged = new LinkedHashSet<>();
        // A damaged index may hide what else is needed.
        deleteDamaged(List.of(index()), damaged);
        List<String> required = required();
        deleteDamaged(required, damaged);
        List<String> absent = new ArrayList<>(required);
        absent.removeIf(file -> Files.exists(cache.place(listing.revision(), file)));
        downloadMissing(required, listener);
        // A file may have become a link to content that was in the cache, and was not checked.
        deleteDamaged(absent, damaged);
        downloadMissing(absent, listener);
        cache.remember(revision, listing.revision());
        return new HubVerification(snapshot(listing.revision()), List.copyOf(damaged));
      } catch (IOException e) {
        throw notWritten(e);
      }
    }

    private void deleteDamaged(List<String> files, Set<String> damaged) throws IOException {
      for (String file : files) {
        if (cache.deleteIfDamaged(listing.revision(), listing.describe(file), cancellation)) {
          LOG.log(System.Logger.Level.WARNING, "{0} of {1} in the cache is damaged", file, model);
          damaged.add(file);
        }
      }
    }

    private HubException notWritten(IOException e) {
      return new HubException(
          "Could not write " + model + " to " + cache.folder(listing.revision()) + ": " + e, e);
    }

    private String index() {
      return RequiredFiles.index(listing.files())
          .orElseThrow(
              () ->
                  new HubException(
                      model
                          + " is no text-to-video checkpoint: it has neither model_index.json nor"
                          + " configuration.json."));
    }

    /** Downloads the index, and returns all files that the model needs. */
    private List<String> required() throws IOException {
      String index = index();
      downloadMissing(List.of(index), progress -> {});
      return SnapshotResolver.this.required(listing.files(), listing.revision(), index).files();
    }

    private void downloadMissing(List<String> files, DownloadListener told) throws IOException {
      List<RemoteFile> missing = new ArrayList<>();
      for (String file : files) {
        cancellation.check();
        if (!cache.has(listing, file, cancellation)) {
          missing.add(listing.describe(file));
        }
      }
      long total = missing.stream().mapToLong(RemoteFile::size).sum();
      if (files.size() > 1 && !missing.isEmpty()) {
        LOG.log(
            System.Logger.Level.INFO,
            () ->
                String.format(
                    Locale.ROOT,
                    "Downloading %s at revision %s: %,d bytes in %d files to %s",
                    model,
                    revision,
                    total,
                    missing.size(),
                    cache.folder(listing.revision())));
      }
      ProgressReporter progress = new ProgressReporter(total, told);
      for (RemoteFile file : missing) {
        FileDownload download = new FileDownload(client, file, progress, cancellation);
        cache.store(listing.revision(), file, download::to, cancellation);
      }
    }
  }
}
