package io.t2v.hub;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A model on Hugging Face's hub, or on a mirror of it.
 *
 * @param http to ask it with
 * @param endpoint the hub's address
 * @param model with its organisation
 */
record HuggingFaceRemote(HubHttp http, URI endpoint, String model) implements Remote {
  @Override
  public Listing list(String revision, int attempts) {
    URI address =
        URI.create(endpoint + "/api/models/" + model + "/revision/" + Addresses.escape(revision));
    Map<String, Object> answer = http.json(address, "revision " + revision, http.retries(attempts));
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
        URI.create(
            endpoint + "/" + model + "/resolve/" + commit + "/" + Addresses.escapePath(file));
    Answer answer = http.head(address, file);
    String found = answer.header("X-Repo-Commit").orElse(commit);
    if (!found.equals(commit)) {
      throw new HubException(
          "Asked for " + file + " of commit " + commit + ", the hub has that of " + found + ".");
    }
    String tag = answer.header("X-Linked-Etag").or(() -> answer.header("ETag")).orElse("(none)");
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
    return new RemoteFile(file, address, size(answer, file), digest);
  }

  private long size(Answer answer, String file) {
    OptionalLong size = answer.number("X-Linked-Size");
    if (size.isEmpty() && !answer.isRedirect()) {
      size = answer.number("Content-Length");
    }
    return size.orElseThrow(
        () -> new HubException("The hub does not say how long " + file + " of " + model + " is."));
  }

  private record Files(HuggingFaceRemote remote, String revision, List<String> files)
      implements Listing {
    @Override
    public RemoteFile describe(String file) {
      return remote.describe(revision, file);
    }
  }
}
