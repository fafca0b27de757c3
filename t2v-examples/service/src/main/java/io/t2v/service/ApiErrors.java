package io.t2v.service;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import tools.jackson.databind.json.JsonMapper;

/** Answers errors in OpenAI's shape, and says nothing of what is inside. */
@RestControllerAdvice
final class ApiErrors {
  private static final System.Logger LOGGER = System.getLogger(ApiErrors.class.getName());

  private final JsonMapper json;

  ApiErrors(JsonMapper json) {
    this.json = json;
  }

  /**
   * The body of an error.
   *
   * @param error in it
   */
  record Body(Detail error) {}

  /**
   * An error as OpenAI writes it.
   *
   * @param message for people
   * @param type of error
   * @param param that is wrong
   * @param code for programs
   */
  @JsonInclude
  record Detail(String message, String type, @Nullable String param, String code) {}

  private static Body body(HttpStatusCode status, ApiException e) {
    return new Body(
        new Detail(String.valueOf(e.getMessage()), type(status), e.parameter(), e.code()));
  }

  private static String type(HttpStatusCode status) {
    return switch (status.value()) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 429 -> "rate_limit_error";
      default -> status.is4xxClientError() ? "invalid_request_error" : "server_error";
    };
  }

  @ExceptionHandler
  ResponseEntity<Body> answer(ApiException e) {
    ResponseEntity.BodyBuilder response =
        ResponseEntity.status(e.status()).contentType(MediaType.APPLICATION_JSON);
    if (e.retryAfterSeconds() > 0) {
      response.header(HttpHeaders.RETRY_AFTER, Long.toString(e.retryAfterSeconds()));
    }
    return response.body(body(e.status(), e));
  }

  @ExceptionHandler
  ResponseEntity<Body> answer(MaxUploadSizeExceededException e) {
    return answer(tooLarge());
  }

  static ApiException tooLarge() {
    return ApiException.of(
        HttpStatus.CONTENT_TOO_LARGE, "request_too_large", "The body of the request is too large.");
  }

  @ExceptionHandler
  ResponseEntity<Body> answer(MethodArgumentTypeMismatchException e) {
    String expected =
        e.getRequiredType() == int.class
            ? "a whole number of at most nine digits"
            : "another kind of value";
    return answer(VideoParameters.wrong(e.getName(), String.valueOf(e.getValue()), expected));
  }

  @ExceptionHandler
  ResponseEntity<Body> answer(HttpMessageNotReadableException e) {
    return answer(invalidJson());
  }

  static ApiException invalidJson() {
    return ApiException.of(
        HttpStatus.BAD_REQUEST, "invalid_json", "The body is not a JSON object.");
  }

  /** The client has gone: there is nobody to answer. */
  @ExceptionHandler
  void ignore(AsyncRequestNotUsableException e) {}

  @ExceptionHandler
  ResponseEntity<Body> answer(Exception e) {
    if (e instanceof ErrorResponse known && known.getStatusCode().is4xxClientError()) {
      HttpStatus status = HttpStatus.valueOf(known.getStatusCode().value());
      String detail = known.getBody().getDetail();
      return answer(
          ApiException.of(
              status,
              status.name().toLowerCase(Locale.ROOT),
              detail == null ? status.getReasonPhrase() : detail));
    }
    LOGGER.log(System.Logger.Level.ERROR, "A request failed", e);
    return answer(
        ApiException.of(
            HttpStatus.INTERNAL_SERVER_ERROR,
            "internal_error",
            "The service failed; see its log."));
  }

  /** Answers from outside of controllers. */
  void write(HttpServletResponse response, ApiException e) throws IOException {
    response.setStatus(e.status().value());
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.getOutputStream().write(json.writeValueAsBytes(body(e.status(), e)));
  }
}
