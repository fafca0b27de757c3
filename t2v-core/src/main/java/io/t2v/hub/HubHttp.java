package io.t2v.hub;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Talks to one hub about one model.
 *
 * <p>Credentials go to the hub's own server and to no other, whatever redirects say. Answers are
 * asked for without compression, so that lengths are those of the files.
 */
final class HubHttp {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);
  private static final int MOST_REDIRECTS = 10;
  private static final int MOST_JSON_BYTES = 64 << 20;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();
  private final URI endpoint;
  private final Map<String, String> credentials;
  private final Refusals refusals;
  private final Duration silence;
  private final Cancellation cancellation;

  /**
   * Prepares for a hub.
   *
   * @param endpoint the hub's address
   * @param credentials headers for the hub alone; empty for none
   * @param model the model's name, for messages
   */
  HubHttp(URI endpoint, Map<String, String> credentials, String model, Cancellation cancellation) {
    this(endpoint, credentials, model, LONGEST_SILENCE, cancellation);
  }

  HubHttp(
      URI endpoint,
      Map<String, String> credentials,
      String model,
      Duration silence,
      Cancellation cancellation) {
    this.endpoint = endpoint;
    this.credentials = Map.copyOf(credentials);
    this.refusals = new Refusals(endpoint, model, !credentials.isEmpty());
    this.silence = silence;
    this.cancellation = cancellation;
  }

  /** New attempts, of which each failure of {@link #open} uses up one. */
  Retries retries(int attempts) {
    return new Retries(attempts, cancellation);
  }

  /**
   * Asks the hub about a file. Redirects within the hub are followed; one to another server is the
   * answer, since only the hub's own headers tell what the file is.
   *
   * @param what is asked for, for messages
   */
  Answer head(URI address, String what) {
    Retries retries = retries(Retries.USUAL);
    while (true) {
      try (Answer answer = follow("HEAD", address, Map.of(), false)) {
        refusals.check(answer, what);
        return answer;
      } catch (IOException e) {
        retries.after(e, "Asking " + endpoint + " about " + what);
      }
    }
  }

  /**
   * Reads a JSON object.
   *
   * @param what is asked for, for messages
   */
  Map<String, Object> json(URI address, String what, Retries retries) {
    while (true) {
      try (Answer answer = follow("GET", address, Map.of(), false)) {
        refusals.check(answer, what);
        if (answer.isRedirect()) {
          throw new HubException(
              address + " redirects to " + answer.target() + ": set that as the endpoint.");
        }
        return object(address, answer.body().readAll(MOST_JSON_BYTES));
      } catch (IOException e) {
        retries.after(e, "Asking " + endpoint + " about " + what);
      }
    }
  }

  private static Map<String, Object> object(URI address, byte[] json) {
    try {
      return JSON.std.mapFrom(json);
    } catch (IOException e) {
      throw new HubException(
          address + " did not answer with a JSON object: is this a hub's address?", e);
    }
  }

  /**
   * Starts to read a file, once.
   *
   * @param headers to ask for a part of it
   * @param what is asked for, for messages
   * @throws IOException if it failed for a reason that may pass
   */
  Answer open(URI address, Map<String, String> headers, String what) throws IOException {
    Answer answer = follow("GET", address, headers, true);
    try {
      refusals.check(answer, what);
      return answer;
    } catch (IOException | RuntimeException e) {
      answer.close();
      throw e;
    }
  }

  private Answer follow(
      String method, URI address, Map<String, String> headers, boolean toOtherServers)
      throws IOException {
    URI current = address;
    for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      Answer answer = send(method, current, headers);
      if (!answer.isRedirect()) {
        return answer;
      }
      URI target = answer.target();
      if (!toOtherServers && !Addresses.sameServer(current, target)) {
        return answer;
      }
      answer.close();
      if (Addresses.isEncrypted(current) && !Addresses.isEncrypted(target)) {
        throw new HubException(
            current + " redirects to " + target + ", which is not encrypted: not followed.");
      }
      current = target;
    }
    throw new HubException(address + " redirects more than " + MOST_REDIRECTS + " times.");
  }

  private Answer send(String method, URI address, Map<String, String> headers) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(ANSWER_TIMEOUT)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .setHeader("User-Agent", "t2v; java/" + Runtime.version().feature())
            .setHeader("Accept-Encoding", "identity");
    headers.forEach(request::setHeader);
    if (Addresses.sameServer(endpoint, address)) {
      credentials.forEach(request::setHeader);
    }
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> response =
        await(client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofPublisher()));
    BodyReader body = new BodyReader(silence, cancellation);
    response.body().subscribe(body);
    return new Answer(address, response.statusCode(), response.headers(), body);
  }

  /** Waits for the headers, which the client's own timeout bounds, unless cancelled. */
  private <T> T await(CompletableFuture<T> answer) throws IOException {
    try {
      while (true) {
        cancellation.check();
        @Nullable T arrived = poll(answer);
        if (arrived != null) {
          return arrived;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cancellation.interrupted();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new HubException("Could not ask " + endpoint + ": " + e.getCause(), e);
    } finally {
      answer.cancel(true);
    }
  }

  private static <T> @Nullable T poll(CompletableFuture<T> answer)
      throws InterruptedException, ExecutionException {
    try {
      return answer.get(Cancellation.SLICE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return null;
    }
  }
}
