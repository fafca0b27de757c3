import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Checks the example service from outside: its page in Chromium, which has to be on the path, from a
 * typed prompt to a playing video; and 100 jobs with random cancels and deletions, and a process
 * that is killed in their midst.
 *
 * <pre>
 * java docs/checks/ServiceCheck.java t2v-examples/service/target/t2v-service.jar [folder for screenshots]
 * </pre>
 */
public final class ServiceCheck {
  private static final int PATIENCE_SECONDS = 180;
  private static final int JOBS = 100;
  private static final String PROMPT = "a red circle moving right on a gray background";

  private final HttpClient http = HttpClient.newHttpClient();
  private final String jar;
  private final Path folder;
  private final Path screenshots;
  private Process service;
  private String url;
  private int failures;

  private ServiceCheck(String jar, Path folder, Path screenshots) {
    this.jar = jar;
    this.folder = folder;
    this.screenshots = screenshots;
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("t2v-service-");
    Path screenshots =
        Files.createDirectories(
            arguments.length > 1 ? Path.of(arguments[1]) : folder.resolve("screenshots"));
    ServiceCheck check = new ServiceCheck(arguments[0], folder, screenshots);
    try {
      check.start();
      check.page();
      check.jobs();
    } finally {
      check.service.destroy();
      check.service.waitFor();
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
    System.out.println(
        check.failures == 0 ? "The service does as it should." : check.failures + " failures");
    System.exit(check.failures == 0 ? 0 : 1);
  }

  private void expect(String what, boolean right) {
    System.out.println((right ? "ok    " : "WRONG ") + what);
    if (!right) {
      failures++;
    }
  }

  // The service

  private void start() throws Exception {
    service =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                jar,
                "--server.port=0",
                "--t2v.load=eager",
                "--t2v.service.preview-interval=100ms",
                "--t2v.service.folder=" + folder.resolve("videos"))
            .redirectErrorStream(true)
            .start();
    BufferedReader log =
        new BufferedReader(new InputStreamReader(service.getInputStream(), StandardCharsets.UTF_8));
    Pattern port = Pattern.compile("Tomcat started on port (\\d+)");
    List<String> lines = new ArrayList<>();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      lines.add(line);
      Matcher matcher = port.matcher(line);
      if (matcher.find()) {
        url = "http://127.0.0.1:" + matcher.group(1);
        drain(log);
        return;
      }
    }
    throw new IOException("The service did not start:\n" + String.join("\n", lines));
  }

  /** Nobody reads the rest, but a full pipe would hold the service up. */
  private static void drain(BufferedReader log) {
    Thread thread =
        new Thread(
            () -> {
              try {
                log.transferTo(Writer.nullWriter());
              } catch (IOException e) {
                // The service was killed.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/json")
            .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static String field(String json, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
    return matcher.find() ? matcher.group(1) : "";
  }

  // 100 jobs

  private void jobs() throws Exception {
    Random random = new Random(1);
    Map<String, String> known = new HashMap<>();
    Set<String> finished = new HashSet<>();
    int refused = 0;
    long memoryBefore = 0;
    for (int i = 0; i < JOBS; ) {
      HttpResponse<String> created =
          send(
              "POST",
              "/v1/videos",
              "{\"prompt\":\"%s\",\"num_inference_steps\":%d,\"num_frames\":4,\"seed\":%d}"
                  .formatted(PROMPT, 1 + random.nextInt(4), i));
      if (created.statusCode() == 429) {
        refused++;
        Thread.sleep(200);
        continue;
      }
      String id = field(created.body(), "id");
      known.put(id, "");
      i++;
      List<String> ids = List.copyOf(known.keySet());
      String other = ids.get(random.nextInt(ids.size()));
      switch (random.nextInt(6)) {
        case 0 -> send("POST", "/v1/videos/" + other + "/cancel", "");
        case 1 -> {
          send("DELETE", "/v1/videos/" + other, "");
          known.remove(other);
          finished.remove(other);
        }
        default -> {}
      }
      if (i == 20) {
        memoryBefore = memory();
      }
      if (i == JOBS / 2) {
        finished.addAll(having("completed", known.keySet()));
        Set<String> running = having("in_progress", known.keySet());
        Set<String> waiting = having("queued", known.keySet());
        service.destroyForcibly().waitFor();
        start();
        expect(
            "all that was finished before the kill is there",
            having("completed", finished).equals(finished));
        expect("none that had begun waits again", having("queued", running).isEmpty());
        int lost = having("failed", waiting).size();
        expect(
            "of %d that waited all wait again, but for %d that had begun by the kill"
                .formatted(waiting.size(), lost),
            !waiting.isEmpty() && lost <= 1);
      }
    }
    while (list().matches("(?s).*\"(queued|in_progress)\".*")) {
      Thread.sleep(200);
    }
    long memoryAfter = memory();
    System.out.printf(
        "%d jobs, %d refused by a full queue, resident memory %d MB after 20 jobs, %d MB at the end%n",
        JOBS, refused, memoryBefore >> 20, memoryAfter >> 20);
    expect("the queue was full at times", refused > 0);
    expect("memory as before", memoryAfter < memoryBefore + (200L << 20));
    Set<String> complete = having("completed", known.keySet());
    expect("most jobs are finished: " + complete.size(), complete.size() > JOBS / 4);
    for (String id : complete) {
      if (!isWhole(id)) {
        expect(id + " is whole", false);
      }
    }
    try (Stream<Path> files = Files.walk(folder.resolve("videos"))) {
      List<String> odd =
          files
              .filter(Files::isRegularFile)
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.matches("job\\.json|video\\.mp4|(thumbnail|spritesheet)\\.jpg|\\.lock"))
              .toList();
      expect("no half-written file is left: " + odd, odd.isEmpty());
    }
  }

  private String list() throws Exception {
    return send("GET", "/v1/videos?limit=100", "").body();
  }

  private Set<String> having(String status, Set<String> ids) throws Exception {
    Set<String> having = new HashSet<>();
    for (String id : ids) {
      if (field(send("GET", "/v1/videos/" + id, "").body(), "status").equals(status)) {
        having.add(id);
      }
    }
    return having;
  }

  /** The index of an MP4 file comes first, so one with an index and its data's length is whole. */
  private boolean isWhole(String id) throws Exception {
    byte[] file =
        http.send(
                HttpRequest.newBuilder(URI.create(url + "/v1/videos/" + id + "/content")).build(),
                BodyHandlers.ofByteArray())
            .body();
    long end = 0;
    while (end < file.length) {
      if (end + 8 > file.length) {
        return false;
      }
      int at = (int) end;
      end += ((file[at] & 255L) << 24) | ((file[at + 1] & 255) << 16) | ((file[at + 2] & 255) << 8)
          | (file[at + 3] & 255);
    }
    return end == file.length && new String(file, StandardCharsets.ISO_8859_1).contains("moov");
  }

  private long memory() throws IOException {
    Matcher matcher =
        Pattern.compile("RssAnon:\\s+(\\d+) kB")
            .matcher(Files.readString(Path.of("/proc", service.pid() + "", "status")));
    return matcher.find() ? Long.parseLong(matcher.group(1)) << 10 : 0;
  }

  // The page

  private void page() throws Exception {
    try (Browser browser = Browser.start(http, folder.resolve("profile"))) {
      browser.size(1280, 860, false);
      browser.theme("light");
      browser.call("Page.navigate", "{\"url\":\"" + url + "/\"}");
      browser.await("the page knows its model", "document.getElementById('model').textContent");
      picture(browser, "desktop-light-empty");
      expect("the cursor is in the prompt", browser.is("document.activeElement.id === 'prompt'"));
      expect(
          "every field has a label",
          browser.is("[...document.querySelectorAll('input,textarea')].every(e => e.labels.length)"));

      browser.call("Input.insertText", "{\"text\":\"" + PROMPT + "\"}");
      browser.key("Tab", 9, 0);
      expect("Tab leads on", browser.is("document.activeElement.tagName === 'SUMMARY'"));
      browser.key("Tab", 9, 8);
      browser.key("Enter", 13, 2);
      browser.await("a preview is shown", "!document.getElementById('preview').hidden");
      picture(browser, "desktop-light-running");
      browser.await(
          "the video plays",
          "(v => !v.hidden && v.videoWidth === 64 && !v.paused && v.currentTime > 0.1)"
              + "(document.getElementById('video'))");
      expect(
          "the circle is red",
          browser.is(
              "(() => { const c = document.createElement('canvas'); c.width = c.height = 64;"
                  + " const g = c.getContext('2d'); g.drawImage(document.getElementById('video'), 0, 0);"
                  + " const p = g.getImageData(0, 0, 64, 64).data; let n = 0;"
                  + " for (let i = 0; i < p.length; i += 4) n += p[i] > 150 && p[i + 1] < 90;"
                  + " return n > 40; })()"));

      for (String prompt : List.of("a blue square growing", "a yellow triangle moving up on a navy background")) {
        browser.run(
            "document.getElementById('prompt').value = '" + prompt + "';"
                + "document.getElementById('composer').requestSubmit()");
        browser.await(
            "the video of another prompt plays",
            "document.getElementById('title').textContent === '" + prompt + "' &&"
                + " !document.getElementById('video').hidden &&"
                + " document.getElementById('video').currentTime > 0.1");
      }
      picture(browser, "desktop-light");
      browser.run("document.getElementById('fps').value = 500; document.getElementById('prompt').value ="
          + " 'x'; document.getElementById('composer').noValidate = true;"
          + " document.getElementById('composer').requestSubmit()");
      browser.await("a refusal is shown", "!document.getElementById('problem').hidden");
      browser.theme("dark");
      picture(browser, "desktop-dark");
      browser.size(390, 844, true);
      browser.call("Page.reload", "{}");
      browser.await("the history is back", "document.querySelectorAll('#history img').length === 3");
      browser.await("the last video is shown", "!document.getElementById('video').hidden");
      expect(
          "nothing is wider than a phone",
          browser.is("document.documentElement.scrollWidth <= innerWidth"));
      picture(browser, "phone-dark");
      browser.theme("light");
      picture(browser, "phone-light");
      browser.run("scrollTo(0, document.body.scrollHeight)");
      picture(browser, "phone-light-end");
      expect("nothing fails in the page: " + browser.errors, browser.errors.isEmpty());
    }
  }

  private void picture(Browser browser, String name) throws Exception {
    TimeUnit.MILLISECONDS.sleep(300);
    String answer = browser.call("Page.captureScreenshot", "{\"format\":\"png\"}");
    Files.write(
        screenshots.resolve(name + ".png"), Base64.getDecoder().decode(field(answer, "data")));
  }

  /** Chromium, told what to do by the DevTools protocol. */
  private static final class Browser implements AutoCloseable, WebSocket.Listener {
    private static final Pattern ID = Pattern.compile("^\\{\"id\":(\\d+)");
    private static final Pattern TRUE = Pattern.compile("\"value\":true");

    private final Process process;
    private final Map<Integer, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final AtomicInteger lastId = new AtomicInteger();
    private final StringBuilder text = new StringBuilder();
    private WebSocket socket;

    private Browser(Process process) {
      this.process = process;
    }

    static Browser start(HttpClient http, Path profile) throws Exception {
      Files.createDirectories(profile);
      Process process =
          new ProcessBuilder(
                  "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
                  "--no-first-run", "--disable-background-networking", "--disable-component-update",
                  "--disable-sync", "--hide-scrollbars", "--remote-debugging-port=0",
                  "--user-data-dir=" + profile, "about:blank")
              .redirectErrorStream(true)
              .redirectOutput(profile.resolve("log.txt").toFile())
              .start();
      Path port = profile.resolve("DevToolsActivePort");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!Files.exists(port) || Files.readAllLines(port).size() < 2) {
        if (!process.isAlive() || System.nanoTime() > end) {
          throw new IOException("Chromium: " + Files.readString(profile.resolve("log.txt")));
        }
        Thread.sleep(100);
      }
      String targets =
          http.send(
                  HttpRequest.newBuilder(
                          URI.create(
                              "http://127.0.0.1:" + Files.readAllLines(port).get(0) + "/json/list"))
                      .build(),
                  BodyHandlers.ofString())
              .body();
      Matcher page =
          Pattern.compile("\"webSocketDebuggerUrl\":\\s*\"([^\"]*/page/[^\"]*)\"").matcher(targets);
      if (!page.find()) {
        throw new IOException("Chromium shows no page: " + targets);
      }
      Browser browser = new Browser(process);
      browser.socket =
          http.newWebSocketBuilder().buildAsync(URI.create(page.group(1)), browser).join();
      browser.call("Page.enable", "{}");
      browser.call("Runtime.enable", "{}");
      browser.call("Log.enable", "{}");
      return browser;
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        String message = text.toString();
        text.setLength(0);
        Matcher id = ID.matcher(message);
        if (id.find()) {
          answers.remove(Integer.valueOf(id.group(1))).complete(message);
        } else if (message.contains("\"Runtime.exceptionThrown\"")
            || (message.contains("\"Log.entryAdded\"") && message.contains("\"level\":\"error\"")
                && !message.contains("status of 400"))) {
          errors.add(message);
        }
      }
      from.request(1);
      return null;
    }

    String call(String method, String parameters) throws Exception {
      int id = lastId.incrementAndGet();
      CompletableFuture<String> answer = new CompletableFuture<>();
      answers.put(id, answer);
      socket
          .sendText(
              "{\"id\":%d,\"method\":\"%s\",\"params\":%s}".formatted(id, method, parameters), true)
          .join();
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    String run(String script) throws Exception {
      return call(
          "Runtime.evaluate",
          "{\"userGesture\":true,\"returnByValue\":true,\"expression\":\""
              + script.replace("\\", "\\\\").replace("\"", "\\\"")
              + "\"}");
    }

    boolean is(String condition) throws Exception {
      return TRUE.matcher(run("Boolean(" + condition + ")")).find();
    }

    void await(String what, String condition) throws Exception {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!is(condition)) {
        if (System.nanoTime() > end) {
          throw new IOException("Waited in vain: " + what + ", " + run("document.body.innerText"));
        }
        Thread.sleep(50);
      }
      System.out.println("ok    " + what);
    }

    void size(int width, int height, boolean phone) throws Exception {
      call(
          "Emulation.setDeviceMetricsOverride",
          "{\"width\":%d,\"height\":%d,\"deviceScaleFactor\":%d,\"mobile\":%b}"
              .formatted(width, height, phone ? 2 : 1, phone));
    }

    void theme(String name) throws Exception {
      call(
          "Emulation.setEmulatedMedia",
          "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"" + name + "\"}]}");
    }

    void key(String key, int code, int modifiers) throws Exception {
      for (String type : List.of("rawKeyDown", "keyUp")) {
        call(
            "Input.dispatchKeyEvent",
            "{\"type\":\"%s\",\"key\":\"%s\",\"code\":\"%s\",\"windowsVirtualKeyCode\":%d,\"modifiers\":%d}"
                .formatted(type, key, key, code, modifiers));
      }
    }

    @Override
    public void close() throws Exception {
      socket.abort();
      process.destroy();
      process.waitFor();
    }
  }
}
