package io.t2v.hub;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A model on Hugging Face's hub, or on a mirror of it.
 *
 * @param client to send requests with
 * @param endpoint the hub's address
 * @param model with its organisation
 */
record HuggingFaceRepository(HubClient client, URI endpoint, String model) implements Repository {
  @Override
  public FileListing list(String revision, int attempts) {
    URI address =
        URI.create(endpoint + "/api/models/" + model + "/revision/" + Urls.escape(revision));
    Map<String, @Nullable Object> answer =
        client.json(address, "revision " + revision, client.backoff(attempts));
    if (!(answer.get("sha") instanceof String commit)
        || !HuggingFaceCache.isCommit(commit)
        || !(answer.get("siblings") instanceof List<?> siblings)) {
      throw new HubException(address + " names no commit and no files: is this a hub's address?");
    }
    List<String> files = new ArrayList<>();
    for (Object sibling : siblings) {
      Object name = sibling instanceof Map<?, ?> fields ? fields.get("rfilename") : sibling;
      files.add(RepositoryPaths.require(String.valueOf(name), model));
    }
    return new Files(this, commit, List.copyOf(files));
  }

  private RemoteFile describe(String commit, String file) {
    URI address =
        URI.create(endpoint + "/" + model + "/resolve/" + commit + "/" + Urls.escapePath(file));
    HubResponse response = client.head(address, file);
    String found = response.header("X-Repo-Commit").orElse(commit);
    if (!found.equals(commit)) {
      throw new HubException(
          "Asked for " + file + " of commit " + commit + ", the hub has that of " + found + ".");
    }
    String tag =
        response.header("X-Linked-Etag").or(() -> response.header("ETag")).orElse("(none)");
    ContentDigest digest =
        ContentDigest.parse(tag.replaceFirst("^W/", "").replace("\"", ""))
            .orElseThrow(
                () ->
                    new HubException(
                        "The hub names no digest of "
                            + file
                            + " of "
                            + model
                            + ": its tag is "
                            + tag
                            + ", expected a SHA-1 or SHA-256. The file could not be verified."));
    return new RemoteFile(file, address, size(response, file), digest);
  }

  private long size(HubResponse response, String file) {
    OptionalLong size = response.longHeader("X-Linked-Size");
    if (size.isEmpty() && !response.isRedirect()) {
      size = response.longHeader("Content-Length");
    }
    return size.orElseThrow(
        () -> new HubException("The hub does not say how long " + file + " of " + model + " is."));
  }

  private record Files(HuggingFaceRepository remote, String revision, List<String> files)
      implements FileListing {
    @Override
    public RemoteFile describe(String file) {
      return remote.describe(revision, file);
    }
  }
}
