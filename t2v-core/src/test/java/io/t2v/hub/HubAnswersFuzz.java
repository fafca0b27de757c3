package io.t2v.hub;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.google.common.primitives.Bytes;
import io.t2v.testing.FuzzedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answers of a hub, byte by byte as a server sends them, zeros between them; the first byte says of
 * which hub. A server that has none left closes the connection.
 */
public final class HubAnswersFuzz implements FuzzedReader {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  private static final byte[] BETWEEN = {0, 0};

  private Path cache = Path.of("");
  private @Nullable ServerSocket server;
  private volatile byte[] answers = {};

  @Override
  public Map<String, byte[]> start(Path folder) throws IOException {
    cache = folder.resolve("cache");
    server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    Thread serving = new Thread(this::serve, "hub");
    serving.setDaemon(true);
    serving.start();
    Map<String, byte[]> seeds = new LinkedHashMap<>();
    String index = "{\"_class_name\": \"TextToVideoSDPipeline\"}";
    seeds.put(
        "hugging-face",
        answers(
            0,
            answer(
                "200 OK",
                "Content-Type: application/json",
                "{\"sha\": \"%s\", \"siblings\": [{\"rfilename\": \"model_index.json\"}]}"
                    .formatted(COMMIT)),
            answer("302 Found", "Location: /x\r\nX-Repo-Commit: " + COMMIT, ""),
            answer(
                "200 OK",
                "ETag: \"%s\"\r\nX-Linked-Size: %s".formatted(COMMIT, index.length()),
                ""),
            answer("200 OK", "ETag: \"x\"", index)));
    seeds.put(
        "model-scope",
        answers(
            1,
            answer(
                "200 OK",
                "A: b",
                ("{\"Data\": {\"Files\": [{\"Path\": \"configuration.json\", \"Size\": 2,"
                        + " \"Sha256\": \"%s\", \"CommittedDate\": 1}]}}")
                    .formatted("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")),
            answer("200 OK", "A: b", "{}")));
    seeds.put(
        "refused",
        answers(
            0,
            answer("429 Too Many Requests", "Retry-After: 7", ""),
            answer("503 Busy", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT", ""),
            answer("404 Not Found", "X-Error-Code: RevisionNotFound\r\nX-Error-Message: no", "")));
    return seeds;
  }

  private static String answer(String status, String headers, String body) {
    return "HTTP/1.1 %s\r\n%s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
        .formatted(status, headers, body.length(), body);
  }

  private static byte[] answers(int hub, String... texts) {
    return Bytes.concat(
        new byte[] {(byte) hub}, String.join("\0\0", texts).getBytes(StandardCharsets.UTF_8));
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept();
          OutputStream out = socket.getOutputStream()) {
        socket.setTcpNoDelay(true);
        if (socket.getInputStream().read(new byte[1 << 16]) > 0) {
          out.write(nextAnswer());
        }
      } catch (IOException e) {
        // the client has gone
      }
    }
  }

  private synchronized byte[] nextAnswer() {
    int end = Bytes.indexOf(answers, BETWEEN);
    byte[] next = end < 0 ? answers : Arrays.copyOf(answers, end);
    answers = end < 0 ? new byte[0] : Arrays.copyOfRange(answers, end + 2, answers.length);
    return next;
  }

  @Override
  public void read(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    answers = Arrays.copyOfRange(input, 1, input.length);
    try {
      HubModel.builder("org/model")
          .hub((input[0] & 1) == 0 ? Hub.HUGGING_FACE : Hub.MODEL_SCOPE)
          .environment(new HubEnvironment(Map.of(), cache))
          .endpoint(URI.create("http://127.0.0.1:" + server.getLocalPort()))
          .cache(cache)
          .sleeper(time -> {})
          .build()
          .download();
    } catch (HubException e) {
      // refused, as it should be
    } finally {
      if (Files.exists(cache)) {
        MoreFiles.deleteRecursively(cache, RecursiveDeleteOption.ALLOW_INSECURE);
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (server != null) {
      server.close();
    }
  }
}
