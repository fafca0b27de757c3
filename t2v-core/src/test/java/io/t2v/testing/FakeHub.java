package io.t2v.testing;

import com.fasterxml.jackson.jr.ob.JSON;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server that behaves like Hugging Face's hub, and like ModelScope's, for one model; large files
 * lie on a second server. It keeps what it was asked, and fails when told to.
 */
public final class FakeHub implements AutoCloseable {
  static {
    // Otherwise each answer waits 40 ms for the client's acknowledgement of its headers.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  /** The name of the only model. */
  public static final String MODEL = "org/tiny-model";

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer hub;
  private final HttpServer store;
  private final Map<String, Map<String, byte[]>> commits = new LinkedHashMap<>();
  private final Map<String, String> refs = new LinkedHashMap<>();
  private final Map<String, byte[]> contents = new ConcurrentHashMap<>();
  private final Map<byte[], String> digests = Collections.synchronizedMap(new IdentityHashMap<>());
  private final List<String> extraNames = new CopyOnWriteArrayList<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedDeque<Fault> faults = new ConcurrentLinkedDeque<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean redirectsListings;
  private volatile boolean stalling;

  /** What the hub was asked. */
  public record Request(String server, String method, String path, Map<String, String> headers) {
    public String header(String name) {
      return headers.getOrDefault(name.toLowerCase(java.util.Locale.ROOT), "");
    }
  }

  /** What goes wrong with the next request whose path contains a text. */
  private record Fault(
      String path,
      int status,
      Map<String, String> headers,
      int cutAfter,
      boolean flip,
      boolean stalls) {}

  private static final class Cut extends IOException {
    private static final long serialVersionUID = 1L;
  }

  public FakeHub() {
    try {
      InetAddress local = InetAddress.getByName("127.0.0.1");
      hub = HttpServer.create(new InetSocketAddress(local, 0), 0);
      store = HttpServer.create(new InetSocketAddress(local, 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(hub, "hub");
    start(store, "store");
  }

  private void start(HttpServer server, String name) {
    server.setExecutor(threads);
    server.createContext("/", exchange -> handle(name, exchange));
    server.start();
  }

  /** The hub's address. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
  }

  /** Publishes files, and returns their commit. */
  public String commit(Map<String, byte[]> files) {
    String commit = sha("SHA-1", ("commit " + commits.size()).getBytes(StandardCharsets.UTF_8));
    commits.put(commit, new TreeMap<>(files));
    for (byte[] content : files.values()) {
      digests.put(content, sha256(content));
      contents.put(sha256(content), content);
    }
    return commit;
  }

  /** Publishes files as a branch, and returns their commit. */
  public String branch(String name, Map<String, byte[]> files) {
    String commit = commit(files);
    refs.put(name, commit);
    return commit;
  }

  /** Lists a file that is not there, under any name. */
  public void listAlso(String name) {
    extraNames.add(name);
  }

  /** Sends whoever asks for a listing to another server. */
  public void redirectListings() {
    redirectsListings = true;
  }

  /** Answers the next request for a path with an error. */
  public void fail(String path, int status, Map<String, String> headers) {
    faults.add(new Fault(path, status, headers, -1, false, false));
  }

  /** Ends the connection of the next download of a path after so many bytes. */
  public void cut(String path, int bytes) {
    faults.add(new Fault(path, 0, Map.of(), bytes, false, false));
  }

  /** Sends so many bytes of the next download of a path, and then nothing, without an end. */
  public void stall(String path, int bytes) {
    faults.add(new Fault(path, 0, Map.of(), bytes, false, true));
  }

  /** Whether the last download stalls: it sent what it was to send, and nobody asked again. */
  public boolean isStalling() {
    return stalling;
  }

  /** Changes one bit in the next download of a path. */
  public void damage(String path) {
    faults.add(new Fault(path, 0, Map.of(), -1, true, false));
  }

  public List<Request> requests() {
    return requests;
  }

  /** Downloads from the second server. */
  public List<Request> downloads() {
    return requests.stream().filter(request -> request.server().equals("store")).toList();
  }

  /** A complete checkpoint in diffusers layout, in two precisions and two formats. */
  public static Map<String, byte[]> diffusersFiles() {
    Map<String, byte[]> files = new TreeMap<>();
    files.put(
        "model_index.json",
        text(
            """
            {"_class_name": "TextToVideoSDPipeline",
             "scheduler": ["diffusers", "DDIMScheduler"],
             "text_encoder": ["transformers", "CLIPTextModel"],
             "tokenizer": ["transformers", "CLIPTokenizer"],
             "unet": ["diffusers", "UNet3DConditionModel"],
             "vae": ["diffusers", "AutoencoderKL"]}
            """));
    for (String name :
        List.of(
            "README.md",
            ".gitattributes",
            "scheduler/scheduler_config.json",
            "tokenizer/vocab.json",
            "tokenizer/merges.txt",
            "tokenizer/special_tokens_map.json",
            "tokenizer/tokenizer_config.json",
            "text_encoder/config.json",
            "unet/config.json",
            "vae/config.json")) {
      files.put(name, text("{\"content\": \"of " + name + "\"}"));
    }
    int seed = 0;
    for (String stem :
        List.of(
            "text_encoder/model",
            "text_encoder/pytorch_model",
            "unet/diffusion_pytorch_model",
            "vae/diffusion_pytorch_model")) {
      for (String variant : List.of("", ".fp16")) {
        for (String ending : List.of(".safetensors", ".bin")) {
          boolean exists = ending.equals(".bin") || !stem.endsWith("/pytorch_model");
          if (exists && !(ending.equals(".bin") && stem.endsWith("r/model"))) {
            files.put(stem + variant + ending, noise(++seed, 300_000));
          }
        }
      }
    }
    return files;
  }

  public static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Bytes that do not repeat. */
  public static byte[] noise(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** How git names a content. */
  public static String gitSha1(byte[] content) {
    return sha("SHA-1", text("blob " + content.length + "\0"), content);
  }

  public static String sha256(byte[] content) {
    return sha("SHA-256", content);
  }

  private static String sha(String algorithm, byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      Arrays.stream(parts).forEach(digest::update);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isLarge(String path) {
    return path.endsWith(".safetensors") || path.endsWith(".bin") || path.endsWith(".pth");
  }

  private void handle(String server, HttpExchange exchange) throws IOException {
    try {
      String path = exchange.getRequestURI().toString();
      Map<String, String> headers = new LinkedHashMap<>();
      exchange
          .getRequestHeaders()
          .forEach(
              (name, values) ->
                  headers.put(name.toLowerCase(java.util.Locale.ROOT), values.get(0)));
      requests.add(new Request(server, exchange.getRequestMethod(), path, headers));
      stalling = false;
      Fault fault = takeFault(path);
      if (fault != null && fault.status() != 0) {
        fault.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(fault.status(), -1);
      } else if (server.equals("store")) {
        content(exchange, contents.get(path.substring(1)), "\"stored\"", fault);
      } else if (path.startsWith("/api/v1/models/")) {
        modelScope(exchange, path, fault);
      } else if (path.startsWith("/api/models/")) {
        list(exchange, path);
      } else {
        resolve(exchange, path, fault);
      }
    } catch (Cut e) {
      // The server ends the connection of a handler that fails.
      throw e;
    } catch (IOException e) {
      // The client went away.
    }
    exchange.close();
  }

  private Fault takeFault(String path) {
    for (Fault fault : faults) {
      if (path.contains(fault.path()) && faults.remove(fault)) {
        return fault;
      }
    }
    return null;
  }

  private void list(HttpExchange exchange, String path) throws IOException {
    String prefix = "/api/models/" + MODEL + "/revision/";
    if (path.startsWith("/api/models/old/name/revision/")) {
      exchange.getResponseHeaders().set("Location", path.replace("old/name", MODEL));
      exchange.sendResponseHeaders(307, -1);
      return;
    }
    if (redirectsListings) {
      exchange
          .getResponseHeaders()
          .set("Location", "http://127.0.0.1:" + store.getAddress().getPort() + path);
      exchange.sendResponseHeaders(302, -1);
      return;
    }
    if (!path.startsWith(prefix)) {
      error(exchange, 401, "RepoNotFound");
      return;
    }
    String revision = decode(path.substring(prefix.length()));
    String commit = refs.getOrDefault(revision, revision);
    if (!commits.containsKey(commit)) {
      error(exchange, 404, "RevisionNotFound");
      return;
    }
    List<Map<String, String>> siblings = new ArrayList<>();
    commits.get(commit).keySet().forEach(name -> siblings.add(Map.of("rfilename", name)));
    extraNames.forEach(name -> siblings.add(Map.of("rfilename", name)));
    json(exchange, Map.of("id", MODEL, "sha", commit, "siblings", siblings));
  }

  private void resolve(HttpExchange exchange, String path, Fault fault) throws IOException {
    String prefix = "/" + MODEL + "/resolve/";
    String[] parts = path.startsWith(prefix) ? path.substring(prefix.length()).split("/", 2) : null;
    byte[] content =
        parts == null ? null : commits.getOrDefault(parts[0], Map.of()).get(decode(parts[1]));
    if (content == null) {
      error(exchange, 404, "EntryNotFound");
      return;
    }
    Headers headers = exchange.getResponseHeaders();
    headers.set("X-Repo-Commit", parts[0]);
    if (isLarge(parts[1])) {
      headers.set("X-Linked-Etag", "\"" + digests.get(content) + "\"");
      headers.set("X-Linked-Size", String.valueOf(content.length));
      headers.set(
          "Location",
          "http://127.0.0.1:" + store.getAddress().getPort() + "/" + digests.get(content));
      exchange.sendResponseHeaders(302, -1);
    } else {
      content(exchange, content, "\"" + gitSha1(content) + "\"", fault);
    }
  }

  private void modelScope(HttpExchange exchange, String path, Fault fault) throws IOException {
    String prefix = "/api/v1/models/" + MODEL + "/repo";
    Map<String, String> query = new LinkedHashMap<>();
    for (String pair : path.substring(path.indexOf('?') + 1).split("&")) {
      query.put(pair.split("=")[0], decode(pair.split("=")[1]));
    }
    Map<String, byte[]> files = commits.get(refs.get(query.get("Revision")));
    if (!path.startsWith(prefix) || files == null) {
      json(exchange, Map.of("Code", 404, "Message", "no such model", "Success", false));
    } else if (path.startsWith(prefix + "/files?")) {
      List<Map<String, Object>> listed = new ArrayList<>();
      listed.add(Map.of("Path", "folder", "Type", "tree", "Size", 0));
      files.forEach(
          (name, content) ->
              listed.add(
                  Map.of(
                      "Path",
                      name,
                      "Type",
                      "blob",
                      "Size",
                      content.length,
                      "Sha256",
                      sha256(content))));
      json(exchange, Map.of("Code", 200, "Data", Map.of("Files", listed), "Success", true));
    } else {
      content(exchange, files.get(query.get("FilePath")), "\"tag\"", fault);
    }
  }

  private void content(HttpExchange exchange, byte[] content, String tag, Fault fault)
      throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("ETag", tag);
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", String.valueOf(content.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    String ifRange = exchange.getRequestHeaders().getFirst("If-Range");
    int from = 0;
    int status = 200;
    if (range != null && (ifRange == null || ifRange.equals(tag))) {
      from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
      status = 206;
      headers.set(
          "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    byte[] sent = content.clone();
    if (fault != null && fault.flip()) {
      sent[sent.length - 1] ^= 1;
    }
    int length = content.length - from;
    exchange.sendResponseHeaders(status, length == 0 ? -1 : length);
    int written = fault != null && fault.cutAfter() >= 0 ? fault.cutAfter() : length;
    OutputStream out = exchange.getResponseBody();
    out.write(sent, from, written);
    out.flush();
    if (written < length) {
      if (fault.stalls()) {
        stalling = true;
        awaitClose();
      }
      throw new Cut();
    }
  }

  private void awaitClose() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void error(HttpExchange exchange, int status, String code) throws IOException {
    exchange.getResponseHeaders().set("X-Error-Code", code);
    exchange.sendResponseHeaders(status, -1);
  }

  private static void json(HttpExchange exchange, Map<String, ?> object) throws IOException {
    byte[] json = JSON.std.asBytes(object);
    exchange.sendResponseHeaders(200, json.length);
    exchange.getResponseBody().write(json);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    closed.countDown();
    hub.stop(0);
    store.stop(0);
    threads.shutdownNow();
  }
}
