package io.t2v.service;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The service on a free port, and an HTTP client for it. */
final class RunningService implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ConfigurableApplicationContext context;
  private final HttpClient client = HttpClient.newHttpClient();
  private final String url;

  private RunningService(ConfigurableApplicationContext context) {
    this.context = context;
    int port = ((WebServerApplicationContext) context).getWebServer().getPort();
    url = "http://127.0.0.1:" + port;
  }

  static RunningService start(Path folder, String... properties) {
    List<String> arguments = new ArrayList<>(List.of(properties));
    arguments.addAll(
        0,
        List.of(
            "--server.port=0",
            "--t2v.service.folder=" + folder,
            "--t2v.service.preview-interval=0s",
            "--t2v.load=eager",
            "--logging.level.root=warn"));
    return new RunningService(
        SpringApplication.run(VideoServiceApplication.class, arguments.toArray(String[]::new)));
  }

  String url() {
    return url;
  }

  <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, BodyHandlers.ofString());
  }

  <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body) {
    try {
      return client.send(request.build(), body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  HttpResponse<String> get(String path) {
    return send(request(path));
  }

  HttpResponse<String> post(Map<String, ?> body) {
    return send(
        request("/v1/videos")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(JSON.writeValueAsString(body))));
  }

  /** Creates a video, and returns its id. */
  String create(String prompt, int steps) {
    HttpResponse<String> response =
        post(Map.of("prompt", prompt, "num_inference_steps", steps, "seed", 1));
    if (response.statusCode() != 200) {
      throw new AssertionError(response.statusCode() + " " + response.body());
    }
    return json(response).get("id").asString();
  }

  static JsonNode json(HttpResponse<String> response) {
    return JSON.readTree(response.body());
  }

  JsonNode video(String id) {
    return json(get("/v1/videos/" + id));
  }

  /** Reads a job's events until one is wanted, or the stream ends. */
  List<Event> events(String id, String lastEventId, Predicate<Event> last) {
    HttpRequest.Builder request = request("/v1/videos/" + id + "/events");
    if (!lastEventId.isEmpty()) {
      request.header("Last-Event-ID", lastEventId);
    }
    HttpResponse<InputStream> response = send(request, BodyHandlers.ofInputStream());
    List<Event> events = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      String eventId = "";
      String name = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id:")) {
          eventId = line.substring(3);
        } else if (line.startsWith("event:")) {
          name = line.substring(6);
        } else if (line.startsWith("data:")) {
          Event event = new Event(eventId, name, JSON.readTree(line.substring(5)));
          events.add(event);
          if (last.test(event)) {
            return events;
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return events;
  }

  /** Waits for the end of a job. */
  JsonNode await(String id) {
    events(id, "", event -> false);
    return video(id);
  }

  /** Waits until a job is being computed. */
  void awaitStart(String id) {
    events(id, "", event -> event.data().path("status").asString("").equals("in_progress"));
  }

  record Event(String id, String name, JsonNode data) {}

  @Override
  public void close() {
    context.close();
  }
}
