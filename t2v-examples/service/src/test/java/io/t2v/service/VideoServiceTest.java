package io.t2v.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.HttpResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.videos.Video;
import com.openai.models.videos.VideoCreateParams;
import com.openai.models.videos.VideoDownloadContentParams;
import com.openai.models.videos.VideoListParams;
import com.openai.models.videos.VideoSeconds;
import com.openai.models.videos.VideoSize;
import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.adapter.Adapter;
import io.t2v.ffmpeg.VideoReader;
import io.t2v.ffmpeg.VideoWriter;
import io.t2v.minimodel.MiniModel;
import io.t2v.spring.LoraChoice;
import io.t2v.spring.VideoGenerator;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The service as clients see it. */
@SuppressWarnings("deprecation") // the API lives on in other servers, and in this client
final class VideoServiceTest {
  private static final String PROMPT = "a red circle moving right";

  /** More than a test waits for: such jobs are cancelled. */
  private static final int ENDLESS = 200;

  @TempDir private static Path folder;
  @TempDir private static Path loras;

  private static RunningService service;

  @BeforeAll
  static void start() throws IOException {
    service =
        RunningService.start(
            folder,
            "--t2v.service.queue-capacity=2",
            "--t2v.loras.motion.path=" + writeLora(loras.resolve("motion.safetensors")),
            "--t2v.loras.motion.scale=0.5");
  }

