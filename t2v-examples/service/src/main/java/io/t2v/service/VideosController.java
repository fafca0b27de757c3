package io.t2v.service;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** {@code /v1/videos}, as OpenAI's API had it, with events and cancellation added. */
@RestController
@RequestMapping("/v1/videos")
final class VideosController {
  private static final int MAX_PAGE = 100;
  private static final String REFERENCE_URL = InputReference.NAME + "[image_url]";
  private static final TypeReference<Map<String, @Nullable Object>> OBJECT =
      new TypeReference<>() {};

  private final RequestPlanner planner;
  private final VideoJobs jobs;
  private final ResultStore store;
  private final EventStreams streams;
  private final ModelProfile model;
  private final ServiceProperties limits;
  private final JsonMapper json;

  VideosController(
      RequestPlanner planner,
      VideoJobs jobs,
      ResultStore store,
      EventStreams streams,
      ModelProfile model,
      ServiceProperties limits,
      JsonMapper json) {
    this.planner = planner;
    this.jobs = jobs;
    this.store = store;
    this.streams = streams;
    this.model = model;
    this.limits = limits;
    this.json = json;
  }

  /**
   * A page of videos.
   *
   * @param object always {@code list}
   * @param data the videos
   * @param firstId of them
   * @param lastId of them, to go on after
   * @param hasMore whether there are others behind
   */
  record Page(
      String object,
      List<VideoObject> data,
      @JsonProperty("first_id") @Nullable String firstId,
      @JsonProperty("last_id") @Nullable String lastId,
      @JsonProperty("has_more") boolean hasMore) {}

  /**
   * A video that is gone.
   *
   * @param id of it
   * @param object always {@code video.deleted}
   * @param deleted always true
   */
  record Deleted(String id, String object, boolean deleted) {}

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  VideoObject createFromJson(HttpServletRequest request) throws IOException {
    jobs.requireRoom();
    Map<String, @Nullable Object> body = readObject(request);
    body.values().removeIf(value -> value == null);
    Object reference = body.remove(InputReference.NAME);
    return create(body, reference == null ? null : fromJson(reference));
  }

  private Map<String, @Nullable Object> readObject(HttpServletRequest request) throws IOException {
    int limit = (int) Math.min(limits.maxUpload().toBytes(), Integer.MAX_VALUE - 16);
    byte[] body = request.getInputStream().readNBytes(limit + 1);
    if (body.length > limit) {
      throw ApiErrors.tooLarge();
    }
    try {
      Map<String, @Nullable Object> object = json.readValue(body, OBJECT);
      if (object != null) {
        return object;
      }
    } catch (JacksonException e) {
      // Answered below: what the parser says would quote the client's text.
    }
    throw ApiErrors.invalidJson();
  }

  private static InputReference fromJson(Object reference) {
    if (reference instanceof Map<?, ?> fields
        && fields.get("image_url") instanceof String url
        && fields.size() == 1) {
      return InputReference.ofUrl(url);
    }
    throw ApiException.invalid(
        InputReference.NAME,
        "input_reference is a file of a form, or {\"image_url\": \"data:…\"}.");
  }

  @PostMapping(consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  VideoObject createFromForm(MultipartHttpServletRequest request) throws IOException {
    jobs.requireRoom();
    Map<String, Object> fields = new LinkedHashMap<>();
    request
        .getParameterMap()
        .forEach(
            (name, values) -> {
              if (values.length != 1) {
                throw ApiException.invalid(name, name + " is given more than once.");
              }
              fields.put(name, values[0]);
            });
    InputReference reference = null;
    if (fields.remove(REFERENCE_URL) instanceof String url) {
      reference = InputReference.ofUrl(url);
    }
    for (Map.Entry<String, List<MultipartFile>> files : request.getMultiFileMap().entrySet()) {
      if (!files.getKey().equals(InputReference.NAME)
          || files.getValue().size() != 1
          || reference != null) {
        throw ApiException.invalid(
            files.getKey(), "Expected at most one file, and under the name input_reference.");
      }
      reference = InputReference.of(files.getValue().get(0));
    }
    return create(fields, reference);
  }

  private VideoObject create(Map<String, ?> parameters, @Nullable InputReference reference)
      throws IOException {
    RequestPlanner.Plan plan = planner.plan(new VideoParameters(parameters), reference);
    return shown(jobs.create(plan.settings(), plan.request()));
  }

  private VideoObject shown(VideoJob job) {
    return VideoObject.of(job, model.name(), jobs.queuePosition(job));
  }

  @GetMapping
  Page list(
      @RequestParam(defaultValue = "20") int limit,
      @RequestParam(required = false) @Nullable String after,
      @RequestParam(defaultValue = "desc") String order) {
    if (limit < 1 || limit > MAX_PAGE) {
      throw ApiException.invalid("limit", "limit is %s, expected 1 to 100.".formatted(limit));
    }
    if (!List.of("asc", "desc").contains(order)) {
      throw ApiException.invalid("order", "order is neither asc nor desc.");
    }
    List<VideoJob> rest = jobs.list(order.equals("asc"), after);
    List<VideoObject> page = rest.stream().limit(limit).map(this::shown).toList();
    return new Page(
        "list",
        page,
        page.isEmpty() ? null : page.get(0).id(),
        page.isEmpty() ? null : page.get(page.size() - 1).id(),
        rest.size() > page.size());
  }

  @GetMapping("/{id}")
  VideoObject get(@PathVariable String id) {
    return shown(jobs.find(id));
  }

  @PostMapping("/{id}/cancel")
  VideoObject cancel(@PathVariable String id) {
    VideoJob job = jobs.find(id);
    jobs.cancel(job);
    return shown(job);
  }

  @DeleteMapping("/{id}")
  Deleted delete(@PathVariable String id) throws IOException {
    VideoJob job = jobs.find(id);
    jobs.delete(job);
    return new Deleted(job.id(), "video.deleted", true);
  }

  /** Ranges are answered by Spring, which sees that the body is a file. */
  @GetMapping("/{id}/content")
  ResponseEntity<Resource> content(
      @PathVariable String id, @RequestParam(defaultValue = "video") String variant) {
    VideoJob job = jobs.find(id);
    ResultFile file = file(variant);
    if (job.record().status() != JobRecord.Status.COMPLETED) {
      throw ApiException.of(
          HttpStatus.CONFLICT, "not_ready", "The video is not there yet, or could not be made.");
    }
    return ResponseEntity.ok()
        .contentType(file.mediaType())
        .cacheControl(CacheControl.noCache().cachePrivate())
        .eTag("\"" + job.id() + "\"")
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            ContentDisposition.inline()
                .filename(job.id() + "-" + file.fileName())
                .build()
                .toString())
        .body(store.open(job.id(), file));
  }

  private static ResultFile file(String variant) {
    for (ResultFile file : ResultFile.values()) {
      if (file.name().toLowerCase(Locale.ROOT).equals(variant)) {
        return file;
      }
    }
    throw ApiException.invalid("variant", "variant is not one of video, thumbnail, spritesheet.");
  }

  @GetMapping(path = "/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  SseEmitter events(
      @PathVariable String id,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId) {
    long known = 0;
    try {
      known = lastEventId == null ? 0 : Long.parseLong(lastEventId);
    } catch (NumberFormatException e) {
      // Not one of ours: everything is news to this client.
    }
    return streams.open(jobs.find(id).events(), known);
  }
}
