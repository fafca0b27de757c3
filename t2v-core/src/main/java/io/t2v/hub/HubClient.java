package io.t2v.hub;

import io.t2v.internal.io.Json;
import io.t2v.internal.io.JsonException;
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
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to one hub about one model.
 *
 * <p>Credentials go to the hub's own server and to no other, whatever redirects say. Responses are
 * requested without compression, so that lengths are those of the files.
 */
final class HubClient {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(60);
  private static final int MAX_REDIRECTS = 10;
  private static final int MAX_JSON_BYTES = 64 << 20;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();
  private final URI endpoint;
  private final Map<String, String> credentials;
  private final ErrorTranslator errors;
  private final MinimumSpeed minimumSpeed;
  private final Cancellation cancellation;
  private final LongSupplier nanoTime;

  /**
   * Prepares for a hub.
   *
   * @param endpoint the hub's address
   * @param credentials headers for the hub alone; empty for none
   * @param model the model's name, for messages
   */
  HubClient(
      URI endpoint,
      Map<String, String> credentials,
      String model,
      MinimumSpeed minimumSpeed,
      Cancellation cancellation,
      LongSupplier nanoTime) {
    this.endpoint = endpoint;
    this.credentials = Map.copyOf(credentials);
    this.errors = new ErrorTranslator(endpoint, model, !credentials.isEmpty());
    this.minimumSpeed = minimumSpeed;
    this.cancellation = cancellation;
    this.nanoTime = nanoTime;
  }

  /** The slowest that a connection may be before it is given up. */
  MinimumSpeed minimumSpeed() {
    return minimumSpeed;
  }

  /** Starts to count attempts. */
  Backoff backoff(int attempts) {
    return new Backoff(attempts, cancellation);
  }

  /**
   * Requests the headers of a file. Redirects within the hub are followed; one to another server is
   * the response, since only the hub's own headers describe the file.
   *
   * @param what is asked for, for messages
   */
  HubResponse head(URI address, String what) {
    Backoff backoff = backoff(Backoff.DEFAULT_ATTEMPTS);
    while (true) {
      try (HubResponse response = follow("HEAD", address, Map.of(), false)) {
        errors.requireSuccess(response, what);
        return response;
      } catch (IOException e) {
        backoff.sleepAfter(e, "Asking " + endpoint + " about " + what);
      }
    }
  }

  /**
   * Reads a JSON object.
   *
   * @param what is asked for, for messages
   */
  Map<String, @Nullable Object> json(URI address, String what, Backoff backoff) {
    while (true) {
      try (HubResponse response = follow("GET", address, Map.of(), false)) {
        errors.requireSuccess(response, what);
        if (response.isRedirect()) {
          throw new HubException(
              address
                  + " redirects to "
                  + response.redirectTarget()
                  + ": set that as the endpoint.");
        }
        return object(address, response.body().readAll(MAX_JSON_BYTES));
      } catch (IOException e) {
        backoff.sleepAfter(e, "Asking " + endpoint + " about " + what);
      }
    }
  }

  private static Map<String, @Nullable Object> object(URI address, byte[] json) {
    try {
      return Json.parseObject(json, address.toString());
    } catch (JsonException e) {
      throw new HubException(e.getMessage() + ". Is this a hub's address?", e);
    }
  }

  /**
   * Starts to read a file, once.
   *
   * @param headers to ask for a part of it
   * @param what is asked for, for messages
   * @throws IOException if the same request may succeed later
   */
  HubResponse open(URI address, Map<String, String> headers, String what) throws IOException {
    HubResponse response = follow("GET", address, headers, true);
    try {
      errors.requireSuccess(response, what);
      return response;
    } catch (IOException | RuntimeException e) {
      response.close();
      throw e;
    }
  }

  private HubResponse follow(
      String method, URI address, Map<String, String> headers, boolean toOtherServers)
      throws IOException {
    URI current = address;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      HubResponse response = send(method, current, headers);
      if (!response.isRedirect()) {
        return response;
      }
      URI target = response.redirectTarget();
      if (!toOtherServers && !Urls.sameServer(current, target)) {
        return response;
      }
      response.close();
      if (Urls.isEncrypted(current) && !Urls.isEncrypted(target)) {
        throw new HubException(
            current + " redirects to " + target + ", which is not encrypted: not followed.");
      }
      current = target;
    }
    throw new HubException(address + " redirects more than " + MAX_REDIRECTS + " times.");
  }

  private HubResponse send(String method, URI address, Map<String, String> headers)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(RESPONSE_TIMEOUT)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .setHeader("User-Agent", "t2v; java/" + Runtime.version().feature())
            .setHeader("Accept-Encoding", "identity");
    headers.forEach(request::setHeader);
    if (Urls.sameServer(endpoint, address)) {
      credentials.forEach(request::setHeader);
    }
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> response =
        await(client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofPublisher()));
    ResponseBody body = new ResponseBody(minimumSpeed, cancellation, nanoTime);
    response.body().subscribe(body);
    return new HubResponse(address, response.statusCode(), response.headers(), body);
  }

  /** Waits for the headers, as long as the client's own timeout, unless cancelled. */
  private <T> T await(CompletableFuture<T> response) throws IOException {
    try {
      while (true) {
        cancellation.check();
        @Nullable T arrived = poll(response);
        if (arrived != null) {
          return arrived;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Cancellation.interrupted();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new HubException("Could not ask " + endpoint + ": " + e.getCause(), e);
    } finally {
      response.cancel(true);
    }
  }

  private static <T> @Nullable T poll(CompletableFuture<T> response)
      throws InterruptedException, ExecutionException {
    try {
      return response.get(Cancellation.POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return null;
    }
  }
}