  /** Of the first convolution, rank 1, in kohya's names: 36 numbers down and 48 up. */
  private static Path writeLora(Path file) throws IOException {
    String down = "{'dtype':'F32','shape':[1,4,3,3],'data_offsets':[0,144]}";
    String up = "{'dtype':'F32','shape':[48,1,1,1],'data_offsets':[144,336]}";
    String names =
        "{'lora_unet_conv_in.lora_down.weight':%s,'lora_unet_conv_in.lora_up.weight':%s}";
    byte[] header = names.formatted(down, up).replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 336).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header);
    while (bytes.hasRemaining()) {
      bytes.putFloat(0.2f);
    }
    return Files.write(file, bytes.array());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void aVideoThatCannotBeWrittenIsNoFailureOfTheStore() throws IOException {
    GenerationRequest request = MiniModel.request(PROMPT).frames(1).steps(1).seed(1).build();
    VideoJob job =
        VideoJob.create(
            "video_" + "f".repeat(32),
            new VideoSettings(PROMPT, "", 64, 64, 1, 8, 1, 9, 1, List.of(), false),
            request,
            service.bean(ResultStore.class),
            Clock.systemUTC(),
            Duration.ofHours(1));
    Files.createDirectories(folder.resolve(job.id()).resolve("video.mp4/not-empty"));
    service.bean(JobRunner.class).run(job);
    assertThat(job.record().error())
        .isEqualTo(
            new JobRecord.JobError(
                "generation_failed", "The video could not be made; see the log."));
  }

  @Test
  void servesTheClientOfOpenAi(@TempDir Path downloads) throws Exception {
    OpenAIClient client = openAiClient();
    try {
      Video created =
          client
              .videos()
              .create(
                  VideoCreateParams.builder()
                      .prompt(PROMPT)
                      .size(VideoSize.of("64x64"))
                      .seconds(VideoSeconds.of("1"))
                      .putAdditionalBodyProperty("seed", JsonValue.from(1))
                      .putAdditionalBodyProperty("num_inference_steps", JsonValue.from(2))
                      .build());
      assertThat(created.status()).isIn(Video.Status.QUEUED, Video.Status.IN_PROGRESS);

      service.await(created.id());
      Video finished = client.videos().retrieve(created.id());
      assertThat(finished.status()).isEqualTo(Video.Status.COMPLETED);
      assertThat(finished.progress()).isEqualTo(100);
      assertThat(finished.seconds().asString()).isEqualTo("1");
      assertThat(finished.size().asString()).isEqualTo("64x64");
      assertThat(finished.prompt()).contains(PROMPT);
      assertThat(finished.expiresAt().orElseThrow()).isGreaterThan(finished.createdAt());

      Path file = downloads.resolve("video.mp4");
      try (HttpResponse content = client.videos().downloadContent(created.id())) {
        Files.copy(content.body(), file);
      }
      io.t2v.Video expected =
          service
              .bean(VideoGenerator.class)
              .generate(MiniModel.request(PROMPT).steps(2).seed(1).build());
      assertThat(Files.readAllBytes(file)).isEqualTo(VideoWriter.mp4().toBytes(expected));
      for (String variant : List.of("thumbnail", "spritesheet")) {
        try (HttpResponse content =
            client
                .videos()
                .downloadContent(
                    created.id(),
                    VideoDownloadContentParams.builder()
                        .variant(VideoDownloadContentParams.Variant.of(variant))
                        .build())) {
          assertThat(ImageIO.read(content.body()).getWidth()).isGreaterThanOrEqualTo(64);
        }
      }

      assertThat(client.videos().list(VideoListParams.builder().limit(1).build()).data())
          .extracting(Video::id)
          .containsExactly(created.id());
      assertThat(client.videos().delete(created.id()).deleted()).isTrue();
      assertThatThrownBy(() -> client.videos().retrieve(created.id()))
          .isInstanceOf(NotFoundException.class);
      assertThat(folder.resolve(created.id())).doesNotExist();
      assertThatThrownBy(
              () -> client.videos().create(VideoCreateParams.builder().prompt(" ").build()))
          .isInstanceOf(BadRequestException.class)
          .hasMessageContaining("prompt is missing or blank");
    } finally {
      client.close();
    }
  }

  @Test
  void generatesWithALoraThatIsChosenByName() throws Exception {
    JsonNode model = RunningService.json(service.get("/v1/models")).at("/data/0");
    assertThat(model.at("/loras/0").asString()).isEqualTo("motion");
    java.net.http.HttpResponse<String> created =
        service.post(
            Map.of(
                "prompt",
                PROMPT,
                "seed",
                1,
                "num_inference_steps",
                2,
                "lora",
                List.of(Map.of("name", "motion", "scale", 2))));
    String id = RunningService.json(created).at("/id").asString();
    JsonNode ended = service.await(id);
    assertThat(ended.at("/lora/0/name").asString()).isEqualTo("motion");
    assertThat(ended.at("/lora/0/scale").asDouble()).isEqualTo(2);
    assertThat(Files.readString(folder.resolve(id).resolve("job.json"))).contains("\"motion\"");

    GenerationRequest request = MiniModel.request(PROMPT).steps(2).seed(1).build();
    Adapter adapter = Adapter.load(loras.resolve("motion.safetensors"));
    byte[] expected;
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().adapter(adapter).build()) {
      expected = VideoWriter.mp4().toBytes(pipeline.generate(request));
    }
    assertThat(
            service
                .send(service.request("/v1/videos/" + id + "/content"), BodyHandlers.ofByteArray())
                .body())
        .isEqualTo(expected)
        .isNotEqualTo(
            VideoWriter.mp4().toBytes(service.bean(VideoGenerator.class).generate(request)));
  }

  @Test
  void refusesLorasThatAreNotConfigured() {
    String file = loras.resolve("motion.safetensors").toString();
    for (Object unknown : List.of("style", file, List.of("motion", "style"))) {
      assertRefused(Map.of("prompt", PROMPT, "lora", unknown), "lora", "expected one of motion");
    }
    assertRefused(
        Map.of("prompt", PROMPT, "lora", List.of("motion", "motion")), "lora", "more than once");
    for (Object wrong : List.of(7, Map.of("name", "motion", "scale", 11), Map.of("path", file))) {
      assertRefused(Map.of("prompt", PROMPT, "lora", wrong), "lora", "a number from -10 to 10");
    }
  }

  @Test
  void sendsPartsOfTheFile() {
    String id = service.create(PROMPT, 1);
    service.await(id);
    String content = "/v1/videos/" + id + "/content";
    byte[] whole = service.send(service.request(content), BodyHandlers.ofByteArray()).body();
    java.net.http.HttpResponse<byte[]> part =
        service.send(
            service.request(content).header("Range", "bytes=4-7"), BodyHandlers.ofByteArray());
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(whole, 4, 8));
    assertThat(part.headers().firstValue("Content-Range")).hasValue("bytes 4-7/" + whole.length);
    assertThat(part.headers().firstValue("Content-Type")).hasValue("video/mp4");
  }

  @Test
  void tellsProgressWithPreviewsAndGoesOnAfterACut() {
    String id = service.create(PROMPT, 12);
    // Two clients; one loses its connection after the first preview, and comes back.
    CompletableFuture<List<RunningService.Event>> other =
        CompletableFuture.supplyAsync(() -> service.events(id, "", event -> false));
    List<RunningService.Event> first =
        service.events(id, "", event -> event.name().equals("preview"));
    RunningService.Event seen = first.get(first.size() - 1);
    List<RunningService.Event> second = service.events(id, seen.id(), event -> false);

    assertThat(seen.data().get("frames").asInt()).isEqualTo(MiniModel.FRAMES);
    assertThat(seen.data().get("image").asString()).startsWith("data:image/png;base64,");
    List<RunningService.Event> all = new ArrayList<>(first);
    all.addAll(second);
    for (List<RunningService.Event> events : List.of(all, other.join())) {
      assertThat(events).extracting(event -> Long.parseLong(event.id())).isSorted();
      assertThat(events).extracting(RunningService.Event::id).doesNotHaveDuplicates();
      assertThat(events.get(events.size() - 1).name()).isEqualTo("completed");
      assertThat(events)
          .filteredOn(event -> event.name().equals("progress"))
          .extracting(event -> event.data().get("progress").asInt())
          .isSorted()
          .allMatch(percent -> percent >= 0 && percent < 100);
    }
    assertThat(service.events(id, "", event -> false))
        .as("to one who comes when all is over")
        .extracting(RunningService.Event::name)
        .endsWith("completed")
        .doesNotContain("preview");
  }

  @Test
  void cancelsQueuedAndRunningJobsAndRefusesWhatDoesNotFitIntoTheQueue() {
    String running = service.create(PROMPT, ENDLESS);
    service.awaitStart(running);
    String second = service.create(PROMPT, ENDLESS);
    String third = service.create(PROMPT, ENDLESS);
    assertThat(service.video(third).get("queue_position").asInt()).isEqualTo(1);

    java.net.http.HttpResponse<String> full = service.post(Map.of("prompt", PROMPT));
    assertThat(full.statusCode()).isEqualTo(429);
    assertThat(Long.parseLong(full.headers().firstValue("Retry-After").orElseThrow())).isPositive();
    assertThat(RunningService.json(full).at("/error/code").asString()).isEqualTo("queue_full");

    cancel(second);
    assertThat(service.video(second).at("/error/code").asString()).isEqualTo("cancelled");
    cancel(running);
    assertThat(service.await(running).at("/error/code").asString()).isEqualTo("cancelled");
    service.send(service.request("/v1/videos/" + third).DELETE());
    assertThat(service.get("/v1/videos/" + third).statusCode()).isEqualTo(404);
    assertThat(service.get("/v1/videos/" + running + "/content").statusCode()).isEqualTo(409);

    String next = service.create(PROMPT, 1);
    assertThat(service.await(next).get("status").asString()).isEqualTo("completed");
    assertThat(service.bean(VideoGenerator.class).running()).isZero();
  }

  /** To be closed. */
  private static OpenAIClient openAiClient() {
    return OpenAIOkHttpClient.builder().baseUrl(service.url() + "/v1").apiKey("none").build();
  }

  private static void cancel(String id) {
    service.send(
        service
            .request("/v1/videos/" + id + "/cancel")
            .POST(java.net.http.HttpRequest.BodyPublishers.noBody()));
  }

  @Test
  void startsFromAPictureOrAVideo(@TempDir Path files) throws Exception {
    byte[] picture = picture();
    java.net.http.HttpResponse<String> fromPicture =
        service.post(
            Map.of(
                "prompt",
                PROMPT,
                "num_inference_steps",
                2,
                "input_reference",
                Map.of(
                    "image_url",
                    "data:image/png;base64," + Base64.getEncoder().encodeToString(picture))));
    String id = RunningService.json(fromPicture).get("id").asString();
    assertThat(service.await(id).get("status").asString()).isEqualTo("completed");
    Path result = files.resolve("result.mp4");
    Files.copy(
        new ByteArrayInputStream(
            service
                .send(service.request("/v1/videos/" + id + "/content"), BodyHandlers.ofByteArray())
                .body()),
        result);
    Color first = new Color(VideoReader.create().read(result).image(0).getRGB(32, 32));
    assertThat(first.getGreen() - first.getRed()).as("green, as the picture").isGreaterThan(40);

    io.t2v.Video start =
        service
            .bean(VideoGenerator.class)
            .generate(GenerationRequest.builder(PROMPT).steps(1).frames(5).size(64, 64).build());
    Path video = files.resolve("start.mp4");
    VideoWriter.mp4().write(start, video);
    OpenAIClient client = openAiClient();
    try {
      Video created =
          client
              .videos()
              .create(
                  VideoCreateParams.builder()
                      .prompt(PROMPT)
                      .inputReference(video)
                      .putAdditionalBodyProperty("strength", JsonValue.from(0.5))
                      .putAdditionalBodyProperty("num_inference_steps", JsonValue.from(2))
                      .build());
      JsonNode ended = service.await(created.id());
      assertThat(ended.get("status").asString()).isEqualTo("completed");
      assertThat(ended.get("num_frames").asInt()).isEqualTo(5);
    } finally {
      client.close();
    }
  }

  @Test
  void everyParameterReachesTheRequestAsJsonOrFromAForm(@TempDir Path files) throws Exception {
    io.t2v.Video start =
        service
            .bean(VideoGenerator.class)
            .generate(GenerationRequest.builder(PROMPT).steps(1).frames(3).size(64, 32).build());
    Path upload = files.resolve("start.mkv");
    VideoWriter.mkv().write(start, upload);
    InputReference reference =
        target -> Files.copy(upload, target, StandardCopyOption.REPLACE_EXISTING);
    Map<String, Object> json =
        Map.ofEntries(
            Map.entry("prompt", PROMPT),
            Map.entry("negative_prompt", "blur"),
            Map.entry("model", "t2v-mini-model"),
            Map.entry("width", 64),
            Map.entry("height", 32),
            Map.entry("num_frames", 3),
            Map.entry("fps", 12.5),
            Map.entry("num_inference_steps", 4),
            Map.entry("guidance_scale", 3.5),
            Map.entry("seed", 7),
            Map.entry("strength", 0.3),
            Map.entry("lora", List.of(Map.of("name", "motion"))));
    Map<String, Object> form =
        Map.ofEntries(
            Map.entry("prompt", PROMPT),
            Map.entry("negative_prompt", "blur"),
            Map.entry("size", "64x32"),
            Map.entry("seconds", "0.24"),
            Map.entry("fps", "12.5"),
            Map.entry("num_inference_steps", "4"),
            Map.entry("guidance_scale", "3.5"),
            Map.entry("seed", "7"),
            Map.entry("strength", "0.3"),
            Map.entry("lora", "motion"));
    for (Map<String, Object> parameters : List.of(json, form)) {
      RequestPlanner.Plan plan =
          service.bean(RequestPlanner.class).plan(new VideoParameters(parameters), reference);
      io.t2v.Video read = plan.request().initVideos().get(0);
      assertThat(read.rgb()).isEqualTo(VideoReader.create().read(upload).rgb());
      assertThat(plan.request())
          .isEqualTo(
              GenerationRequest.builder(PROMPT)
                  .negativePrompt("blur")
                  .size(64, 32)
                  .framesPerSecond(12.5)
                  .steps(4)
                  .guidanceScale(3.5)
                  .seed(7)
                  .initVideo(read)
                  .strength(0.3)
                  .build());
      assertThat(plan.settings())
          .isEqualTo(
              new VideoSettings(
                  PROMPT,
                  "blur",
                  64,
                  32,
                  3,
                  12.5,
                  4,
                  3.5,
                  7,
                  List.of(LoraChoice.of("motion")),
                  true));
    }
  }

  private static byte[] picture() throws IOException {
    BufferedImage image = new BufferedImage(80, 64, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.GREEN);
    graphics.fillRect(0, 0, 80, 64);
    graphics.dispose();
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    return png.toByteArray();
  }

  @Test
  void refusesBadRequestsByName() {
    assertRefused(Map.of("prompt", PROMPT, "steps", 5), "steps", "There is no parameter \"steps\"");
    assertRefused(
        Map.of("prompt", PROMPT, "num_inference_steps", 201),
        "num_inference_steps",
        "expected a whole number from 1 to 200");
    assertRefused(
        Map.of("prompt", PROMPT, "num_frames", "many"), "num_frames", "\"many\", expected a whole");
    assertRefused(Map.of("prompt", PROMPT, "width", 64), "height", "together");
    assertRefused(Map.of("prompt", PROMPT, "size", "64"), "size", "WIDTHxHEIGHT");
    assertRefused(Map.of("prompt", PROMPT, "size", "9000x9000"), "size", "more than the");
    assertRefused(
        Map.of("prompt", PROMPT, "seconds", "1", "num_frames", 8), "seconds", "beside num_frames");
    assertRefused(Map.of("prompt", 7), "prompt", "expected a string");
    assertRefused(Map.of("prompt", "x".repeat(4001)), "prompt", "4001 characters");
    assertRefused(Map.of("prompt", PROMPT, "strength", 0.5), "strength", "input_reference");
    assertRefused(
        Map.of("prompt", PROMPT, "input_reference", Map.of("image_url", "http://localhost/x.png")),
        "input_reference",
        "fetched from nowhere");
    assertRefused(
        Map.of("prompt", PROMPT, "input_reference", Map.of("image_url", "data:;base64,AAAA")),
        "input_reference",
        "input_reference");
    assertThat(message(service.post(Map.of("prompt", PROMPT, "size", "60x64")), 400))
        .contains("60");
    assertThat(message(service.post(Map.of("prompt", PROMPT, "model", "sora-2")), 400))
        .contains("t2v-mini-model");
    assertThat(
            message(
                service.send(
                    service
                        .request("/v1/videos")
                        .header("Content-Type", "application/json")
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofString("{"))),
                400))
        .contains("not a JSON object");
    assertThat(message(service.get("/v1/videos/..%2f..%2fetc"), 400, 404)).isNotNull();
    assertThat(message(service.get("/v1/videos/video_x/content"), 404)).contains("no video");
    assertThat(message(service.get("/v1/videos?limit=0"), 400)).contains("1 to 100");
    for (String limit : List.of("x", "999999999999", "1.5")) {
      java.net.http.HttpResponse<String> refused = service.get("/v1/videos?limit=" + limit);
      assertThat(message(refused, 400))
          .isEqualTo("limit is \"" + limit + "\", expected a whole number of at most nine digits.");
      assertThat(RunningService.json(refused).at("/error/param").asString()).isEqualTo("limit");
    }
    for (String login : List.of("{", "null", "[]", "{}", "")) {
      assertThat(
              message(
                  service.send(
                      service
                          .request("/session")
                          .header("Content-Type", "application/json")
                          .POST(java.net.http.HttpRequest.BodyPublishers.ofString(login))),
                  400,
                  401))
          .as(login)
          .isNotBlank();
    }
    assertThat(message(service.get("/v1/nothing"), 404)).isNotBlank();
    assertThat(
            message(
                service.send(
                    service
                        .request("/v1/videos")
                        .PUT(java.net.http.HttpRequest.BodyPublishers.noBody())),
                405))
        .isNotBlank();
  }

  private static void assertRefused(Map<String, ?> body, String parameter, String text) {
    java.net.http.HttpResponse<String> response = service.post(body);
    assertThat(message(response, 400)).contains(text).doesNotContain(folder.toString());
    assertThat(RunningService.json(response).at("/error/param").asString()).isEqualTo(parameter);
    assertThat(RunningService.json(response).at("/error/type").asString())
        .isEqualTo("invalid_request_error");
  }

  private static String message(java.net.http.HttpResponse<String> response, Integer... statuses) {
    assertThat(response.statusCode()).as(response.body()).isIn((Object[]) statuses);
    return response.body().startsWith("{")
        ? RunningService.json(response).at("/error/message").asString()
        : "";
  }

  @Test
  void keepsOtherSitesOut() {
    java.net.http.HttpRequest.Builder form =
        service
            .request("/v1/videos")
            .header("Content-Type", "multipart/form-data; boundary=x")
            .header("Origin", "https://elsewhere.example")
            .POST(java.net.http.HttpRequest.BodyPublishers.ofString("--x--"));
    assertThat(RunningService.json(service.send(form)).at("/error/code").asString())
        .isEqualTo("other_site");
  }

  @Test
  void showsAPageThatLoadsNothingFromElsewhere() {
    java.net.http.HttpResponse<String> page = service.get("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("<title>").doesNotContain("https://");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'");
    assertThat(RunningService.json(service.get("/v1/models")).at("/data/0/id").asString())
        .isEqualTo("t2v-mini-model");
    assertThat(service.get("/actuator/health/readiness").body()).contains("\"UP\"");
  }
}
