package io.t2v.hub;

import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model on ModelScope's hub. Its listing holds size and digest of every file.
 *
 * @param client to send requests with
 * @param endpoint the hub's address
 * @param model with its organisation
 */
record ModelScopeRepository(HubClient client, URI endpoint, String model) implements Repository {
  @Override
  public FileListing list(String revision, int attempts) {
    String repository = endpoint + "/api/v1/models/" + model + "/repo";
    URI address =
        URI.create(repository + "/files?Revision=" + Urls.escape(revision) + "&Recursive=True");
    Map<String, @Nullable Object> answer =
        client.json(address, "revision " + revision, client.backoff(attempts));
    if (!(answer.get("Data") instanceof Map<?, ?> data)
        || !(data.get("Files") instanceof List<?> listed)) {
      throw new HubException(
          endpoint
              + " lists no files of "
              + model
              + " at revision "
              + revision
              + (answer.get("Message") instanceof String said ? ". The hub says: " + said : "."));
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Object item : listed) {
      if (item instanceof Map<?, ?> fields && !"tree".equals(fields.get("Type"))) {
        String path = RepositoryPaths.require(String.valueOf(fields.get("Path")), model);
        URI file =
            URI.create(
                repository
                    + "?Revision="
                    + Urls.escape(revision)
                    + "&FilePath="
                    + Urls.escape(path));
        entries.put(path, entry(path, file, fields));
      }
    }
    return new Files(revision, entries);
  }

  private Entry entry(String path, URI address, Map<?, ?> fields) {
    String sha256 = String.valueOf(fields.get("Sha256"));
    Optional<ContentDigest> digest = ContentDigest.parse(sha256);
    long size = fields.get("Size") instanceof Number number ? wholeOrNegative(number) : -1;
    if (size < 0 || digest.isEmpty()) {
      throw new HubException(
          "The hub names no size and no SHA-256 of "
              + path
              + " of "
              + model
              + ": the file could not be verified.");
    }
    Long seconds = fields.get("CommittedDate") instanceof Number date ? date.longValue() : null;
    return new Entry(new RemoteFile(path, address, size, digest.get()), seconds);
  }

  /** Longer numbers than 64 bits, and others that are no sizes, have another type. */
  private static long wholeOrNegative(Number number) {
    return number instanceof Integer || number instanceof Long ? number.longValue() : -1;
  }

  private record Entry(RemoteFile file, @Nullable Long modifiedSeconds) {}

  private record Files(String revision, Map<String, Entry> entries) implements FileListing {
    @Override
    public List<String> files() {
      return List.copyOf(entries.keySet());
    }

    @Override
    public RemoteFile describe(String file) {
      return entry(file).file();
    }

    @Override
    public Optional<Instant> lastModified(String file) {
      return Optional.ofNullable(entry(file).modifiedSeconds()).map(Instant::ofEpochSecond);
    }

    private Entry entry(String file) {
      Entry entry = entries.get(file);
      if (entry == null) {
        throw new IllegalArgumentException("no listed file: " + file);
      }
      return entry;
    }
  }
}
